"""Single values of a DICOM header, however it writes them."""

import io
import math
from collections.abc import Iterator
from typing import BinaryIO

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_partial

from taceflow.imaging.dicom.files import begins_bare, settle
from taceflow.imaging.dicom.times import DAY_S, day_number, seconds_of

HEAD_BYTES = 16 * 1024
"""What is read of a file at first; it holds the header of nearly every CT image."""

_DIRECTORY_RECORDS = 0x00041220


def read_tags(source: BinaryIO, tags: list, last: int) -> pydicom.Dataset:
    """Read some tags of a file, from its first bytes where they are enough.

    Parameters
    ----------
    source : BinaryIO
        The opened file.
    tags : list of pydicom.tag.BaseTag
        What is read, SOPClassUID among it.
    last : int
        Where reading stops: the largest of them.

    Returns
    -------
    pydicom.Dataset

    Raises
    ------
    pydicom.errors.InvalidDicomError
        If it is no DICOM file.
    """

    def is_beyond(tag: int, vr: str | None, length: int) -> bool:
        number = int(tag)  # pydicom's tags compare slowly
        # a DICOMDIR's records alone can be thousands
        return number > last or number == _DIRECTORY_RECORDS

    last = int(last)
    source.seek(0)
    head = source.read(HEAD_BYTES)
    start = io.BytesIO(head)
    is_bare = begins_bare(head)

    def read(opened: BinaryIO) -> pydicom.Dataset:
        header = read_partial(opened, stop_when=is_beyond, specific_tags=tags, force=is_bare)
        return settle(header, is_bare=is_bare)

    try:
        header = read(start)
        if len(head) < HEAD_BYTES or start.tell() < HEAD_BYTES:
            return header
    except InvalidDicomError:
        raise
    except Exception:  # cut in the middle of an element, or of a deflated stream
        if len(head) < HEAD_BYTES:
            raise
    source.seek(0)
    return read(source)


def text_of(header: pydicom.Dataset, keyword: str) -> str:
    """Return a UID, number, date, time or code as the file writes it, "" if it is absent.

    Twice as fast as a header's attributes, which become objects of their own; not for free text,
    whose bytes mean what SpecificCharacterSet says.
    """
    element = header.get_item(keyword)
    if element is None or element.value is None:
        return ""
    if isinstance(element.value, bytes):
        return element.value.decode("ascii", "replace").strip(" \0")
    return str(element.value)


def numbers_of(header: pydicom.Dataset, keyword: str) -> list[float]:
    """Return the numbers of a value, none if it is absent or holds anything else."""
    try:
        numbers = [float(part) for part in text_of(header, keyword).split("\\")]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def integer_of(header: pydicom.Dataset, keyword: str) -> int | None:
    """Return a value as an integer (VR IS, at most 31 bits), None if it is none or several."""
    numbers = numbers_of(header, keyword)
    if len(numbers) != 1 or not numbers[0].is_integer() or abs(numbers[0]) >= 2**31:
        return None
    return int(numbers[0])


def size_of(header: pydicom.Dataset, keyword: str) -> int | None:
    """Return a count of pixels, None if it is absent or none."""
    value = header.get(keyword)
    return value if isinstance(value, int) and value > 0 else None


def referenced_series(header: pydicom.Dataset) -> list[pydicom.Dataset]:
    """Return the items that name the series to which a DICOM-SEG or an RTSTRUCT refers.

    They stand in the sequences of PS3.3 C.12.1.1.1 (SEG) and C.8.8.5 (RTSTRUCT).
    """
    items = list(header.get("ReferencedSeriesSequence") or [])
    for frame in header.get("ReferencedFrameOfReferenceSequence") or []:
        for study in frame.get("RTReferencedStudySequence") or []:
            items += study.get("RTReferencedSeriesSequence") or []
    return items


def image_planes(header: pydicom.Dataset) -> Iterator[tuple[list[float], float]]:
    """Yield the normal of the image plane and its place along it in mm, if the header tells."""
    position = numbers_of(header, "ImagePositionPatient")
    cosines = numbers_of(header, "ImageOrientationPatient")
    if len(position) != 3 or len(cosines) != 6:
        return
    a, b, c, d, e, f = cosines
    normal = [b * f - c * e, c * d - a * f, a * e - b * d]
    length = math.hypot(*normal)
    if length > 0:
        place = sum(mm * part for mm, part in zip(position, normal, strict=True))
        yield [part / length for part in normal], place / length


def frame_groups(header: pydicom.Dataset, frame: pydicom.Dataset) -> pydicom.Dataset:
    """Return the facts of one frame of an enhanced image as a classic image would hold them."""
    found = pydicom.Dataset()
    for groups in (*header.get("SharedFunctionalGroupsSequence", []), frame):
        for name in ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence"):
            for item in groups.get(name, []):
                found.update(item)
    return found


def acquisition_time_s(header: pydicom.Dataset, study_day: int | None) -> float | None:
    """Return when the image was acquired, in seconds after midnight of the study's day."""
    moment = text_of(header, "AcquisitionDateTime")
    time = seconds_of(text_of(header, "AcquisitionTime") or moment[8:])
    day = day_number(text_of(header, "AcquisitionDate") or moment[:8])
    if time is None or day is None or study_day is None:
        return time
    return time + DAY_S * (day - study_day)


def vector_text(vector: list[float]) -> str:
    """Return a vector's components as text, by which equal ones can be told."""
    # + 0 turns a negative zero into zero
    return " ".join(f"{round(part, 4) + 0.0:.4f}" for part in vector)
