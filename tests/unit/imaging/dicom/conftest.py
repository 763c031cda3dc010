"""CT series that the tests write, and dcm2niix to read them a second time."""

import shutil
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import gdcm
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGLSLossless,
    JPEGTransferSyntaxes,
    RLELossless,
    generate_uid,
)

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.phase import choose_series
from taceflow.imaging.dicom.series import Series, list_series
from taceflow.imaging.dicom.slices import Slice
from taceflow.imaging.dicom.volume import load_series
from taceflow.imaging.scan import load_scan

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


def save(dataset: Dataset, file: Path, syntax: str | None = None) -> None:
    """Write a file in any transfer syntax; pydicom writes what it can, GDCM the JPEG family."""
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").byteswap().tobytes()
        dataset["PixelData"].VR = "OW"
    elif syntax in (RLELossless, JPEGLSLossless):
        dataset.compress(syntax)
    elif syntax in JPEGTransferSyntaxes + JPEG2000TransferSyntaxes:
        dataset.save_as(file, enforce_file_format=True)
        _transcode(file, syntax)
        return
    dataset.file_meta.TransferSyntaxUID = syntax or dataset.file_meta.TransferSyntaxUID
    dataset.save_as(file, enforce_file_format=True)


def _transcode(file: Path, syntax: str) -> None:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(file))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(file))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


@pytest.fixture
def series():
    def series(number, description, *, acquisition="", slices=30, **header):
        facts = pydicom.Dataset()
        defaults = {"StudyInstanceUID": "1.1", "StudyDate": "20120102", "StudyTime": "080000"}
        for keyword, value in (defaults | header).items():
            setattr(facts, keyword, value)
        return Series(
            uid=f"1.2.{number}",
            number=number,
            description=description,
            acquisition=acquisition,
            slices=(Slice("file", None, facts),) * slices,
            notes=(),
        )

    return series


@pytest.fixture
def chosen():
    def chosen(found, rules, **options):
        choice = choose_series(found, rules, patient="P", **options)
        return choice.series.number, choice.reason

    return chosen


@pytest.fixture
def noted():
    def noted(found, rules, **options):
        choice = choose_series(found, rules, patient="P", **options)
        return choice.series.number, "; ".join(choice.notes)

    return noted


@pytest.fixture
def refused():
    def refused(found, rules, **options):
        with pytest.raises(ExclusionError) as caught:
            choose_series(found, rules, patient="P", **options)
        return caught.value.problem

    return refused


@pytest.fixture
def phases(series):
    """One series of each phase, named as a hospital does."""
    return [
        series(2, "PRE LIVER"),
        series(3, "LATE ARTERIAL 5mm"),
        series(4, "PORTAL VENOUS"),
        series(5, "DELAY 3 MIN"),
    ]


@pytest.fixture
def placed():
    def placed(one, positions):
        """The series with a slice at each position in mm."""
        slices = []
        for mm in positions:
            header = deepcopy(one.header)
            header.ImagePositionPatient, header.ImageOrientationPatient = [0, 0, mm], list(AXIAL)
            slices.append(Slice("file", None, header))
        return replace(one, slices=tuple(slices))

    return placed


@pytest.fixture
def load(rules):
    def load(path, uid=""):
        return load_scan(str(path), None, rules, series_uid=uid, gantry_tilt="refuse", patient="P")

    return load


@pytest.fixture
def refusal(load):
    def refusal(path, uid="") -> ExclusionError:
        with pytest.raises(ExclusionError) as caught:
            load(path, uid)
        assert caught.value.stage == "imaging"
        assert caught.value.remedy
        return caught.value

    return refusal


@pytest.fixture
def is_whole():
    def is_whole(series, phantom) -> bool:
        values = sitk.GetArrayFromImage(load_series(series, patient="P"))
        return np.array_equal(values, phantom.astype(int) - 1024)

    return is_whole


@pytest.fixture
def in_order():
    def in_order(folder: Path) -> list[Path]:
        (series,) = list_series(folder)
        return [Path(one.location) for one in series.slices]

    return in_order


@pytest.fixture
def problem_of():
    def problem_of(folder, **options) -> str:
        (series,) = list_series(folder)
        with pytest.raises(ExclusionError) as caught:
            load_series(series, patient="P", **options)
        assert caught.value.stage == "imaging"
        return caught.value.problem

    return problem_of


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
            file = folder / f"{start + order[index]:04d}.dcm"
            save(ct_slice(plane, position, uid, **facts), file, syntax)
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
