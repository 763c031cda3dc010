"""The patch: box and margin, window, padding at the border."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import InputError
from taceflow.imaging.crop import Crop, box_of
from taceflow.imaging.patch import cut_patch, tumour_box


@pytest.fixture
def volume():
    values = np.random.default_rng(1).integers(-500, 500, (20, 24, 28)).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetOrigin((10.0, 20.0, 30.0))
    return image


def mask_of(image, x, y, z):
    mask = sitk.Image(image.GetSize(), sitk.sitkUInt8)
    mask.CopyInformation(image)
    mask[x, y, z] = 1
    return mask


def test_the_box_is_the_masks_plus_the_margin(volume):
    mask = mask_of(volume, slice(8, 12), slice(9, 15), slice(7, 10))
    box = tumour_box(volume, box_of(sitk.GetArrayViewFromImage(mask)), 3.0, -160)
    assert box.GetSize() == (4 + 6, 6 + 6, 3 + 6)
    assert box.GetOrigin() == (10.0 + 5, 20.0 + 6, 30.0 + 4)
    expected = sitk.GetArrayFromImage(volume)[4:13, 6:18, 5:15]
    np.testing.assert_array_equal(sitk.GetArrayFromImage(box), expected)


def test_a_mask_at_the_border_is_padded_not_cut(volume):
    mask = mask_of(volume, slice(0, 3), slice(22, 24), slice(17, 20))
    box = tumour_box(volume, box_of(sitk.GetArrayViewFromImage(mask)), 4.0, -160)
    assert box.GetSize() == (3 + 8, 2 + 8, 3 + 8)
    values = sitk.GetArrayFromImage(box)
    original = sitk.GetArrayFromImage(volume)
    np.testing.assert_array_equal(values[4:7, 4:6, 4:7], original[17:20, 22:24, 0:3])
    assert (values[:, :, :4] == -160).all()
    np.testing.assert_allclose(
        box.TransformIndexToPhysicalPoint((4, 4, 4)),
        volume.TransformIndexToPhysicalPoint((0, 22, 17)),
    )


def test_the_window_becomes_zero_to_one(volume, tmp_path):
    ct, mask, patch = (str(tmp_path / f"{name}.nii.gz") for name in ("ct", "mask", "patch"))
    sitk.WriteImage(volume, ct)
    sitk.WriteImage(mask_of(volume, slice(8, 12), slice(9, 15), slice(7, 10)), mask)
    Crop.whole(sitk.GetArrayViewFromImage(volume)).write(tmp_path)
    cut_patch(ct=ct, mask=mask, patch=patch, margin_mm=0.0, window_hu=[-160.0, 240.0])
    values = sitk.GetArrayFromImage(sitk.ReadImage(patch))
    hu = sitk.GetArrayFromImage(volume)[7:10, 9:15, 8:12].astype(float)
    np.testing.assert_allclose(values, ((hu + 160) / 400).clip(0, 1), atol=1e-6)
    assert values.dtype == np.float32


def cut(tmp_path, image, mask, margin_mm=0.0, window_hu=(-160.0, 240.0), suffix=".nii.gz"):
    """Cut a patch through files, and return it."""
    paths = {name: str(tmp_path / f"{name}{suffix}") for name in ("ct", "mask", "patch")}
    sitk.WriteImage(image, paths["ct"])
    sitk.WriteImage(mask, paths["mask"])
    Crop.whole(np.nan_to_num(sitk.GetArrayViewFromImage(image))).write(tmp_path)
    cut_patch(**paths, margin_mm=margin_mm, window_hu=list(window_hu))
    return sitk.ReadImage(paths["patch"])


@pytest.mark.parametrize("low_hu", [-160.0, -160.5])
def test_beyond_the_border_stands_the_windows_lower_end(volume, tmp_path, low_hu):
    mask = mask_of(volume, slice(0, 3), slice(22, 24), slice(17, 20))
    patch = cut(tmp_path, volume + 1000, mask, 4.0, (low_hu, 240.0))
    values = sitk.GetArrayFromImage(patch)
    assert values.shape == (11, 10, 11)
    inside = np.zeros(values.shape, dtype=bool)
    inside[:7, :6, 4:] = True
    assert (values[~inside] == 0).all()
    assert (values[inside] == 1).all()


@pytest.mark.parametrize(("margin_mm", "voxels"), [(0.0, 0), (2.0, 2), (2.1, 3)])
def test_the_margin_is_at_least_what_was_asked_for(volume, tmp_path, margin_mm, voxels):
    mask = mask_of(volume, slice(8, 12), slice(9, 15), slice(7, 10))
    patch = cut(tmp_path, volume, mask, margin_mm)
    assert patch.GetSize() == (4 + 2 * voxels, 6 + 2 * voxels, 3 + 2 * voxels)


@pytest.mark.parametrize("angle", [0.0, 0.2, -0.35])
def test_an_oblique_patch_keeps_its_place_in_space(volume, tmp_path, angle):
    """A point of the body has the same HU in the patch as in the CT."""
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    volume.SetDirection(turn.ravel().tolist())
    mask = mask_of(volume, slice(8, 12), slice(9, 15), slice(7, 10))
    patch = cut(tmp_path, volume, mask, 3.0, (-500.0, 500.0))
    for index in ((0, 0, 0), (3, 7, 5), (9, 11, 8)):
        point = patch.TransformIndexToPhysicalPoint(index)
        place = volume.TransformPhysicalPointToIndex(point)
        np.testing.assert_allclose(volume.TransformIndexToPhysicalPoint(place), point, atol=1e-4)
        assert patch[index] * 1000 - 500 == pytest.approx(volume[place], abs=1e-3)


@pytest.mark.parametrize("turn", ["RAS", "LAI", "SPL", "PIR"])
def test_the_network_sees_axial_slices_however_the_file_is_turned(volume, tmp_path, turn):
    mask = mask_of(volume, slice(8, 12), slice(9, 15), slice(7, 10))
    expected = cut(tmp_path, volume, mask, 2.0)
    again = cut(tmp_path, sitk.DICOMOrient(volume, turn), sitk.DICOMOrient(mask, turn), 2.0)
    assert again.GetSize() == expected.GetSize()
    np.testing.assert_allclose(again.GetOrigin(), expected.GetOrigin(), atol=1e-4)
    np.testing.assert_array_equal(*(sitk.GetArrayFromImage(one) for one in (again, expected)))


@pytest.mark.parametrize("suffix", [".nii.gz", ".mha"])
def test_a_ct_that_can_hold_nan_is_refused(volume, tmp_path, suffix):
    values = sitk.GetArrayFromImage(volume).astype(np.float32)
    values[8, 10, 9] = np.nan
    image = sitk.GetImageFromArray(values)
    image.CopyInformation(volume)
    mask = mask_of(volume, slice(8, 12), slice(9, 15), slice(7, 10))
    with pytest.raises(InputError, match=rf"32-bit float, expected whole HU \[ct\{suffix}"):
        cut(tmp_path, image, mask, suffix=suffix)
