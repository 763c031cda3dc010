"""A CT that is a file: HU, whole, and counted along the patient's axes."""

import zipfile

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha"])
def test_a_file_is_read_as_it_is(load, volume, tmp_path, suffix, written):
    image = load(written(volume, tmp_path / f"ct.{suffix}"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()
    assert np.allclose(image.GetOrigin(), volume.GetOrigin(), atol=1e-4)
    assert image.GetPixelID() == sitk.sitkInt16


@pytest.mark.parametrize("order", ["RAS", "LPI", "SAL", "ARI"])
def test_axes_in_another_order_are_turned_to_the_patients(load, volume, tmp_path, order, written):
    image = load(written(sitk.DICOMOrient(volume, order), tmp_path / "ct.nii.gz"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()
    assert np.allclose(image.GetSpacing(), volume.GetSpacing())
    assert np.allclose(image.GetOrigin(), volume.GetOrigin(), atol=1e-4)


def test_fractions_are_rounded_to_whole_hu(load, volume, tmp_path, written):
    shifted = sitk.Cast(volume, sitk.sitkFloat32) + 0.25
    image = load(written(shifted, tmp_path / "ct.nii"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd"])
def test_nan_is_refused(load, volume, tmp_path, kind, suffix, written):
    values = sitk.GetArrayFromImage(volume).astype(kind)
    values[-1, -1, -1] = np.nan
    image = sitk.GetImageFromArray(values)
    image.CopyInformation(volume)
    with pytest.raises(ExclusionError, match="no number"):
        load(written(image, tmp_path / f"ct.{suffix}"))


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
def test_what_is_no_ct_is_refused(load, volume, tmp_path, change, words, written):
    with pytest.raises(ExclusionError, match=words):
        load(written(change(volume), tmp_path / "ct.nrrd"))


def test_a_text_file_is_refused(load, tmp_path):
    path = tmp_path / "ct.nii"
    path.write_text("no image")
    with pytest.raises(ExclusionError, match="cannot be read"):
        load(path)


def test_a_damaged_archive_or_one_without_dicom(load, volume, tmp_path, written):
    path = tmp_path / "scan.zip"
    path.write_bytes(b"PK\3\4 half an archive")
    with pytest.raises(ExclusionError, match=r"cannot be read.*unzip -t"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("P1/ct.nii", "P2/ct.nii"):
            archive.write(written(volume, tmp_path / "ct.nii"), name)
    with pytest.raises(ExclusionError, match="among 2 files: NIfTI, NRRD or MHA files"):
        load(path)


def test_an_image_in_an_archive_is_read_by_its_name_or_as_its_only_file(
    load, volume, tmp_path, written
):
    path = tmp_path / "scan.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(written(volume, tmp_path / "ct.nii.gz"), "P1/ct.nii.gz")
    for name in (path, f"{path}::P1/ct.nii.gz"):
        assert (sitk.GetArrayFromImage(load(name)) == sitk.GetArrayFromImage(volume)).all()
    for name, words in (
        ("P1/other.nii", "has no such file"),
        ("P1/IM1", "Name the archive alone"),
        ("P1/ct.mhd", "of one file"),
    ):
        with pytest.raises(ExclusionError, match=words):
            load(f"{path}::{name}")
