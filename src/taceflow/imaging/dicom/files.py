"""Headers and objects of DICOM files, with preamble or without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from taceflow.files.locations import open_file

if TYPE_CHECKING:
    import pydicom

_FIRST_GROUPS = {b"\x02\x00": "little", b"\x08\x00": "little", b"\x00\x08": "big"}
"""With what a data set without preamble begins, and its byte order."""

_LONGEST_FIRST = 1024
"""Bytes of a data set's first element: a group's length, a character set or a UID."""

_PREAMBLE_BYTES = 132
"""No DICOM file with a preamble is shorter."""

_DICOM_ROOT = "1.2.840.10008."
"""Begins every SOP class of the standard (PS3.6, annex A)."""

HEADER_TAGS = [
    "SOPClassUID",
    "SOPInstanceUID",
    "ImageType",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
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
    "ImagesInAcquisition",
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
    "PhotometricInterpretation",
    "KVP",
    "XRayTubeCurrent",
    "ReconstructionDiameter",
]
"""What is read of a CT image without its pixels; what identifies a person stays in memory."""


def read_header(location: str, tags: list[str] = HEADER_TAGS) -> pydicom.Dataset | None:
    """Return some tags of the header of what `list_files` found, None if it is no DICOM file."""
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
    return settle(dataset, is_bare=is_bare)


def begins_bare(head: bytes) -> bool:
    """Tell whether a file's first bytes, eight or more, begin a data set: a short element."""
    order = _FIRST_GROUPS.get(head[:2])
    if order is None or len(head) < 8:
        return False
    is_explicit = head[4:6].isalpha() and head[4:6].isupper()
    length = int.from_bytes(head[6:8] if is_explicit else head[4:8], order)
    return length <= _LONGEST_FIRST and length % 2 == 0


def is_cut(opened: BinaryIO) -> bool:
    """Tell whether a file ends within a DICOM preamble, which is zeros; a short text does not."""
    head = opened.read(_PREAMBLE_BYTES)
    return len(head) < _PREAMBLE_BYTES and (not head or b"\0" in head)


def class_of(header: pydicom.Dataset) -> str:
    """Return an object's SOP class, "" if nothing tells it.

    Some programs write words for the UID, or nothing: the file meta information and the modality
    are asked too.
    """
    from pydicom.uid import CTImageStorage

    for named in (header.get("SOPClassUID"), header.file_meta.get("MediaStorageSOPClassUID")):
        if named and re.fullmatch(r"[0-9.]+", str(named)):
            return str(named)
    return CTImageStorage if header.get("Modality") == "CT" else ""


def settle(dataset: pydicom.Dataset, *, is_bare: bool) -> pydicom.Dataset:
    """Give a data set that names no transfer syntax that of its bytes; return it.

    Raises
    ------
    pydicom.errors.InvalidDicomError
        If it was read without a preamble and has no SOP class: bytes of anything else.
    """
    from pydicom import uid
    from pydicom.errors import InvalidDicomError

    if is_bare and not str(dataset.get("SOPClassUID") or "").startswith(_DICOM_ROOT):
        raise InvalidDicomError("neither a preamble nor a SOP class")
    if not dataset.file_meta.get("TransferSyntaxUID"):
        is_implicit, is_little = dataset.original_encoding
        explicit = uid.ExplicitVRLittleEndian if is_little else uid.ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = (
            uid.ImplicitVRLittleEndian if is_implicit else explicit
        )
    return dataset
