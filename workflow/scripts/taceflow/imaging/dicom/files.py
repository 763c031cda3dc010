"""DICOM files wherever they lie: in folders of any depth, and inside zip archives."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import pydicom

MEMBER = "::"
"""Between the path of a zip archive and the name of a file in it."""

_MEMBER = re.compile(rf"(.*?\.zip){MEMBER}(.*)", re.IGNORECASE | re.DOTALL)

_FIRST_GROUPS = {b"\x02\x00": "little", b"\x08\x00": "little", b"\x00\x08": "big"}
"""With what a data set without preamble begins, and its byte order."""

_LONGEST_FIRST = 1024
"""Bytes of a data set's first element: a group's length, a character set or a UID."""

_DICOM_ROOT = "1.2.840.10008."
"""Begins every SOP class of the standard (PS3.6, annex A)."""

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


def copy_member(location: str, folder: Path) -> str:
    """Copy a file out of a zip archive without holding it in memory.

    Parameters
    ----------
    location : str
        ``archive.zip::name/in/it``.
    folder : Path
        Where to.

    Returns
    -------
    str
        The copy's path; only the last part of its name is kept.
    """
    archive, member = split_location(location)
    copy = folder / Path(member).name
    with _archive(archive).open(member) as packed, copy.open("wb") as target:
        shutil.copyfileobj(packed, target, 1 << 20)
    return str(copy)


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
    from pydicom.errors import InvalidDicomError

    with open_file(location) as opened:
        try:
            return read_object(opened, stop_before_pixels=True, specific_tags=tags)
        except InvalidDicomError:
            return None


def read_object(opened: BinaryIO, **options: Any) -> pydicom.Dataset:
    """Read a DICOM object with preamble or without, as older planning systems write it.

    Parameters
    ----------
    opened : BinaryIO
        The opened file, at its start.
    **options
        Of `pydicom.dcmread`; ``specific_tags`` must hold SOPClassUID.

    Returns
    -------
    pydicom.Dataset
        With the transfer syntax that it was read in.

    Raises
    ------
    pydicom.errors.InvalidDicomError
        If it is no DICOM file.
    """
    # The Snakefile reads locations too, in an environment that may hold Snakemake alone.
    import pydicom

    is_bare = begins_bare(opened.read(8))
    opened.seek(0)
    dataset = pydicom.dcmread(opened, force=is_bare, **options)
    return settle_bare(dataset) if is_bare else dataset


def begins_bare(head: bytes) -> bool:
    """Tell whether bytes may begin a data set: a short element of group 2 or 8.

    Parameters
    ----------
    head : bytes
        The first eight of a file, or more.

    Returns
    -------
    bool
    """
    order = _FIRST_GROUPS.get(head[:2])
    if order is None or len(head) < 8:
        return False
    is_explicit = head[4:6].isalpha() and head[4:6].isupper()
    length = int.from_bytes(head[6:8] if is_explicit else head[4:8], order)
    return length <= _LONGEST_FIRST and length % 2 == 0


def settle_bare(dataset: pydicom.Dataset) -> pydicom.Dataset:
    """Check what was read without a preamble, and give it the transfer syntax of its bytes.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Read with ``force``, SOPClassUID among it.

    Returns
    -------
    pydicom.Dataset
        The same.

    Raises
    ------
    pydicom.errors.InvalidDicomError
        If it has no SOP class: bytes of anything else.
    """
    from pydicom import uid
    from pydicom.errors import InvalidDicomError

    if not str(dataset.get("SOPClassUID") or "").startswith(_DICOM_ROOT):
        raise InvalidDicomError("neither a preamble nor a SOP class")
    if "TransferSyntaxUID" not in dataset.file_meta:
        is_implicit, is_little = dataset.original_encoding
        explicit = uid.ExplicitVRLittleEndian if is_little else uid.ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = (
            uid.ImplicitVRLittleEndian if is_implicit else explicit
        )
    return dataset
