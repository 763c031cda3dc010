"""What the catalogue keeps of a file: facts from its header, nothing that identifies a person."""

from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

import pydicom
from pydicom import uid
from pydicom.errors import InvalidDicomError
from pydicom.tag import Tag

from taceflow.imaging.catalogue.header_values import (
    acquisition_time_s,
    frame_groups,
    image_planes,
    integer_of,
    numbers_of,
    read_tags,
    referenced_series,
    size_of,
    text_of,
    vector_text,
)
from taceflow.imaging.dicom.deidentification import NAMING_TAGS, opaque_key, scrub_description
from taceflow.imaging.dicom.files import class_of, is_cut
from taceflow.imaging.dicom.image_type import image_type
from taceflow.imaging.dicom.times import contrast_delay_s, day_number, seconds_of

_ENHANCED_CT = {uid.EnhancedCTImageStorage, uid.LegacyConvertedEnhancedCTImageStorage}
_KINDS = {
    uid.CTImageStorage: "ct",
    **dict.fromkeys(_ENHANCED_CT, "ct"),
    uid.SegmentationStorage: "segmentation",
    "1.2.840.10008.5.1.4.1.1.66.7": "segmentation",  # label map
    uid.RTStructureSetStorage: "structure_set",
    uid.SecondaryCaptureImageStorage: "secondary_capture",
    uid.MultiFrameSingleBitSecondaryCaptureImageStorage: "secondary_capture",
    uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage: "secondary_capture",
    uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage: "secondary_capture",
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage: "secondary_capture",
}

# Tags ready-made: pydicom would look up each name again for every file.
_TAGS = [
    Tag(keyword)
    for keyword in (
        *("SpecificCharacterSet", "ImageType", "SOPClassUID", "SOPInstanceUID", "PatientID"),
        *("StudyInstanceUID", "StudyDate", "StudyTime", "SeriesInstanceUID", "SeriesNumber"),
        *("SeriesDescription", "Modality", "FrameOfReferenceUID", "ReferencedSeriesSequence"),
        *("AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime", "AcquisitionNumber"),
        *("TemporalPositionIdentifier", "ContrastBolusAgent", "ContrastBolusAgentSequence"),
        *("ContrastBolusStartTime", "ImagePositionPatient", "ImageOrientationPatient"),
        *("PixelSpacing", "Rows", "Columns", "NumberOfFrames", *NAMING_TAGS),
    )
]
_LAST = Tag("PixelSpacing")
_STRUCTURE_SET_TAGS = [Tag("SOPClassUID"), Tag("ReferencedFrameOfReferenceSequence")]
_ENHANCED_TAGS = [
    *(Tag("SOPClassUID"), Tag("SharedFunctionalGroupsSequence")),
    Tag("PerFrameFunctionalGroupsSequence"),
]


class Facts(NamedTuple):
    """Of one file; without a kind of DICOM object, nothing but the reason.

    ``kind`` is that of a series (ct, segmentation, structure_set, localizer, secondary_capture,
    other) or why the file is none: ``no_dicom``, ``directory`` (a DICOMDIR), ``unreadable``.
    ``patient_id`` is the study's own; a file of somebody who is not in the study has none, and
    nothing else but ``study_key``. Keys are opaque: see `opaque_key`. ``study_day`` counts from
    the calendar's start until the catalogue makes it relative. Times are seconds after the
    midnight at which the day of the study began.
    """

    kind: str
    patient_id: str | None = None
    study_key: str | None = None
    series_key: str | None = None
    instance_key: str | None = None
    frame_of_reference_key: str | None = None
    refers_to: str | None = None
    modality: str | None = None
    description: str | None = None
    image_type: str | None = None
    transfer_syntax: str | None = None
    normal: str | None = None
    positions_mm: str | None = None
    study_day: int | None = None
    study_time_s: float | None = None
    acquisition_time_s: float | None = None
    delay_s: float | None = None
    contrast: int | None = None
    series_number: int | None = None
    acquisition_number: int | None = None
    temporal_position: int | None = None
    frames: int | None = None
    rows: int | None = None
    columns: int | None = None
    pixel_spacing_mm: float | None = None


def read_facts(
    source: BinaryIO, owners: Mapping[str, str], descriptions: dict[tuple[str, str], str]
) -> Facts:
    """Read the header of an opened file.

    Parameters
    ----------
    source : BinaryIO
        At its start.
    owners : mapping
        The study's own patient id of each DICOM PatientID.
    descriptions : dict
        Scrubbed descriptions by series and description; filled here, so that the names in the
        header are looked at once a series.
    """
    try:
        header = read_tags(source, _TAGS, _LAST)
        return _facts(header, source, owners, descriptions)
    except InvalidDicomError:
        source.seek(0)
        return Facts("unreadable" if is_cut(source) else "no_dicom")
    except Exception:  # a damaged header raises whatever its bytes happen to mean
        return Facts("unreadable")


def _facts(
    header: pydicom.Dataset,
    source: BinaryIO,
    owners: Mapping[str, str],
    descriptions: dict[tuple[str, str], str],
) -> Facts:
    if header.file_meta.get("MediaStorageSOPClassUID") == uid.MediaStorageDirectoryStorage:
        return Facts("directory")
    sop_class = class_of(header)
    needed = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    uids = [text_of(header, keyword) for keyword in needed]
    if not (sop_class and all(uids)):
        raise ValueError("the object has no place in a study")
    study, series, instance = map(opaque_key, uids)
    kind = _kind(sop_class, header)
    owner = owners.get(str(header.get("PatientID") or "").strip())
    if owner is None:
        return Facts(kind, study_key=study)
    frame_of_reference = text_of(header, "FrameOfReferenceUID")
    referenced = referenced_series(header)
    planes, pixel_spacing = list(image_planes(header)), numbers_of(header, "PixelSpacing")
    if kind == "structure_set":
        more = read_tags(source, _STRUCTURE_SET_TAGS, max(_STRUCTURE_SET_TAGS))
        frames = more.get("ReferencedFrameOfReferenceSequence") or []
        named = [text_of(item, "FrameOfReferenceUID") for item in frames]
        frame_of_reference = next(filter(None, named), frame_of_reference)
        referenced = referenced_series(more)
    elif sop_class in _ENHANCED_CT:
        more = read_tags(source, _ENHANCED_TAGS, max(_ENHANCED_TAGS))
        groups = [frame_groups(more, frame) for frame in more.PerFrameFunctionalGroupsSequence]
        planes = [plane for group in groups for plane in image_planes(group)]
        pixel_spacing = numbers_of(groups[0], "PixelSpacing")
    day = day_number(text_of(header, "StudyDate"))
    acquired = acquisition_time_s(header, day)
    return Facts(
        kind,
        patient_id=owner,
        study_key=study,
        series_key=series,
        instance_key=instance,
        frame_of_reference_key=opaque_key(frame_of_reference) if frame_of_reference else None,
        refers_to=" ".join(sorted({opaque_key(item.SeriesInstanceUID) for item in referenced}))
        or None,
        modality=text_of(header, "Modality") or None,
        description=_description(header, series, descriptions),
        image_type=image_type(header) or None,
        transfer_syntax=header.file_meta.TransferSyntaxUID.keyword or "private",
        normal=";".join(sorted({vector_text(normal) for normal, _ in planes})) or None,
        positions_mm=" ".join(f"{position:.4f}" for _, position in planes) or None,
        study_day=day,
        study_time_s=seconds_of(text_of(header, "StudyTime")),
        acquisition_time_s=acquired,
        delay_s=contrast_delay_s(seconds_of(text_of(header, "ContrastBolusStartTime")), acquired),
        contrast=int(
            bool(text_of(header, "ContrastBolusAgent") or "ContrastBolusAgentSequence" in header)
        ),
        series_number=integer_of(header, "SeriesNumber"),
        acquisition_number=integer_of(header, "AcquisitionNumber"),
        temporal_position=integer_of(header, "TemporalPositionIdentifier"),
        frames=max(integer_of(header, "NumberOfFrames") or 1, 1) if "Rows" in header else None,
        rows=size_of(header, "Rows"),
        columns=size_of(header, "Columns"),
        pixel_spacing_mm=next((gap for gap in pixel_spacing[:1] if gap > 0), None),
    )


def _kind(sop_class: str, header: pydicom.Dataset) -> str:
    kind = _KINDS.get(sop_class, "other")
    if kind != "ct":
        return kind
    if "Rows" not in header:
        raise ValueError("the file ends before its pixels")
    if "LOCALIZER" in text_of(header, "ImageType").split("\\"):
        return "localizer"
    # a dose report sent as CT image has no place in space
    return kind if sop_class in _ENHANCED_CT or "ImagePositionPatient" in header else "other"


def _description(
    header: pydicom.Dataset, series: str, descriptions: dict[tuple[str, str], str]
) -> str | None:
    key = (series, str(header.get("SeriesDescription") or ""))
    if key not in descriptions:
        names = [str(header.get(tag) or "") for tag in NAMING_TAGS]
        descriptions[key] = scrub_description(key[1], names)
    return descriptions[key] or None
