"""The patch: box and margin, window, padding at the border."""

import numpy as np
import pytest
import SimpleITK as sitk

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
    box = tumour_box(volume, mask, 3.0, -160)
    assert box.GetSize() == (4 + 6, 6 + 6, 3 + 6)
    assert box.GetOrigin() == (10.0 + 5, 20.0 + 6, 30.0 + 4)
    expected = sitk.GetArrayFromImage(volume)[4:13, 6:18, 5:15]
    np.testing.assert_array_equal(sitk.GetArrayFromImage(box), expected)


def test_a_mask_at_the_border_is_padded_not_cut(volume):
    mask = mask_of(volume, slice(0, 3), slice(22, 24), slice(17, 20))
    box = tumour_box(volume, mask, 4.0, -160)
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
    cut_patch(ct=ct, mask=mask, patch=patch, margin_mm=0.0, window_hu=[-160.0, 240.0])
    values = sitk.GetArrayFromImage(sitk.ReadImage(patch))
    hu = sitk.GetArrayFromImage(volume)[7:10, 9:15, 8:12].astype(float)
    np.testing.assert_allclose(values, ((hu + 160) / 400).clip(0, 1), atol=1e-6)
    assert values.dtype == np.float32
