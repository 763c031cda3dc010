"""The grid: centred on the old one, exact for a linear image, fails if off by half a voxel."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.imaging.interpolation import resample_ct, resample_mask, target_grid


def oblique_image(size=(11, 9, 7), spacing=(2.4, 2.4, 5.0)):
    image = sitk.Image(size, sitk.sitkFloat64)
    image.SetSpacing(spacing)
    image.SetOrigin((-30.0, 12.5, 101.0))
    angle = 0.2
    image.SetDirection((np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0, 0, 0, 1))
    return image


def centre(image):
    return np.array(
        image.TransformContinuousIndexToPhysicalPoint([(n - 1) / 2 for n in image.GetSize()])
    )


def physical_points(image):
    z, y, x = np.indices(image.GetSize()[::-1])
    index = np.stack([x, y, z], axis=-1)
    steps = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    return index @ steps.T + image.GetOrigin()


@pytest.mark.parametrize("spacing", [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [3.0, 0.7, 1.1]])
def test_the_grids_share_their_centre(spacing):
    image = oblique_image()
    grid = target_grid(image, spacing)
    middle = [(count - 1) / 2 for count in grid.size]
    found = grid.first.TransformContinuousIndexToPhysicalPoint(middle)
    np.testing.assert_allclose(found, centre(image), atol=1e-9)
    extent = np.array(image.GetSize()) * image.GetSpacing()
    assert (np.array(grid.size) * spacing >= extent - 1e-6).all()
    assert ((np.array(grid.size) - 1) * spacing < extent).all()


def test_a_linear_image_is_reproduced_at_every_inner_voxel():
    image = oblique_image()
    slope = np.array([3.0, -2.0, 4.0])
    filled = sitk.GetImageFromArray(physical_points(image) @ slope)
    filled.CopyInformation(image)
    new = resample_ct(filled, [1.0, 1.0, 1.0])
    expected = np.round(physical_points(new) @ slope)
    inner = (slice(3, -3),) * 3
    difference = np.abs(sitk.GetArrayFromImage(new)[inner] - expected[inner])
    # Half a voxel off would be at least 1 HU everywhere; rounding alone differs at ties.
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.01
    assert new.GetPixelID() == sitk.sitkInt16


def test_no_voxel_beyond_the_border_is_invented():
    image = sitk.Image((4, 4, 3), sitk.sitkInt16) + 57
    image.SetSpacing((2.7, 2.7, 5.0))
    assert np.unique(sitk.GetArrayFromImage(resample_ct(image, [1.0, 1.0, 1.0]))).tolist() == [57]


def test_a_mask_keeps_its_volume_and_place():
    mask = sitk.Image((20, 20, 10), sitk.sitkUInt8)
    mask.SetSpacing((2.0, 2.0, 5.0))
    mask[5:12, 6:11, 3:7] = 1
    new = resample_mask(mask, [1.0, 1.0, 1.0])
    values = sitk.GetArrayFromImage(new)
    assert np.unique(values).tolist() == [0, 1]
    assert values.sum() == 14 * 10 * 20
    low = np.array([axis.min() for axis in np.nonzero(values)])
    assert low.tolist() == [15, 12, 10]


def test_a_linear_mask_is_cut_at_a_half():
    mask = sitk.Image((20, 20, 10), sitk.sitkUInt8)
    mask.SetSpacing((2.0, 2.0, 5.0))
    mask[5:12, 6:11, 3:7] = 1
    nearest = sitk.GetArrayFromImage(resample_mask(mask, [1.0, 1.0, 1.0]))
    linear = sitk.GetArrayFromImage(resample_mask(mask, [1.0, 1.0, 1.0], "linear"))
    assert np.unique(linear).tolist() == [0, 1]
    assert linear.dtype == nearest.dtype
    assert (linear <= nearest).all()
    # The outermost voxels are 0.75 inside along x and y; along z 0.6, then 0.8. A half is passed
    # by 0.75 x 0.75, but not by 0.6 x 0.75 (edges) nor by 0.8 x 0.75 x 0.75 (corners).
    expected = nearest.copy()
    for z in (15, 34):
        expected[z, [12, 21], :] = expected[z, :, [10, 23]] = 0
    for z in (16, 33):
        expected[z, [12, 12, 21, 21], [10, 23, 10, 23]] = 0
    np.testing.assert_array_equal(linear, expected)


def test_an_image_on_the_grid_is_left_alone():
    values = np.random.default_rng(0).integers(-1000, 1000, (6, 7, 8)).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    np.testing.assert_array_equal(
        sitk.GetArrayFromImage(resample_ct(image, [1.0, 1.0, 1.0])), values
    )


@pytest.mark.parametrize("spacing", [(2.0, 2.0, 2.0), (0.5, 0.5, 2.0), (0.7, 0.7, 1.25)])
def test_halves_are_rounded_up_wherever_the_image_lies(spacing):
    """Floating point must not decide, nor the slab that a slice falls into."""
    values = np.random.default_rng(2).integers(-1000, 1000, (40, 20, 20)).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacing)
    moved = sitk.Image(image)
    moved.SetOrigin((-171.3, 88.7, 1013.9))
    turned = sitk.Image(moved)
    turned.SetDirection((0, 1, 0, 0, 0, 1, 1, 0, 0))
    for one in (moved, turned):
        for resample in (resample_ct, lambda ct, mm: resample_mask(ct > 0, mm, "linear")):
            np.testing.assert_array_equal(
                sitk.GetArrayFromImage(resample(one, [1.0, 1.0, 1.0])),
                sitk.GetArrayFromImage(resample(image, [1.0, 1.0, 1.0])),
            )


def test_slabs_do_not_show():
    values = np.random.default_rng(2).integers(-1000, 1000, (40, 9, 9)).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((1.0, 1.0, 2.0))
    found = sitk.GetArrayFromImage(resample_ct(image, [1.0, 1.0, 1.0]))
    # New slices lie a quarter of the way to the neighbour, those at the border beyond the last.
    near, far = values.astype(int), np.pad(values, ((1, 1), (0, 0), (0, 0)), "edge").astype(int)
    expected = np.empty((80, 9, 9))
    expected[0::2], expected[1::2] = (3 * near + far[:-2]) / 4, (3 * near + far[2:]) / 4
    np.testing.assert_array_equal(found, np.floor(expected + 0.5))
