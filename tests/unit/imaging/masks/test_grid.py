"""Masks: the right voxels of the CT, whatever the grid, the region or the archive."""

import itertools

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError

AXES = [
    "".join(letters)
    for order in itertools.permutations(("RL", "AP", "IS"))
    for letters in itertools.product(*order)
]


def test_all_48_orders_of_the_axes_give_the_same_voxels(reference, tmp_path, blank, save, voxels):
    """A corner, so that no mirror image looks alike; on cubes, and on the CT's own voxels."""
    cube = sitk.Image((20, 20, 20), sitk.sitkInt16)
    cube.SetSpacing((2.0, 2.0, 2.0))
    cube.SetOrigin((3.0, 4.0, 5.0))
    assert len(AXES) == 48
    for ct in (reference, cube):
        labels = blank(ct)
        labels[2:9, 3:5, 1:5] = 1
        labels[2, 3:12, 1] = 1
        expected = sitk.GetArrayFromImage(labels)
        for axes in AXES:
            turned = sitk.DICOMOrient(labels, axes)
            path = save(turned, tmp_path / f"{axes}.nii.gz")
            np.testing.assert_array_equal(voxels(path, "", ct), expected, err_msg=axes)


def test_an_oblique_ct_and_its_turned_masks(reference, tmp_path, blank, save, voxels):
    angle = np.radians(20)
    tilt = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    turn = np.array([[np.cos(0.3), -np.sin(0.3), 0], [np.sin(0.3), np.cos(0.3), 0], [0, 0, 1]])
    reference.SetDirection((turn @ tilt).ravel().tolist())
    labels = blank(reference)
    labels[5:9, 6:9, 2:4] = 1
    expected = sitk.GetArrayFromImage(labels)
    for axes in ("LPS", "RAS", "LPI", "SAR"):
        path = save(sitk.DICOMOrient(labels, axes), tmp_path / f"{axes}.nrrd")
        np.testing.assert_array_equal(voxels(path, "", reference), expected, err_msg=axes)


def test_a_mask_on_an_oblique_grid_is_carried_over_by_geometry(tmp_path, save, voxels):
    """A ball drawn on a turned grid is the ball of the CT's grid."""
    ct = sitk.Image((60, 60, 60), sitk.sitkInt16)
    turned = sitk.Image((80, 80, 80), sitk.sitkUInt8)
    turned.SetSpacing((0.8, 0.8, 0.8))
    c, s = np.cos(0.5), np.sin(0.5)
    turned.SetDirection([c, -s, 0, s, c, 0, 0, 0, 1])
    middle = np.array(turned.TransformContinuousIndexToPhysicalPoint([39.5] * 3))
    turned.SetOrigin((np.array([29.5] * 3) - middle).tolist())

    def ball(image):
        index = np.stack(np.indices(image.GetSize()), axis=-1).reshape(-1, 3)
        steps = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
        distance = np.linalg.norm(index @ steps.T + image.GetOrigin() - 29.5, axis=1)
        return (distance <= 15).reshape(image.GetSize()).transpose(2, 1, 0).astype(np.uint8)

    drawn = sitk.GetImageFromArray(ball(turned))
    drawn.CopyInformation(turned)
    mask = voxels(save(drawn, tmp_path / "ball.nrrd"), "", ct)
    truth = ball(ct)
    assert 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) > 0.97
    assert mask.sum() == pytest.approx(4 / 3 * np.pi * 15**3, rel=0.01)


def test_a_mask_on_a_finer_grid_is_carried_over(reference, tmp_path, caplog, save, voxels):
    fine = sitk.Image((80, 60, 60), sitk.sitkUInt8)
    fine.SetOrigin((-35.5, 11.5, 98.0))
    fine[20:40, 20:40, 15:35] = 1
    with caplog.at_level("INFO"):
        values = voxels(save(fine, tmp_path / "fine.nii.gz"), "", reference)
    assert values.sum() == 10 * 10 * 4
    assert "8.00 mL become 8.00 mL" in caplog.text


def test_a_cut_out_of_the_ct_is_put_back(reference, tmp_path, save, two_blocks, voxels):
    labels = two_blocks(reference)
    path = save(labels[4:30, 3:15, 1:8], tmp_path / "cut.nrrd")
    np.testing.assert_array_equal(voxels(path, "*", reference), sitk.GetArrayFromImage(labels) > 0)


def test_a_thin_mask_is_not_lost_on_a_coarse_grid(reference, tmp_path, save, voxels):
    thin = sitk.Image((80, 60, 60), sitk.sitkUInt8)
    thin.SetOrigin((-35.5, 11.5, 98.0))
    thin[20:40, 20:40, 14:16] = 1
    with pytest.raises(ExclusionError, match=r"0\.80 mL become 0\.00 mL"):
        voxels(save(thin, tmp_path / "thin.nii.gz"), "", reference)


def test_a_mask_that_reaches_beyond_the_ct_is_refused(reference, tmp_path, save, voxels):
    large = sitk.Image((80, 60, 60), sitk.sitkUInt8)
    large.SetSpacing((2.0, 2.0, 2.0))
    large.SetOrigin((-35.0, 12.0, 100.0))
    large[30:60, 5:20, 5:20] = 1
    with pytest.raises(ExclusionError, match="another grid than the CT"):
        voxels(save(large, tmp_path / "large.nii.gz"), "", reference)


@pytest.mark.parametrize("fault", ["origin", "sign", "half", "spacing", "all"])
def test_a_geometry_that_an_export_lost_is_refused(
    reference, tmp_path, fault, save, two_blocks, voxels
):
    labels = two_blocks(reference)
    if fault == "origin":
        labels.SetOrigin((0.0, 0.0, 0.0))
    elif fault == "sign":
        labels.SetOrigin((35.0, -12.0, 100.0))
    elif fault == "half":
        labels.SetOrigin((-36.0, 11.0, 97.5))
    elif fault == "spacing":
        labels.SetSpacing((1.0, 1.0, 1.0))
    else:
        labels = sitk.GetImageFromArray(sitk.GetArrayFromImage(labels))
    with pytest.raises(ExclusionError, match="patient P: has as many voxels as the CT but lies"):
        voxels(save(labels, tmp_path / "mask.nii.gz"), "1", reference)


@pytest.mark.parametrize("axes", ["LPS", "RAS", "LPI", "SAR"])
@pytest.mark.parametrize(
    ("gap", "first_z", "words"),
    [
        (4.0, 100.0, "as many voxels as the CT, but slices every 4 mm where the CT has 5 mm"),
        (5.25, 100.0, "but slices every 5.25 mm where the CT has 5 mm"),  # of rounded positions
        (6.0, 94.0, "but slices every 6 mm where the CT has 5 mm"),
        (5.0, 140.0, "as many voxels as the CT but lies elsewhere"),
    ],
)
def test_the_cts_matrix_with_other_slices_is_refused(
    reference, tmp_path, axes, gap, first_z, words, save, two_blocks, voxels
):
    """A header with SliceThickness, or the first gap, for the spacing: voxels of another place."""
    labels = two_blocks(reference)
    labels.SetSpacing((2.0, 2.0, gap))
    labels.SetOrigin((-35.0, 12.0, first_z))
    path = save(sitk.DICOMOrient(labels, axes), tmp_path / "mask.nii.gz")
    with pytest.raises(ExclusionError, match=words):
        voxels(path, "1", reference)


@pytest.mark.parametrize("axes", ["LPS", "RAI", "SAR"])
@pytest.mark.parametrize("pixels", [(1.0, 1.0), (1.9, 1.9), (2.0, 1.0)])
def test_the_cts_matrix_and_corner_with_other_pixels_is_refused(
    reference, tmp_path, axes, pixels, save, two_blocks, voxels
):
    labels = two_blocks(reference)
    labels.SetSpacing((*pixels, 5.0))
    path = save(sitk.DICOMOrient(labels, axes), tmp_path / "mask.nii.gz")
    with pytest.raises(ExclusionError, match=r"begins where it does, .* 2 x 2 x 5 mm"):
        voxels(path, "1", reference)


@pytest.mark.parametrize("axes", ["LPS", "RAI"])
def test_slices_whose_spacing_was_rounded_stay_the_cts(
    reference, tmp_path, axes, save, two_blocks, voxels
):
    """The last one is 0.33 slice gaps off: still nearest to the slice that it was drawn on."""
    labels = two_blocks(reference)
    expected = sitk.GetArrayFromImage(labels)
    labels.SetSpacing((2.0, 2.0, 5.15))
    path = save(sitk.DICOMOrient(labels, axes), tmp_path / "mask.nii.gz")
    np.testing.assert_array_equal(voxels(path, "*", reference), expected > 0)


def test_a_mask_of_another_field_of_view_stays_right(reference, tmp_path, save, voxels):
    """As many voxels as the CT, of another size and place in every direction: believed."""
    other = sitk.Image(reference.GetSize(), sitk.sitkUInt8)
    other.SetSpacing((1.0, 1.0, 2.5))
    other.SetOrigin((-15.5, 31.5, 108.75))
    other[10:30, 10:20, 2:10] = 1
    values = voxels(save(other, tmp_path / "mask.nii.gz"), "", reference)
    expected = np.zeros_like(values)
    expected[3:7, 15:20, 15:25] = 1
    np.testing.assert_array_equal(values, expected)


def test_a_header_that_rounds_is_no_other_geometry(reference, tmp_path, save, two_blocks, voxels):
    reference.SetSpacing((0.810547, 0.810547, 5.0))
    labels = two_blocks(reference)
    labels.SetSpacing((0.8105, 0.8105, 5.0))
    labels.SetOrigin((-35.01, 12.01, 100.0))
    assert voxels(save(labels, tmp_path / "mask.nii.gz"), "1", reference).sum() == 24
