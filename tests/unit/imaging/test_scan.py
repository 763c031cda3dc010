"""A CT that is a file: HU, whole, and counted along the patient's axes."""

import gzip

import numpy as np
import pytest
import SimpleITK as sitk
import yaml

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.scan import load_scan


@pytest.fixture
def load(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    rules = PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})

    def call(path):
        return load_scan(
            str(path), None, rules, series_uid="", gantry_tilt="refuse", patient="P"
        ).image

    return call


@pytest.fixture
def volume():
    random = np.random.default_rng(3)
    image = sitk.GetImageFromArray(random.integers(-1000, 1500, (9, 12, 15)).astype(np.int16))
    image.SetSpacing((0.7, 0.8, 5.0))
    image.SetOrigin((-120.5, 30.25, 611.0))
    return image


def written(image, path):
    sitk.WriteImage(image, str(path), useCompression=str(path).endswith(".gz"))
    return path


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha"])
def test_a_file_is_read_as_it_is(load, volume, tmp_path, suffix):
    image = load(written(volume, tmp_path / f"ct.{suffix}"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()
    assert np.allclose(image.GetOrigin(), volume.GetOrigin(), atol=1e-4)
    assert image.GetPixelID() == sitk.sitkInt16


@pytest.mark.parametrize("order", ["RAS", "LPI", "SAL", "ARI"])
def test_axes_in_another_order_are_turned_to_the_patients(load, volume, tmp_path, order):
    image = load(written(sitk.DICOMOrient(volume, order), tmp_path / "ct.nii.gz"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()
    assert np.allclose(image.GetSpacing(), volume.GetSpacing())
    assert np.allclose(image.GetOrigin(), volume.GetOrigin(), atol=1e-4)


def test_fractions_are_rounded_to_whole_hu(load, volume, tmp_path):
    shifted = sitk.Cast(volume, sitk.sitkFloat32) + 0.25
    image = load(written(shifted, tmp_path / "ct.nii"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd"])
def test_nan_is_refused(load, volume, tmp_path, kind, suffix):
    values = sitk.GetArrayFromImage(volume).astype(kind)
    values[-1, -1, -1] = np.nan
    image = sitk.GetImageFromArray(values)
    image.CopyInformation(volume)
    with pytest.raises(ExclusionError, match="no number"):
        load(written(image, tmp_path / f"ct.{suffix}"))


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_a_file_that_a_transfer_cut_off_is_refused(load, volume, tmp_path, suffix):
    path = written(volume, tmp_path / f"ct.{suffix}")
    content = path.read_bytes() if suffix == "nii" else gzip.decompress(path.read_bytes())
    half = content[: len(content) // 2]
    path.write_bytes(half if suffix == "nii" else gzip.compress(half))
    with pytest.raises(ExclusionError, match=r"ends early|cannot be read"):
        load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: sitk.Cast(image, sitk.sitkFloat32) / 1500, "no CT in HU"),
        (lambda image: sitk.Cast(image, sitk.sitkInt32) + 70_000, "no CT in HU"),
        (lambda image: image - 4000, "no CT in HU"),
        (lambda image: image[:, :, 0], "no 3-D CT"),
        (lambda image: sitk.Compose(image, image), "no 3-D CT"),
    ],
)
def test_what_is_no_ct_is_refused(load, volume, tmp_path, change, words):
    with pytest.raises(ExclusionError, match=words):
        load(written(change(volume), tmp_path / "ct.nrrd"))


def test_a_text_file_is_refused(load, tmp_path):
    path = tmp_path / "ct.nii"
    path.write_text("no image")
    with pytest.raises(ExclusionError, match="cannot be read"):
        load(path)
