"""Files wherever they lie: in folders of any depth, behind links, and inside zip archives."""

import io
import os
import re
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO

MEMBER = "::"
"""Between the path of a zip archive and the name of a file in it."""

HELD_BYTES = 1 << 26
"""A member of an archive up to this size is held in memory; a larger one is read as it comes."""

_COMPANIONS = (".json", ".txt", ".md", ".csv", ".tsv", ".xml", ".pdf", ".log", ".raw", ".zraw")
"""What lies beside an image: sidecars, notes, and the values of ``.mhd`` and ``.nhdr``."""

_MEMBER = re.compile(rf"(.*?\.zip){MEMBER}(.*)", re.IGNORECASE | re.DOTALL)
_IS_ENCRYPTED = 0x1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def walk(root: Path, unread: Counter[str] | None = None) -> Iterator[Path]:
    """Walk a folder to the bottom, through links; a folder that is met again is not entered again.

    Yields files in order of their names, or the file that `root` is; hidden ones are passed over,
    what could not be read is counted in `unread`.
    """
    unread = Counter() if unread is None else unread
    if root.is_file():
        yield root
        return
    if not root.is_dir():
        unread["pipes or devices"] += 1
        return
    yield from _walk(str(root), unread, set())


def _walk(folder: str, unread: Counter[str], seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        facts = os.stat(folder)
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        unread["folders that cannot be opened"] += 1
        return
    # links may lead back, or to one folder twice
    if (identity := (facts.st_dev, facts.st_ino)) in seen:
        return
    seen.add(identity)
    for entry in entries:
        try:
            if entry.is_dir():
                yield from _walk(entry.path, unread, seen)
            elif entry.name.startswith("."):
                continue
            elif entry.is_file():
                yield Path(entry.path)
            else:
                entry.stat()
                unread["pipes or devices"] += 1
        except OSError:
            unread["links that lead nowhere"] += 1


def list_files(root: Path, unread: Counter[str] | None = None) -> Iterator[str]:
    """List the files of a folder, or of a zip archive, to the bottom.

    Parameters
    ----------
    root : Path
        A folder, a zip archive or a single file.
    unread : collections.Counter, optional
        What could not be read is counted here.

    Yields
    ------
    str
        A path, or ``archive.zip::name/in/it``; hidden files are passed over.

    Raises
    ------
    zipfile.BadZipFile
        If an archive is damaged.
    """
    unread = Counter() if unread is None else unread
    for file in walk(root, unread):
        if file.suffix.lower() != ".zip":
            yield str(file)
            continue
        with zipfile.ZipFile(file) as archive:
            members = sorted(archive.infolist(), key=lambda one: one.filename)
        for member in members:
            if member.is_dir() or Path(member.filename).name.startswith("."):
                continue
            if member.flag_bits & _IS_ENCRYPTED:
                unread["files of a zip archive with a password"] += 1
            elif member.compress_type not in _READABLE:
                unread["files of a zip archive in a compression that Python does not read"] += 1
            else:
                yield f"{file}{MEMBER}{member.filename}"


def lone_file(folder: Path) -> Path | None:
    """Return the file of a folder that holds one, but for what people and programs lay beside it.

    None if there is none or more than one, to the bottom; an archive is one file.
    """
    files = (one for one in walk(folder) if not one.name.lower().endswith(_COMPANIONS))
    found = list(islice(files, 2))
    return found[0] if len(found) == 1 else None


def open_file(location: str) -> BinaryIO:
    """Open what `list_files` found; the caller closes it."""
    archive, member = split_location(location)
    if member is None:
        return Path(location).open("rb")
    opened = _archive(archive)
    if opened.getinfo(member).file_size > HELD_BYTES:
        return opened.open(member)
    return io.BytesIO(opened.read(member))


def size_of(location: str) -> int:
    """Return the size in bytes of what `list_files` found, unpacked."""
    archive, member = split_location(location)
    if member is None:
        return os.stat(archive).st_size
    return _archive(archive).getinfo(member).file_size


def copy_member(location: str, folder: Path) -> str:
    """Copy a file out of a zip archive into a folder, without holding it in memory.

    Only the last part of its name is kept in the copy's path, which is returned.
    """
    archive, member = split_location(location)
    copy = folder / Path(member).name
    with _archive(archive).open(member) as packed, copy.open("wb") as target:
        shutil.copyfileobj(packed, target, 1 << 20)
    return str(copy)


@contextmanager
def on_disk(location: str) -> Iterator[str]:
    """Give the path of what `list_files` found, of a member of an archive that of a copy.

    SimpleITK reads from a disk only.
    """
    if split_location(location)[1] is None:
        yield location
        return
    with tempfile.TemporaryDirectory() as folder:
        yield copy_member(location, Path(folder))


@cache
def _archive(path: str) -> zipfile.ZipFile:
    """Keep an archive open: its list of members is read once, not for every member."""
    return zipfile.ZipFile(path)


def split_location(location: str) -> tuple[str, str | None]:
    """Return the file on disk and, for a zip archive, the name inside it."""
    found = _MEMBER.fullmatch(location)
    return (found[1], found[2]) if found else (location, None)
