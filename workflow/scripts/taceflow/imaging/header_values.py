"""Single values of a DICOM header, however it writes them."""

import hashlib
import io
import math
import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_partial

HEAD_BYTES = 16 * 1024
"""What is read of a file at first; it holds the header of nearly every CT image."""

DAY_S = 86_400

_DIRECTORY_RECORDS = 0x00041220


def read_tags(source: BinaryIO, tags: list, last: int) -> pydicom.Dataset:
    """Read some tags of a file, from its first bytes where they are enough.

    Parameters
    ----------
    source : BinaryIO
        The opened file.
    tags : list of pydicom.tag.BaseTag
        What is read.
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
    try:
        header = read_partial(start, stop_when=is_beyond, specific_tags=tags)
        if len(head) < HEAD_BYTES or start.tell() < HEAD_BYTES:
            return header
    except InvalidDicomError:
        raise
    except Exception:  # cut in the middle of an element, or of a deflated stream
        if len(head) < HEAD_BYTES:
            raise
    source.seek(0)
    return read_partial(source, stop_when=is_beyond, specific_tags=tags)


def opaque_key(original: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a UID."""
    return hashlib.sha256(original.encode()).hexdigest()[:16]


def image_planes(header: pydicom.Dataset) -> Iterator[tuple[list[float], float]]:
    """Yield the normal of the image plane and its place along it in mm, if the header tells."""
    position, cosines = header.get("ImagePositionPatient"), header.get("ImageOrientationPatient")
    if not (position and cosines):
        return
    a, b, c, d, e, f = map(float, cosines)
    normal = [b * f - c * e, c * d - a * f, a * e - b * d]
    length = math.hypot(*normal)
    if length > 0:
        place = sum(float(mm) * part for mm, part in zip(position, normal, strict=True))
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
    moment = str(header.get("AcquisitionDateTime") or "")
    time = seconds_of(header.get("AcquisitionTime") or moment[8:])
    day = day_number(header.get("AcquisitionDate") or moment[:8])
    if time is None or day is None or study_day is None:
        return time
    return time + DAY_S * (day - study_day)


def contrast_delay_s(header: pydicom.Dataset, acquired_s: float | None) -> float | None:
    """Return the seconds from the start of the injection to the acquisition."""
    injected_s = seconds_of(header.get("ContrastBolusStartTime"))
    if acquired_s is None or injected_s is None:
        return None
    # times of day; midnight may lie between them
    return (acquired_s - injected_s + DAY_S / 2) % DAY_S - DAY_S / 2


def day_number(text: str | None) -> int | None:
    """Return the number of the day of YYYYMMDD (or YYYY.MM.DD, of old), None if it is none."""
    try:
        return date.fromisoformat(re.sub(r"\D", "", str(text or ""))).toordinal()
    except ValueError:
        return None


def seconds_of(text: str | None) -> float | None:
    """Return the seconds of HHMMSS.ffffff (or HH:MM:SS, of old), None if it is none."""
    parts = re.match(r"(\d\d):?(\d\d)?:?(\d\d(?:\.\d+)?)?", str(text or "").strip())
    if parts is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    return 3600 * hours + 60 * minutes + seconds


def number_of(header: pydicom.Dataset, keyword: str) -> float | None:
    """Return a value as a number, None if it is absent, several, or no number."""
    try:
        return float(str(header.get(keyword)))
    except ValueError:
        return None


def vector_text(vector: list[float]) -> str:
    """Return a vector's components as text, by which equal ones can be told."""
    # + 0 turns a negative zero into zero
    return " ".join(f"{round(part, 4) + 0.0:.4f}" for part in vector)
