"""CT images of any kind as slices: one file of classic CT each, or one frame of enhanced CT."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydicom import DataElement, Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
)

from taceflow.imaging.dicom.files import HEADER_TAGS, class_of, read_header
from taceflow.imaging.dicom.times import DAY_S, day_number, seconds_of
from taceflow.imaging.dicom.unused_files import SHARED_PLACE, UnusedFiles

STAGE = "imaging"

CT_CLASSES = (CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)

_RESCALE_TAGS = ["RescaleSlope", "RescaleIntercept", "RescaleType"]

_ENHANCED_TAGS = [
    "ContrastBolusAgentSequence",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]

_NEEDED = {
    *("SOPClassUID", "SeriesInstanceUID", "Rows", "Columns", "NumberOfFrames", "PixelSpacing"),
    *("ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
}
"""Without which, if it is corrupt, there is no volume."""

_FRAME_KEYWORDS = {
    "FrameType": "ImageType",
    "FrameAcquisitionNumber": "AcquisitionNumber",
    "TemporalPositionIndex": "TemporalPositionIdentifier",
    "XRayTubeCurrentInmA": "XRayTubeCurrent",
}
"""What enhanced CT calls the facts of classic CT."""


@dataclass(frozen=True)
class Slice:
    """One CT image and its header facts, which stay in memory.

    Attributes
    ----------
    location : str
        File, from `taceflow.files.locations.list_files`.
    frame : int or None
        Place in a multi-frame file, from 0; None for a file of one image.
    header : pydicom.Dataset
        Facts under the keywords of classic CT, also for a frame of enhanced CT.
    """

    location: str
    frame: int | None
    header: Dataset

    @property
    def position_mm(self) -> np.ndarray:
        """Position of the first voxel, LPS, shape (3,)."""
        return np.asarray(self.header.ImagePositionPatient, dtype=float)

    @property
    def orientation(self) -> np.ndarray:
        """Row and column directions, shape (6,)."""
        return np.asarray(self.header.ImageOrientationPatient, dtype=float)

    @property
    def is_localizer(self) -> bool:
        """Whether it is a projection for planning the scan."""
        return "LOCALIZER" in (self.header.get("ImageType") or ())

    @property
    def is_placed(self) -> bool:
        """Whether position and orientation are there and are numbers."""
        try:
            numbers = np.concatenate([self.position_mm, self.orientation])
        except (AttributeError, TypeError, ValueError):
            return False
        return numbers.shape == (9,) and bool(np.isfinite(numbers).all())

    def moment(self, kind: str) -> float:
        """Return the time of "Acquisition" or "Content" in seconds; infinite if it is not known."""
        day = day_number(str(self.header.get(f"{kind}Date") or ""))
        time_s = seconds_of(str(self.header.get(f"{kind}Time") or ""))
        return np.inf if time_s is None else DAY_S * (day or 0) + time_s

    def number(self, keyword: str) -> float:
        """Return a number of the header; infinite if it is not there."""
        try:
            return float(self.header.get(keyword))
        except (TypeError, ValueError):
            return np.inf


def read_slices(location: str, unused: UnusedFiles) -> Iterator[Slice]:
    """Read the header of a file.

    Parameters
    ----------
    location : str
        From `taceflow.files.locations.list_files`.
    unused : UnusedFiles
        Where a file that is no CT image is counted.

    Yields
    ------
    Slice
        One for a classic CT image, one for each frame of an enhanced one; nothing for other files.

    Raises
    ------
    Exception
        Of many kinds, by pydicom, if the header is corrupt.
    """
    header = read_header(location, [*HEADER_TAGS, "ContentDate", *_RESCALE_TAGS, *_ENHANCED_TAGS])
    if header is None:
        unused.count_no_dicom(location)
        return
    if (kind := class_of(header)) not in CT_CLASSES:
        unused.count_object(header)
        return
    _decode_values(header)
    if "Rows" not in header:
        raise ValueError("the file ends before its pixels")
    if kind == CTImageStorage:
        if (header.get("NumberOfFrames") or 1) > 1:
            unused.other[SHARED_PLACE] += 1
            return
        _settle_time(header, header.get("AcquisitionDateTime"))
        yield Slice(location, None, header)
        return
    shared = (header.get("SharedFunctionalGroupsSequence") or [Dataset()])[0]
    for number, group in enumerate(header.get("PerFrameFunctionalGroupsSequence") or []):
        yield Slice(location, number, _frame_header(header, shared, group))


def _decode_values(header: Dataset) -> None:
    """Decode each value now, so that a corrupt one fails here and nowhere else.

    A decimal comma is read as the point (PS3.5, 6.2 knows no comma in a number); a value that is
    not needed for the volume and cannot be decoded counts as missing.
    """
    for tag in list(header.keys()):
        try:
            element = header[tag]
        except Exception:  # of many kinds, by pydicom
            if keyword_for_tag(tag) in _NEEDED:
                raise
            del header[tag]
            continue
        if element.VR == "DS" and "," in str(element.value):
            _put_points(element)


def _put_points(element: DataElement) -> None:
    """Write points for the commas, if that makes numbers; pydicom keeps as text what makes none."""
    values = element.value if element.VM > 1 else [element.value]
    try:
        element.value = [float(str(value).replace(",", ".")) for value in values]
    except ValueError:
        return


def _frame_header(header: Dataset, shared: Dataset, group: Dataset) -> Dataset:
    """Return a frame's facts as classic CT names them."""
    flat = Dataset()
    for keyword in (*HEADER_TAGS, *_RESCALE_TAGS):
        if keyword in header:
            setattr(flat, keyword, header[keyword].value)
    for agent in _items(header, "ContrastBolusAgentSequence"):
        flat.ContrastBolusAgent = str(agent.get("CodeMeaning") or "")
        for profile in _items(agent, "ContrastAdministrationProfileSequence"):
            _copy(profile, flat)
    for groups in (shared, group):
        for element in groups:
            if element.VR == "SQ" and element.value:
                _copy(element.value[0], flat, renew=not element.keyword.startswith("Unassigned"))
    _settle_time(flat, flat.get("AcquisitionDateTime"))
    return flat


def _copy(item: Dataset, flat: Dataset, *, renew: bool = True) -> None:
    """Copy the facts that are needed from a functional group, over older ones if `renew`."""
    for element in item:
        keyword = _FRAME_KEYWORDS.get(element.keyword, element.keyword)
        wanted = keyword in HEADER_TAGS or keyword in _RESCALE_TAGS
        if wanted and (renew or keyword not in flat):
            setattr(flat, keyword, element.value)
    _settle_time(flat, item.get("FrameAcquisitionDateTime"))


def _settle_time(header: Dataset, moment: str | None) -> None:
    """Set date and time of acquisition from a DICOM date-time, where they are missing."""
    if moment and not header.get("AcquisitionTime"):
        local = str(moment).partition("+")[0].partition("-")[0]
        header.AcquisitionDate, header.AcquisitionTime = local[:8], local[8:]


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    return list(dataset.get(keyword) or [])
