"""What SimpleITK does not say of a NIfTI file: it reads as 0 what is cut off and what is NaN."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError

_CHUNK = 1 << 22
_GZIP = b"\x1f\x8b"
_HEADER_BYTES = (348, 540)
_FLOATS = {"16": np.dtype("f4"), "64": np.dtype("f8")}


def check_complete(file: str, image: sitk.Image, where: dict[str, str]) -> None:
    """Refuse a NIfTI file that holds less than its header says.

    Parameters
    ----------
    file : str
        The file that was read; any other format is passed over.
    image : SimpleITK.Image
        What was read, with its header.
    where : dict
        Stage, patient and file for the message.

    Raises
    ------
    ExclusionError
        If the file ends early.
    """
    if not _is_nifti(file, image):
        return
    wanted = int(image.GetMetaData("bitpix")) * image.GetNumberOfPixels() // 8
    wanted += int(float(image.GetMetaData("vox_offset")))
    try:
        held = sum(map(len, _chunks(file)))
    except (EOFError, zlib.error):
        held = 0
    if held < wanted:
        raise ExclusionError("ends early: a part of the file is missing", **where)


def holds_nan(file: str, image: sitk.Image) -> bool:
    """Tell whether a NIfTI file holds NaN.

    Parameters
    ----------
    file : str
        The file that was read; any other format is passed over.
    image : SimpleITK.Image
        What was read, with its header.

    Returns
    -------
    bool
    """
    kind = _FLOATS.get(image.GetMetaData("datatype")) if _is_nifti(file, image) else None
    if kind is None:
        return False
    skip = int(float(image.GetMetaData("vox_offset")))
    order, rest = "", b""
    for chunk in _chunks(file):
        if not order:
            order = "<" if int.from_bytes(chunk[:4], "little") in _HEADER_BYTES else ">"
            chunk = chunk[skip:]
        rest += chunk
        whole = len(rest) // kind.itemsize * kind.itemsize
        if np.isnan(np.frombuffer(rest[:whole], kind.newbyteorder(order))).any():
            return True
        rest = rest[whole:]
    return False


def _is_nifti(file: str, image: sitk.Image) -> bool:
    return file.lower().endswith((".nii", ".nii.gz")) and image.HasMetaDataKey("bitpix")


def _chunks(file: str) -> Iterator[bytes]:
    with (
        Path(file).open("rb") as raw,
        gzip.open(raw) if raw.peek(2).startswith(_GZIP) else raw as opened,
    ):
        yield from iter(lambda: opened.read(_CHUNK), b"")
