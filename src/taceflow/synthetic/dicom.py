"""Synthetic volumes and masks as DICOM files, the same bytes at every run."""

import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import highdicom
import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from taceflow.synthetic.shapes import Grid

# one line for each module that it copies says nothing to a user
logging.getLogger("highdicom").setLevel(logging.WARNING)

RESCALE_INTERCEPT = -1024
MANUFACTURER = "Synthetic CT Systems"
_DESCRIPTIONS = {"arterial": "ART PHASE 5.0", "portal": "PORTAL VENOUS 5.0"}
_SERIES_NUMBERS = {"arterial": 4, "portal": 5}
_ACQUISITION_TIMES = {"arterial": "091530.000000", "portal": "091605.000000"}
_DATED = ("Series", "Acquisition", "Content")
_SEGMENTATION_TIME = "170000.000000"
_FIRST_STUDY = date(2012, 1, 9)


@dataclass(frozen=True)
class Person:
    """Who the scanner thinks was scanned; none of it repeats the study id.

    Attributes
    ----------
    name, hospital_id, accession_number, sex, birth_date : str
        As in the DICOM header.
    age_years : int
        At the study.
    study_date : str
        YYYYMMDD.
    uid_sources : tuple of str
        What all UIDs of this person are derived from.
    """

    name: str
    hospital_id: str
    accession_number: str
    sex: str
    birth_date: str
    age_years: int
    study_date: str
    uid_sources: tuple[str, ...]

    def uid(self, *what: str) -> str:
        """Return the UID of one thing of this person; the same at every run."""
        return generate_uid(entropy_srcs=[*self.uid_sources, *what])


def draw_person(
    draw: np.random.Generator, *, sex: str, age_years: int, uid_sources: tuple[str, ...]
) -> Person:
    """Draw a person with an obviously invented name and hospital number."""
    number = int(draw.integers(100_000, 1_000_000))
    study = date.fromordinal(_FIRST_STUDY.toordinal() + int(draw.integers(0, 1400)))
    # birthday before the study's day in the year, so that the age is right
    birth = date(study.year - age_years, 1, 1 + int(draw.integers(0, 8)))
    return Person(
        name=f"Synthetic^Person{number}",
        hospital_id=f"FAKE{number}",
        accession_number=f"SYN{int(draw.integers(1_000_000, 10_000_000))}",
        sex="F" if sex == "female" else "M",
        birth_date=birth.strftime("%Y%m%d"),
        age_years=age_years,
        study_date=study.strftime("%Y%m%d"),
        uid_sources=uid_sources,
    )


def write_series(
    hu: np.ndarray, grid: Grid, person: Person, phase: str, files: list[Path]
) -> list[FileDataset]:
    """Write one phase as CT Image Storage, one file a slice, and return what was written.

    Parameters
    ----------
    hu : numpy.ndarray of int16, shape (slices, rows, columns)
        Hounsfield units, -1024 to 3071.
    grid : Grid
        Its geometry.
    person : Person
        Header values and UIDs.
    phase : {"arterial", "portal"}
    files : list of Path
        A file for each slice, from feet to head; the order and the names say nothing of phase or
        place.
    """
    datasets = []
    for index, (plane, file) in enumerate(zip(hu, files, strict=True)):
        dataset = _ct_slice(plane, grid, person, phase, index)
        dataset.save_as(file, enforce_file_format=True)
        datasets.append(dataset)
    return datasets


def _ct_slice(plane: np.ndarray, grid: Grid, person: Person, phase: str, index: int) -> FileDataset:
    x, y, z = grid.origin_mm
    step_x, step_y, step_z = grid.spacing_mm
    position = z + index * step_z
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = person.uid("image", phase, str(index))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    values = {
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        **{f"{what}Date": person.study_date for what in ("Study", *_DATED)},
        "StudyTime": "091000.000000",
        **{f"{what}Time": _ACQUISITION_TIMES[phase] for what in _DATED},
        "AccessionNumber": person.accession_number,
        "Modality": "CT",
        "Manufacturer": MANUFACTURER,
        "ManufacturerModelName": "Phantom 128",
        "InstitutionName": "Synthetic Hospital",
        "ReferringPhysicianName": "Synthetic^Referrer",
        "StudyDescription": "CT ABDOMEN",
        "SeriesDescription": _DESCRIPTIONS[phase],
        "PatientName": person.name,
        "PatientID": person.hospital_id,
        "PatientBirthDate": person.birth_date,
        "PatientSex": person.sex,
        "PatientAge": f"{person.age_years:03d}Y",
        "PatientPosition": "HFS",
        "BodyPartExamined": "ABDOMEN",
        "ContrastBolusAgent": "SYNTHETIC IODINE",
        "ContrastBolusRoute": "IV",
        "ScanOptions": "HELICAL MODE",
        "KVP": "120",
        "XRayTubeCurrent": "250",
        "ConvolutionKernel": "STANDARD",
        "SliceThickness": f"{step_z:g}",
        "SpacingBetweenSlices": f"{step_z:g}",
        "DataCollectionDiameter": "500",
        "ReconstructionDiameter": f"{step_x * grid.shape[2]:g}",
        "StudyInstanceUID": person.uid("study"),
        "SeriesInstanceUID": person.uid("series", phase),
        "StudyID": "1",
        "SeriesNumber": _SERIES_NUMBERS[phase],
        "AcquisitionNumber": _SERIES_NUMBERS[phase],
        # scanners count from head to feet
        "InstanceNumber": grid.shape[0] - index,
        "ImagePositionPatient": [f"{value:g}" for value in (x, y, round(position, 3))],
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
        "FrameOfReferenceUID": person.uid("frame of reference"),
        "PositionReferenceIndicator": "",
        "SliceLocation": f"{round(position, 3):g}",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": grid.shape[1],
        "Columns": grid.shape[2],
        "PixelSpacing": [f"{step_y:g}", f"{step_x:g}"],
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "WindowCenter": "40",
        "WindowWidth": "400",
        "RescaleIntercept": str(RESCALE_INTERCEPT),
        "RescaleSlope": "1",
        "RescaleType": "HU",
    }
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    stored = plane.astype(np.int32) - RESCALE_INTERCEPT
    dataset.PixelData = stored.astype("<u2").tobytes()
    return dataset


def write_segmentation(
    mask: np.ndarray, sources: list[pydicom.Dataset], person: Person, label: str, file: Path
) -> None:
    """Write a mask as a binary DICOM segmentation with one segment.

    Parameters
    ----------
    mask : numpy.ndarray of uint8, shape (slices, rows, columns)
        0 and 1, may be empty: then every slice gets a frame of zeros.
    sources : list of pydicom.Dataset
        The CT slices on which it was drawn, in the order of the mask's slices.
    person : Person
        Dates and UIDs.
    label : str
        Segment label.
    file : Path
        Where it goes.
    """
    description = highdicom.seg.SegmentDescription(
        segment_number=1,
        segment_label=label,
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_uid=person.uid("tracking", label),
        tracking_id=label,
    )
    segmentation = highdicom.seg.Segmentation(
        source_images=sources,
        pixel_array=mask.astype(bool),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[description],
        series_instance_uid=person.uid("series", "segmentation"),
        series_number=300,
        sop_instance_uid=person.uid("segmentation"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="Outline",
        software_versions="1",
        device_serial_number="1",
        content_label="TUMOR",
        content_description="Tumour outline",
        content_creator_name="Synthetic^Reader1",
        series_description="TUMOR SEGMENTATION",
        omit_empty_frames=bool(mask.any()),
    )
    _settle(segmentation, person)
    segmentation.save_as(file)


def _settle(segmentation: pydicom.Dataset, person: Person) -> None:
    """Replace what highdicom takes from the clock and from chance."""
    organization = person.uid("dimension organization")
    for sequence in ("DimensionOrganizationSequence", "DimensionIndexSequence"):
        for item in getattr(segmentation, sequence):
            item.DimensionOrganizationUID = organization
    segmentation.ContentDate = segmentation.InstanceCreationDate = person.study_date
    segmentation.ContentTime = segmentation.InstanceCreationTime = _SEGMENTATION_TIME
    for item in segmentation.get("ContributingEquipmentSequence", []):
        item.ContributionDateTime = person.study_date + _SEGMENTATION_TIME
