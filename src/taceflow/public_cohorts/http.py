"""A file from a web server, whole or not at all: retried, resumed, checked for size and digest."""

import hashlib
import logging
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from taceflow.errors import InputError
from taceflow.files.atomic import disk_error, take_name

_LOG = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 20
_LONGEST_WAIT_S = 60.0
_WORTH_A_RETRY = frozenset({408, 416, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RemoteFile:
    """A file on a web server.

    Attributes
    ----------
    url : str
        Its address.
    size_bytes : int or None
        Its length; None: as the server says.
    md5 : str or None
        Its digest; None: not known beforehand.
    """

    url: str
    size_bytes: int | None = None
    md5: str | None = None


def download_file(
    source: RemoteFile,
    target: Path,
    *,
    attempts: int = 8,
    wait_s: float = 2.0,
    timeout_s: float = 60.0,
) -> None:
    """Fetch a file, or only what is missing of it.

    What has arrived stays in ``<target>.part`` when the line breaks, also over runs. A file that
    is already there whole is not fetched again.

    Parameters
    ----------
    source : RemoteFile
        What is fetched.
    target : Path
        The file to write; its folder is made if needed.
    attempts : int
        How often a broken line is taken up again without a byte of progress.
    wait_s : float
        Before the second attempt; doubled each time, at most a minute.
    timeout_s : float
        Silence after which the line counts as broken.

    Raises
    ------
    InputError
        If the server refuses, all attempts fail, or size or digest is not as expected.
    DiskError
        If the disk is full.
    """
    if target.is_file() and _is_expected(source, target):
        _LOG.info("%s is already here", target.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    failures = 0
    while True:
        before = _size(part)
        try:
            _receive(source, part, timeout_s)
            break
        except (OSError, HTTPException) as error:
            if full := disk_error(error, target):
                raise full from error
            if isinstance(error, HTTPError) and error.code not in _WORTH_A_RETRY:
                raise InputError(
                    f"the server refuses it ({error.code})",
                    file=source.url,
                    remedy=f"Open the address in a browser, save the file as {target}, run again",
                ) from error
            failures = failures + 1 if _size(part) <= before else 1
            if failures >= attempts:
                raise InputError(
                    f"could not be fetched in {attempts} attempts ({type(error).__name__})",
                    file=source.url,
                    remedy="Run again: what has arrived is kept",
                ) from error
            _LOG.warning("%s: the line broke at %d bytes", target.name, _size(part))
            time.sleep(min(wait_s * 2 ** (failures - 1), _LONGEST_WAIT_S))
    if not _is_expected(source, part):
        size = _size(part)
        part.unlink()
        raise InputError(
            f"what arrived ({size} bytes) is not what the source announces",
            file=source.url,
            remedy="Run again; if it stays so, the file at the source has changed",
        )
    take_name(part, target)


def md5_of(path: Path) -> str:
    """Return the MD5 digest of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _receive(source: RemoteFile, part: Path, timeout_s: float) -> None:
    """Append to `part` until the server has no more; raise if it stops before that."""
    have = _size(part)
    if source.size_bytes is not None and have == source.size_bytes:
        return
    headers = {"User-Agent": "taceflow"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with urlopen(Request(source.url, headers=headers), timeout=timeout_s) as response:
            have = have if response.status == 206 else 0
            # None: sent in chunks, of which the last one says that it is
            length = response.headers["Content-Length"]
            total = have + int(length) if length else None
            _append(response, part, have, total)
    except HTTPError as error:
        if error.code == 416:  # more is here than there: start over
            part.unlink(missing_ok=True)
        raise
    if total is not None and _size(part) < total:
        raise ConnectionError(f"{_size(part)} of {total} bytes")


def _append(response: HTTPResponse, part: Path, have: int, total: int | None) -> None:
    name = part.name.removesuffix(".part")
    step = max((total or 0) // 20, _BLOCK_BYTES)
    reported = have
    with part.open("ab" if have else "wb") as file:
        while block := response.read(_BLOCK_BYTES):
            file.write(block)
            have += len(block)
            if have - reported >= step:
                reported = have
                _LOG.info("%s: %d MB of %s", name, have / 1e6, _megabytes(total))


def _megabytes(size_bytes: int | None) -> str:
    return "?" if size_bytes is None else f"{size_bytes / 1e6:.0f}"


def _is_expected(source: RemoteFile, path: Path) -> bool:
    if source.size_bytes is not None and _size(path) != source.size_bytes:
        return False
    return source.md5 is None or md5_of(path) == source.md5


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
