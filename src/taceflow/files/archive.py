"""The bundle as a folder and as one file: sealed, and opened only if no byte has changed.

The folder holds ``SHA256SUMS``, as ``sha256sum -c`` reads it. The archive is a zip whose comment is
the digest of all bytes before it: a zip has checksums of its files, and none of itself.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from taceflow.errors import InputError
from taceflow.files.atomic import atomic_folder, atomic_path

SUMS = "SHA256SUMS"

_NAME = re.compile(r"[a-z0-9_]+\.[a-z0-9]+")
_LINE = re.compile(rf"([0-9a-f]{{64}})  ({_NAME.pattern})\n")
_DIGITS = 64
_MOST_BYTES = 400 << 20
_LEFT_BY_SNAKEMAKE = ".snakemake_timestamp"
_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in the archive: the same content is the same archive."""

_REMEDY = "Fetch it again from where it was made"
_REMEDY_FOR_MORE = "Take that out of the folder, or name the zip that was unpacked"


def write_bundle(files: Mapping[str, bytes], folder: str, archive: str) -> None:
    """Write the files of a bundle as a folder and as a zip, both sealed.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by name.
    folder, archive : str
        To be written.

    Raises
    ------
    ValueError
        If a name is none of a bundle.
    """
    if strange := [name for name in files if not _NAME.fullmatch(name)]:
        raise ValueError(f"no names of a bundle's files: {strange}")
    sealed = {name: files[name] for name in sorted(files)}
    sealed[SUMS] = sums_of(sealed)
    with atomic_folder(folder) as made:
        for name, content in sealed.items():
            (made / name).write_bytes(content)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in sealed.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            # not packed: another zlib would make other bytes, and weights do not shrink
            opened.writestr(entry, content)
        opened.comment = b"0" * _DIGITS
    content = packed.getvalue()[:-_DIGITS]
    with atomic_path(archive) as temporary:
        temporary.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


def read_bundle(path: str | Path, *, texts_only: bool = False) -> dict[str, bytes]:
    """Read a bundle, if it is whole.

    Parameters
    ----------
    path : str or Path
        The zip, or its folder.
    texts_only : bool
        Leave out the weights, which are most of it: read in milliseconds, whoever has read the
        whole once.

    Returns
    -------
    dict of str to bytes
        Content by name, b"" of weights that were left out; what it means is not looked at.

    Raises
    ------
    InputError
        If it is none, or a byte of it has changed.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("the bundle does not exist", file=str(path), remedy="Correct the path")
    of_path = _files_of_folder if path.is_dir() else _files_of_archive
    files = of_path(path, texts_only)
    sums = files.pop(SUMS, None)
    if not sums:
        raise _no_bundle(path)
    listed = {name: digest for digest, name in _LINE.findall(sums.decode("ascii", "replace"))}
    found = {
        name: listed.get(name, "")
        if texts_only and _is_weights(name)
        else hashlib.sha256(content).hexdigest()
        for name, content in files.items()
    }
    more = sorted({*found} - {*listed})
    changed = sorted(name for name in listed if found.get(name) != listed[name])
    if more or changed or sums != _sum_lines(found):
        told = [f"{', '.join(changed) or SUMS} changed"] if changed or not more else []
        told += [f"{', '.join(more)} is none of its files"] if more else []
        raise InputError(
            f"the bundle is not what was written: {'; '.join(told)}",
            file=str(path),
            remedy=_REMEDY if changed or not path.is_dir() else _REMEDY_FOR_MORE,
        )
    return files


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """Return what ``SHA256SUMS`` holds of these files."""
    return _sum_lines(
        {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    )


def _no_bundle(path: Path) -> InputError:
    remedy = f"Name the zip, or the folder in which {SUMS} lies" if path.is_dir() else _REMEDY
    return InputError(f"this is no bundle: it has no {SUMS}", file=str(path), remedy=remedy)


def _sum_lines(digests: Mapping[str, str]) -> bytes:
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def _is_weights(name: str) -> bool:
    return name.endswith(".safetensors")


def _files_of_folder(folder: Path, texts_only: bool) -> dict[str, bytes]:
    found = [path for path in sorted(folder.iterdir()) if not _is_snakemakes(path)]
    if SUMS not in [path.name for path in found]:
        raise _no_bundle(folder)
    others = [path.name for path in found if path.is_symlink() or not path.is_file()]
    if others:
        raise InputError(
            f"the bundle holds what is no file: {', '.join(others)}",
            file=str(folder),
            remedy=_REMEDY_FOR_MORE,
        )
    return {
        path.name: b"" if texts_only and _is_weights(path.name) else path.read_bytes()
        for path in found
    }


def _is_snakemakes(path: Path) -> bool:
    is_plain = path.is_file() and not path.is_symlink()
    return path.name == _LEFT_BY_SNAKEMAKE and is_plain and path.stat().st_size == 0


def _files_of_archive(path: Path, texts_only: bool) -> dict[str, bytes]:
    if not zipfile.is_zipfile(path):
        raise InputError("the file is no bundle", file=str(path), remedy=_REMEDY)
    if not texts_only:
        content = path.read_bytes()
        if hashlib.sha256(content[:-_DIGITS]).hexdigest().encode() != content[-_DIGITS:]:
            raise InputError(
                "the file is not what was written: a byte has changed, or it is cut",
                file=str(path),
                remedy=_REMEDY,
            )
    try:
        with zipfile.ZipFile(path) as opened:
            entries = opened.infolist()
            names = [entry.filename for entry in entries]
            strange = [name for name in names if name != SUMS and not _NAME.fullmatch(name)]
            packed = [entry for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
            strange += [entry.filename for entry in packed]
            if not strange and len(set(names)) == len(names) and _size(entries) <= _MOST_BYTES:
                return {
                    name: b"" if texts_only and _is_weights(name) else opened.read(name)
                    for name in names
                }
    # what a zip of another program's may have: a password, a wrong checksum, size or place
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        pass
    raise InputError("the file is no bundle", file=str(path), remedy=_REMEDY)


def _size(entries: list[zipfile.ZipInfo]) -> int:
    return sum(entry.file_size for entry in entries)
