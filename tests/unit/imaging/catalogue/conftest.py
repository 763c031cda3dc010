"""Archives that the tests write, and their catalogue."""

from pathlib import Path

import pandas as pd
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

from taceflow.files.tables import read_table
from taceflow.imaging.catalogue.build import build_catalogue

AXIAL = (1, 0, 0, 0, 1, 0)


@pytest.fixture
def uid():
    def uid(*parts) -> str:
        return generate_uid(entropy_srcs=[str(part) for part in parts])

    return uid


@pytest.fixture
def dicom(uid):
    def dicom(file: Path, *, person="771234", study=1, number=4, index=0, syntax=None, **header):
        """Write a CT image of 8 x 10, 5 mm above the last; `header` overrides, None deletes."""
        values = {
            "SOPClassUID": CTImageStorage,
            "SOPInstanceUID": uid(person, study, number, index, header.get("AcquisitionNumber")),
            "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
            "StudyDate": "20130115",
            "StudyTime": "090000",
            "StudyID": "1",
            "AcquisitionTime": "093035.5",
            "Modality": "CT",
            "PatientName": "KOWALSKI^Zofia",
            "PatientID": person,
            "PatientBirthDate": "19480512",
            "AccessionNumber": "ACC555",
            "InstitutionName": "Mercy Clinic",
            "ReferringPhysicianName": "Grabowski^Jan",
            "OperatorsName": "Nurse^Ann",
            "StudyInstanceUID": uid(person, study),
            "SeriesInstanceUID": uid(person, study, number),
            "SeriesNumber": number,
            "SeriesDescription": "ART kowalski 5.0",
            "AcquisitionNumber": 1,
            "InstanceNumber": index + 1,
            "FrameOfReferenceUID": uid(person, study, "frame"),
            "ImagePositionPatient": [-10, -20, 100 + 5 * index],
            "ImageOrientationPatient": list(AXIAL),
            "PixelSpacing": [0.8, 0.7],
            "Rows": 8,
            "Columns": 10,
            "BitsAllocated": 16,
            "BitsStored": 16,
            "HighBit": 15,
            "PixelRepresentation": 0,
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
        }
        dataset = Dataset()
        for keyword, value in (values | header).items():
            if value is not None:
                setattr(dataset, keyword, value)
        if "Rows" in dataset:
            dataset.PixelData = bytes(160)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.file_meta.TransferSyntaxUID = syntax or ExplicitVRLittleEndian
        file.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(file, enforce_file_format=True)
        return file

    return dicom


@pytest.fixture
def stack(dicom):
    def stack(folder: Path, count: int, prefix="IM", **header) -> list[Path]:
        start = len(list(folder.glob("*"))) if folder.exists() else 0
        return [
            dicom(folder / f"{prefix}{start + index:05d}", index=index, **header)
            for index in range(count)
        ]

    return stack


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def build(root, tmp_path):
    """Build the catalogue; its counts, and both tables as attributes."""

    class Build:
        series_file = str(tmp_path / "out" / "series.tsv")
        files_file = str(tmp_path / "out" / "files.parquet")

        def __call__(self, patients=("P1", "P2"), ids=None, code="1", of=None):
            if ids is None:
                ids = tmp_path / "ids.tsv"
                if not ids.exists():
                    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1\n0042\tP2\n")
            return build_catalogue(
                root=str(of or root),
                ids=str(ids) if ids else None,
                patients=list(patients),
                code=code,
                threads=2,
                series=self.series_file,
                files=self.files_file,
            )

        @property
        def series(self):
            return read_table(self.series_file, "catalogue")

        @property
        def files(self):
            return pd.read_parquet(self.files_file)

    return Build()
