"""Whether a NIfTI file is all there: SimpleITK reads what a broken transfer cut off as zeros."""

import gzip
import zlib
from pathlib import Path

import SimpleITK as sitk

from taceflow.errors import ExclusionError

CHUNK = 1 << 22
GZIP = b"\x1f\x8b"


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
    if not file.lower().endswith((".nii", ".nii.gz")) or not image.HasMetaDataKey("bitpix"):
        return
    wanted = int(image.GetMetaData("bitpix")) * image.GetNumberOfPixels() // 8
    wanted += int(float(image.GetMetaData("vox_offset")))
    try:
        with (
            Path(file).open("rb") as raw,
            gzip.open(raw) if raw.peek(2).startswith(GZIP) else raw as opened,
        ):
            held = sum(map(len, iter(lambda: opened.read(CHUNK), b"")))
    except (EOFError, zlib.error):
        held = 0
    if held < wanted:
        raise ExclusionError("ends early: a part of the file is missing", **where)
