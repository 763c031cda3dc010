"""CT series that the tests write, and dcm2niix to read them a second time."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRBigEndian, ExplicitVRLittleEndian, generate_uid

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def ct_slice(stored: np.ndarray, position_mm, series_uid: str, **header) -> Dataset:
    """One CT image whose stored values are given; `header` overrides, None deletes."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    values = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "StudyDate": "20130115",
        "StudyTime": "090000",
        "Modality": "CT",
        "Manufacturer": "SIEMENS",
        "SeriesDescription": "ARTERIAL",
        "PatientID": "H1",
        "PatientPosition": "HFS",
        "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.1",
        "SeriesInstanceUID": series_uid,
        "SeriesNumber": 3,
        "AcquisitionNumber": 1,
        "ImagePositionPatient": [round(float(value), 6) for value in position_mm],
        "ImageOrientationPatient": list(AXIAL),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "PixelSpacing": [0.9, 0.7],
        "SliceThickness": 3,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        "RescaleIntercept": -1024,
        "RescaleSlope": 1,
    }
    for keyword, value in (values | header).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = stored.tobytes()
    return dataset


def save(dataset: Dataset, file: Path, syntax: str | None = None, **options) -> None:
    """Write a file in any transfer syntax."""
    if syntax is None or syntax == dataset.file_meta.TransferSyntaxUID:
        dataset.save_as(file, enforce_file_format=True)
    elif options or syntax.startswith("1.2.840.10008.1.2.4") or syntax.endswith("2.5"):
        dataset.compress(syntax, **options)
        dataset.save_as(file, enforce_file_format=True)
    else:
        dataset.file_meta.TransferSyntaxUID = syntax
        if syntax == ExplicitVRBigEndian:
            dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").byteswap().tobytes()
            dataset["PixelData"].VR = "OW"
        dataset.save_as(file, enforce_file_format=True)


@pytest.fixture
def write(tmp_path):
    """Write a stack as files in shuffled order: values (slices, rows, columns), LPS in mm."""

    def write(
        stored: np.ndarray,
        *,
        origin=(-20.0, -30.0, 100.0),
        orientation=AXIAL,
        step=(0.0, 0.0, 3.0),
        syntax: str | None = None,
        options: dict | None = None,
        per_slice=lambda index: {},
        name: str = "series",
        uid: str = "1.2.826.0.1.3680043.8.498.2",
        **header,
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        start = len(list(folder.iterdir()))
        order = np.random.default_rng(3).permutation(len(stored))
        for index, plane in enumerate(stored):
            facts = {
                "ImageOrientationPatient": list(orientation),
                "InstanceNumber": index + 1,
                **header,
                **per_slice(index),
            }
            position = np.add(origin, np.multiply(index, step))
            dataset = ct_slice(plane, position, uid, **facts)
            file = folder / f"{start + order[index]:04d}.dcm"
            save(dataset, file, syntax, **(options or {}))
        return folder

    return write


@pytest.fixture
def phantom() -> np.ndarray:
    """Eight slices of 40 x 36 without symmetry, stored = HU + 1024, 12 bits."""
    z, y, x = np.mgrid[:8, :40, :36]
    noise = np.random.default_rng(5).integers(-20, 20, z.shape)
    hu = np.where((y - 22) ** 2 + (x - 15) ** 2 + (3 * (z - 3)) ** 2 < 130, 60, -1000)
    hu = hu + np.where((y < 12) & (x > 20) & (z > 4), 900, 0) + noise
    return (np.clip(hu, -1024, 3071) + 1024).astype("<u2")


@pytest.fixture
def dcm2niix(tmp_path):
    """Convert a folder with dcm2niix; the volumes that it makes, by file name."""
    program = shutil.which("dcm2niix", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("dcm2niix is not installed")

    def convert(folder: Path) -> dict[str, sitk.Image]:
        target = tmp_path / "dcm2niix"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        command = [program, "-g", "i", "-z", "n", "-b", "n", "-f", "%s", "-o", str(target)]
        done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return {file.name: sitk.ReadImage(str(file)) for file in sorted(target.glob("*.nii"))}

    return convert
