"""Files that a job writes: whole under their own name, or not there at all."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from taceflow.errors import DiskError

_REASONS = {
    errno.ENOSPC: ("no space left on the disk of {place}", "free space, then run again"),
    errno.EDQUOT: ("the quota on the disk of {place} is used up", "free space, then run again"),
    errno.EFBIG: ("the disk of {place} takes no file so large", "use another one, then run again"),
    errno.EROFS: ("the disk of {place} can only be read", "mount it for writing, then run again"),
    errno.EACCES: ("no right to write to {place}", "ask its owner, or choose another folder"),
    errno.EPERM: ("no right to write to {place}", "ask its owner, or choose another folder"),
    errno.ENAMETOOLONG: ("a name too long for the disk of {place}", "choose shorter ids"),
    errno.EIO: ("the disk of {place} fails", "have it checked, then run again"),
}
_ALSO_OF_READING = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.EIO}
"""What may be the fault of another file, unless the error names one where the file was to be."""
_CANNOT_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
"""What shares of some kinds, and folders on them, answer when they are asked to flush."""
_TOLD = re.compile(r"os error (\d+)")
_PROBE = bytes(1 << 20)


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its name only on success.

    Parameters
    ----------
    path : str or Path
        The file to be written; its folder is made if needed.

    Yields
    ------
    Path
        A name in the same folder with the same suffixes, at which nothing lies.

    Raises
    ------
    DiskError
        If the disk is full, or cannot be written to for another reason that its user can mend.
    """
    path = Path(path)
    temporary = path.with_name(f".writing-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        yield temporary
        take_name(temporary, path)
    except Exception as error:
        _raise_for_disk(error, path, temporary)
        raise
    finally:
        # a disk that can only be read refuses this too
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its name only when all its files are there.

    Parameters
    ----------
    path : str or Path
        The folder to be filled; what lies there is replaced.

    Yields
    ------
    Path
        An empty folder.

    Raises
    ------
    DiskError
        As `atomic_path`.
    """
    path = Path(path)
    temporary = path.with_name(f".writing-{path.name}")
    # a job that was killed leaves it
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                _flush(file)
        shutil.rmtree(path, ignore_errors=True)
        temporary.replace(path)
        _flush(path.parent)
    except Exception as error:
        _raise_for_disk(error, path, temporary / "probe")
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def take_name(written: Path, path: Path) -> None:
    """Flush a file to the disk, then give it its name; what was there before is replaced."""
    _flush(written)
    written.replace(path)
    _flush(path.parent)


def disk_error(error: BaseException | str, path: str | Path) -> DiskError | None:
    """Return what its user can mend if the disk is why a file could not be written.

    Parameters
    ----------
    error : BaseException or str
        What was raised, or what another program said.
    path : str or Path
        The file, or the folder, that was to be written.

    Returns
    -------
    DiskError or None
        None if the reason is another one.
    """
    path = Path(path)
    number = _number(error, path.parent)
    if number is None:
        return None
    problem, remedy = _REASONS[number]
    return DiskError(f"{problem.format(place=path.parent)}: {remedy} ({path.name})", number)


def _number(error: BaseException | str | None, folder: Path) -> int | None:
    """Return the system's number of an error that `_REASONS` has, looked for in its causes too."""
    while isinstance(error, BaseException):
        number = getattr(error, "errno", None)
        file = str(getattr(error, "filename", None) or "")
        if number in _REASONS and not (
            number in _ALSO_OF_READING and file and not file.startswith(str(folder))
        ):
            return number
        number = _number_in(str(error))
        if number is not None:
            return number
        error = error.__cause__ or error.__context__
    return _number_in(error or "")


def _number_in(text: str) -> int | None:
    """Look for a number in a text: a library in Rust tells it, other programs tell the words."""
    numbers = {int(one) for one in _TOLD.findall(text)} & _REASONS.keys() - _ALSO_OF_READING
    if numbers:
        return min(numbers)
    return errno.ENOSPC if os.strerror(errno.ENOSPC).lower() in text.lower() else None


def _raise_for_disk(error: Exception, path: Path, probe: Path) -> None:
    """Raise a `DiskError` if the disk is the reason for an error.

    Libraries that write a file may say nothing of why they could not. Whether the disk is full then
    shows when more is written, as long as the half file still takes its room.
    """
    found = disk_error(error, path)
    if found is None:
        try:
            with probe.open("ab") as file:
                file.write(_PROBE)
                os.fsync(file.fileno())
        except OSError as refused:
            found = disk_error(refused, path)
    if found is not None:
        raise found from error


def _flush(file: Path) -> None:
    """Write to the disk what the system still holds: it is only then that some disks are full."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise
    finally:
        os.close(handle)
