"""Folders of scans and masks as people leave them, and what is begun from them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    RTStructureSetStorage,
    generate_uid,
)

from taceflow.files.schemas import validate_table
from taceflow.files.sheets.read import read_sheet
from taceflow.program.begin import begin_study


def _uid(*parts):
    return generate_uid(entropy_srcs=[str(part) for part in parts])


def _save(dataset: Dataset, file: Path) -> Path:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(file, enforce_file_format=True)
    return file


@pytest.fixture
def dicom():
    """Write a series of five slices; keywords override the header."""

    def write(folder, *, person="H1", number=3, name="{:04d}", first=0, **header):
        for index in range(5):
            dataset = Dataset()
            values = {
                "SOPClassUID": CTImageStorage,
                "SOPInstanceUID": _uid(folder, person, number, index),
                "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
                "StudyDate": "20130115",
                "Modality": "CT",
                "SeriesDescription": "ARTERIAL",
                "PatientID": person,
                "StudyInstanceUID": _uid(person, "study"),
                "SeriesInstanceUID": _uid(person, number),
                "SeriesNumber": number,
                "InstanceNumber": index + 1,
                "ImagePositionPatient": [0, 0, 5 * index],
                "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
                "PixelSpacing": [0.8, 0.8],
                "Rows": 8,
                "Columns": 8,
                "BitsAllocated": 16,
                "BitsStored": 16,
                "HighBit": 15,
                "PixelRepresentation": 0,
                "SamplesPerPixel": 1,
                "PhotometricInterpretation": "MONOCHROME2",
                "PixelData": bytes(128),
            }
            for keyword, value in (values | header).items():
                setattr(dataset, keyword, value)
            _save(dataset, Path(folder) / name.format(first + index))

    return write


@pytest.fixture
def structures():
    """Write an RTSTRUCT with the named regions, drawn on a series that `dicom` wrote."""

    def write(file, names, *, person="H1", number=3, **header):
        dataset = Dataset()
        values = {
            "SOPClassUID": RTStructureSetStorage,
            "SOPInstanceUID": _uid(file),
            "Modality": "RTSTRUCT",
            "PatientID": person,
            "StudyInstanceUID": _uid(person, "study"),
            "SeriesInstanceUID": _uid(file, "series"),
        }
        for keyword, value in (values | header).items():
            setattr(dataset, keyword, value)
        series, study, frame = Dataset(), Dataset(), Dataset()
        series.SeriesInstanceUID = _uid(person, number)
        study.RTReferencedSeriesSequence = [series]
        frame.RTReferencedStudySequence = [study]
        dataset.ReferencedFrameOfReferenceSequence = [frame]
        dataset.StructureSetROISequence = []
        for place, name in enumerate(names, start=1):
            region = Dataset()
            region.ROINumber, region.ROIName = place, name
            dataset.StructureSetROISequence.append(region)
        return _save(dataset, Path(file))

    return write


@pytest.fixture
def images(tmp_path):
    """Write images: a CT, or a mask where a path is marked ``=mask``."""

    def write(*paths):
        for path in paths:
            name, _, kind = path.partition("=")
            values = np.full((4, 6, 6), -1000, np.int16)
            values[1:3, 2:4, 2:4] = 60
            if kind == "mask":
                values = (values > 0).astype(np.uint8)
            file = tmp_path / "in" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            sitk.WriteImage(sitk.GetImageFromArray(values), str(file))
        return tmp_path / "in"

    return write


class Begun:
    """A study that `taceflow init` began."""

    def __init__(self, folder: Path, told: str):
        self.folder, self.told = folder, told
        self.workbook = folder / "my_study.xlsx"
        self.sheets = pd.read_excel(self.workbook, sheet_name=None, dtype=str)
        for name in ("scans", "segmentations"):
            validate_table(read_sheet(self.workbook, name), name, source=name)

    @property
    def ids(self):
        return self.sheets["patients"]["patient_id"].tolist()

    @property
    def notes(self):
        """Notes of each patient."""
        table = self.sheets["patients"]
        return dict(zip(table["patient_id"], table["notes"].fillna(""), strict=True))

    def scans(self, *columns):
        """Rows as (patient, phase, path below the folder)."""
        return self._rows("scans", "phase", "image", *columns)

    def masks(self, *columns):
        """Rows as (patient, reader, reading, path below the folder)."""
        return self._rows("segmentations", "reader", "reading", "mask", *columns)

    def _rows(self, name, *columns):
        table = self.sheets[name].fillna("")
        start = f"{self.folder}/in/"
        return [
            tuple(cell.replace(start, "") for cell in row)
            for row in table[["patient_id", *columns]].itertuples(index=False)
        ]


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """Begin a study from a folder."""

    def begin(root):
        monkeypatch.chdir(tmp_path)
        return Begun(tmp_path, begin_study(str(root), "my_study", 1))

    return begin
