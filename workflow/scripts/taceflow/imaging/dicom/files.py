"""DICOM files wherever they lie: in folders of any depth, and inside zip archives."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import pydicom

MEMBER = "::"
"""Between the path of a zip archive and the name of a file in it."""

_MEMBER = re.compile(rf"(.*?\.zip){MEMBER}(.*)", re.IGNORECASE | re.DOTALL)

HEADER_TAGS = [
    "SOPClassUID",
    "SOPInstanceUID",
    "ImageType",
    "PatientID",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SeriesDescription",
    "SeriesTime",
    "Modality",
    "Manufacturer",
    "FrameOfReferenceUID",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "InstanceNumber",
    "AcquisitionNumber",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "ContentTime",
    "TemporalPositionIdentifier",
    "ContrastBolusAgent",
    "ContrastBolusStartTime",
    "GantryDetectorTilt",
    "ConvolutionKernel",
    "SliceThickness",
    "KVP",
    "XRayTubeCurrent",
    "ReconstructionDiameter",
]
"""What is read of a CT image without its pixels; what identifies a person stays in memory."""


def list_files(root: Path) -> Iterator[str]:
    """Walk a folder, or a zip archive, to the bottom.

    Parameters
    ----------
    root : Path
        A folder, a zip archive or a single file.

    Yields
    ------
    str
        A path, or ``archive.zip::name/in/it``; hidden files are passed over.
    """
    files = sorted(root.rglob("*")) if root.is_dir() else [root]
    for file in files:
        if file.name.startswith(".") or not file.is_file():
            continue
        if file.suffix.lower() != ".zip":
            yield str(file)
            continue
        with zipfile.ZipFile(file) as archive:
            for member in sorted(archive.infolist(), key=lambda one: one.filename):
                if not member.is_dir() and not Path(member.filename).name.startswith("."):
                    yield f"{file}{MEMBER}{member.filename}"


def open_file(location: str) -> BinaryIO:
    """Open what `list_files` found.

    Parameters
    ----------
    location : str
        A path, or ``archive.zip::name/in/it``.

    Returns
    -------
    BinaryIO
        To be closed by the caller; a member of an archive is held in memory.
    """
    archive, member = split_location(location)
    if member is None:
        return Path(location).open("rb")
    return io.BytesIO(_archive(archive).read(member))


@cache
def _archive(path: str) -> zipfile.ZipFile:
    """Keep an archive open: its list of members is read once, not for every member."""
    return zipfile.ZipFile(path)


def split_location(location: str) -> tuple[str, str | None]:
    """Return the file on disk and, for a zip archive, the name inside it."""
    found = _MEMBER.fullmatch(location)
    return (found[1], found[2]) if found else (location, None)


def read_header(location: str, tags: list[str] = HEADER_TAGS) -> pydicom.Dataset | None:
    """Read the header of a file.

    Parameters
    ----------
    location : str
        From `list_files`.
    tags : list of str
        Keywords of what is read.

    Returns
    -------
    pydicom.Dataset or None
        None if the file is no DICOM file.
    """
    # The Snakefile reads locations too, in an environment that may hold Snakemake alone.
    import pydicom
    from pydicom.errors import InvalidDicomError

    with open_file(location) as opened:
        try:
            return pydicom.dcmread(opened, stop_before_pixels=True, specific_tags=tags)
        except InvalidDicomError:
            return None
