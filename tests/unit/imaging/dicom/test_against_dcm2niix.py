"""The same values at the same places as dcm2niix, another reader of DICOM, on what it reads."""

import itertools
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.data import get_testdata_file
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from taceflow.imaging.dicom.pixels import read_hu
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.slices import read_slices
from taceflow.imaging.dicom.unused_files import UnusedFiles
from taceflow.imaging.dicom.volume import load_series

LOSSLESS = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    RLELossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
]


def corners(image: sitk.Image) -> np.ndarray:
    ends = [(0, size - 1) for size in image.GetSize()]
    return np.array(
        [image.TransformContinuousIndexToPhysicalPoint(end) for end in itertools.product(*ends)]
    )


def assert_same(ours: sitk.Image, theirs: sitk.Image) -> None:
    """Within 1 HU and 1e-3 mm, whatever the order of voxels in memory."""
    ours, theirs = (sitk.DICOMOrient(image, "LPS") for image in (ours, theirs))
    assert ours.GetSize() == theirs.GetSize()
    np.testing.assert_allclose(corners(ours), corners(theirs), atol=1e-3)
    values = sitk.GetArrayFromImage(ours).astype(float)
    assert np.ptp(values) > 100
    np.testing.assert_allclose(values, sitk.GetArrayFromImage(theirs), atol=1)


def load(folder: Path) -> sitk.Image:
    (series,) = list_series(folder)
    return load_series(series, patient="P")


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.keyword)
def test_lossless_transfer_syntaxes(write, dcm2niix, phantom, syntax):
    folder = write(phantom, syntax=syntax, BitsStored=12, HighBit=11)
    written = {pydicom.dcmread(file).file_meta.TransferSyntaxUID for file in folder.iterdir()}
    assert written == {syntax}
    (theirs,) = dcm2niix(folder).values()
    assert_same(load(folder), theirs)
    np.testing.assert_array_equal(
        sitk.GetArrayFromImage(load(folder)), phantom.astype(int) - 1024, err_msg=syntax.name
    )


def test_deflated_files_that_dcm2niix_does_not_read(write, phantom):
    image = load(write(phantom, syntax=DeflatedExplicitVRLittleEndian))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), phantom.astype(int) - 1024)


def rotated(degrees: float) -> dict:
    """Slices turned about two axes, one behind the other."""
    turn = sitk.Euler3DTransform()
    turn.SetRotation(*np.radians([degrees, 0.5 * degrees, 2 * degrees]))
    row, column, normal = np.reshape(turn.GetMatrix(), (3, 3)).T
    return {"orientation": np.round([*row, *column], 8), "step": 3 * normal}


GEOMETRIES = {
    "head first": {},
    "feet to head reversed": {"step": (0, 0, -3)},
    "feet first": {
        "orientation": (-1, 0, 0, 0, 1, 0),
        "step": (0, 0, -2.5),
        "PatientPosition": "FFS",
    },
    "prone": {"orientation": (-1, 0, 0, 0, -1, 0), "PatientPosition": "HFP"},
    "coronal": {"orientation": (1, 0, 0, 0, 0, -1), "step": (0, 1.25, 0)},
    "sagittal": {"orientation": (0, 1, 0, 0, 0, -1), "step": (2, 0, 0)},
    "oblique": rotated(12),
    "steeply oblique": rotated(20) | {"origin": (120.5, -233.1, 901.7)},
    "sub-millimetre": {"step": (0, 0, 0.625)},
}


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=list(GEOMETRIES))
def test_orientations(write, dcm2niix, phantom, geometry):
    folder = write(phantom, **geometry)
    (theirs,) = dcm2niix(folder).values()
    assert_same(load(folder), theirs)


def padded(phantom: np.ndarray) -> np.ndarray:
    stored = phantom.astype("<i2")
    stored[:, :6, :6] = -2000
    return stored


VALUES = {
    "slope of each slice": (
        lambda stored: stored,
        {"per_slice": lambda index: {"RescaleSlope": 1 + 0.0137 * index}},
    ),
    "intercept of each slice": (
        lambda stored: stored,
        {"per_slice": lambda index: {"RescaleIntercept": -1024 + 7.25 * index}},
    ),
    "12 bits, signed": (
        lambda stored: ((stored.astype("<i2") - 2048) & 0xFFF).astype("<i2"),
        {"RescaleIntercept": 1024, "BitsStored": 12, "HighBit": 11},
    ),
    "unused high bits": (lambda stored: stored | 0xF000, {"BitsStored": 12, "HighBit": 11}),
    "MONOCHROME1": (lambda stored: stored, {"PhotometricInterpretation": "MONOCHROME1"}),
    "padding": (padded, {"PixelPaddingValue": -2000}),
    "HU without rescale": (
        lambda stored: stored.astype("<i2") - 1024,
        {"RescaleSlope": None, "RescaleIntercept": None},
    ),
}


@pytest.mark.parametrize(("change", "header"), VALUES.values(), ids=list(VALUES))
def test_values(write, dcm2niix, phantom, change, header):
    folder = write(change(phantom), **header)
    (theirs,) = dcm2niix(folder).values()
    assert_same(load(folder), theirs)


@pytest.mark.parametrize(
    "name",
    [
        *("CT_small.dcm", "693_UNCR.dcm", "693_UNCI.dcm", "693_J2KR.dcm", "693_J2KI.dcm"),
        *("bad_sequence.dcm", "explicit_VR-UN.dcm"),
    ],
)
def test_slices_that_pydicom_ships(dcm2niix, tmp_path, name):
    file = Path(get_testdata_file(name, download=False))
    (one,) = read_slices(str(file), UnusedFiles())
    ((_, hu, _),) = read_hu([one])
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "slice.dcm").write_bytes(file.read_bytes())
    (theirs,) = dcm2niix(tmp_path / "one").values()
    np.testing.assert_allclose(hu, sitk.GetArrayFromImage(theirs)[0, ::-1], atol=1)


def test_a_sign_that_only_the_header_knows():
    """The header says signed, the JPEG 2000 stream unsigned: dcm2niix gives 6192 here."""
    (one,) = read_slices(
        get_testdata_file("J2K_pixelrep_mismatch.dcm", download=False), UnusedFiles()
    )
    ((_, hu, _),) = read_hu([one])
    assert hu.min() == -2000
    assert hu[0, 0] == -2000


def test_enhanced_ct_that_pydicom_ships(dcm2niix, tmp_path):
    file = Path(get_testdata_file("eCT_Supplemental.dcm", download=False))
    (tmp_path / "enhanced").mkdir()
    (tmp_path / "enhanced" / "frames").write_bytes(file.read_bytes())
    (theirs,) = dcm2niix(tmp_path / "enhanced").values()
    assert_same(load(tmp_path / "enhanced"), theirs)


def test_real_series(shared_data, dcm2niix):
    folders = [case / "image" for case in sorted((shared_data / "sts" / "dicom").iterdir())]
    assert len(folders) == 12
    for folder in [*folders, shared_data / "dicom_seg" / "ct-3slice"]:
        (theirs,) = dcm2niix(folder).values()
        assert_same(load(folder), theirs)
