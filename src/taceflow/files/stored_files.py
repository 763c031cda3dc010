"""The run's own files, read back: one that is cut, changed, empty or missing is one error."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from taceflow.errors import DamagedFileError, TaceflowError

if TYPE_CHECKING:
    import pandas as pd

_MARK = b"footer's crc32: "


@contextmanager
def reading(path: str | Path, *, output: str | Path | None = None) -> Iterator[None]:
    """Name what is wrong with a file of the run, whatever the library that reads it says.

    Parameters
    ----------
    path : str or Path
        The file.
    output : str or Path, optional
        What to delete, so that its job makes it again: the file, unless a folder is its output.

    Raises
    ------
    DamagedFileError
        For any error of a library.
    """
    try:
        yield
    except TaceflowError:
        raise
    except Exception as error:  # readers of files name no closed set of errors for a damaged one
        raise damaged(path, "is cut or damaged", output=output) from error


def damaged(
    path: str | Path, problem: str, *, output: str | Path | None = None
) -> DamagedFileError:
    """Return the error of a file that is not what the run wrote.

    Parameters
    ----------
    path, output
        As for `reading`.
    problem : str
        What is wrong, unless the file is missing or empty.
    """
    path, output = Path(path), Path(output or path)
    remedy = f"Delete the {'folder' if output.is_dir() else 'file'} {output} and run again"
    if not path.exists():
        problem = "is missing"
        remedy = remedy if output.exists() else "Run again"
    elif path.is_file() and path.stat().st_size == 0:
        problem = "is empty"
    return DamagedFileError(f"a file of this run {problem}", file=str(path), remedy=remedy)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a parquet file with a checksum of each page, and one of the footer before it.

    The format has checksums of pages alone, and leaves what lies between them and the footer to the
    writer: no reader looks there. The index is not written.
    """
    frame.to_parquet(path, index=False, write_page_checksum=True)
    with path.open("r+b") as file:
        footer = _footer(file)
        file.seek(-len(footer), os.SEEK_END)
        file.write(_checksum(footer) + footer)


def read_parquet(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a parquet file, or some columns of it, against its checksums, as far as it has any.

    Raises
    ------
    DamagedFileError
        If it is cut, changed, empty or missing.
    """
    import pandas as pd  # by whom a table is read: a volume's reader takes this module too

    with reading(path):
        with Path(path).open("rb") as file:
            footer = _footer(file)
            expected = _checksum(footer)
            file.seek(-len(footer) - len(expected), os.SEEK_END)
            found = file.read(len(expected))
        if found.startswith(_MARK) and found != expected:
            raise damaged(path, "is cut or damaged")
        return pd.read_parquet(path, columns=columns, page_checksum_verification=True)


def _footer(file: BinaryIO) -> bytes:
    """Return what ends a parquet file: its metadata, their length, and four letters."""
    file.seek(-8, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")
    file.seek(-8 - length, os.SEEK_END)
    return file.read()


def _checksum(footer: bytes) -> bytes:
    return _MARK + zlib.crc32(footer).to_bytes(4, "little")
