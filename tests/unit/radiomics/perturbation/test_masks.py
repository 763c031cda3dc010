"""A perturbed mask moves as far as was asked for."""

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from taceflow.radiomics.perturbation.masks import MaskPerturber, Movement, random_field

STILL = {"contour_mm": 0.0, "correlation_mm": 5.0, "volume_fraction": 0.0, "translation_mm": 0.0}


def moved(mask, seed=0, **changes):
    return MaskPerturber(mask, Movement(**STILL | changes)).draw(np.random.default_rng(seed))


def radii_mm(mask, centre, directions):
    """Length of each ray from the centre within the mask."""
    steps = np.arange(0, 40, 0.05)
    spacing = np.array(mask.GetSpacing()[::-1])
    values = sitk.GetArrayViewFromImage(mask).astype(float)
    rays = centre[:, None, None] + directions.T[:, :, None] * steps / spacing[:, None, None]
    return ndimage.map_coordinates(values, rays, order=1).sum(axis=1) * 0.05


def test_nothing_asked_leaves_the_mask_alone(ball):
    mask, _ = ball(9)
    same = moved(mask).mask
    assert (sitk.GetArrayFromImage(same) == sitk.GetArrayFromImage(mask)).all()
    assert same.GetOrigin() == mask.GetOrigin()


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), (0.8, 0.8, 2.0)])
@pytest.mark.parametrize("seed", range(4))
def test_growth_and_shrinkage_change_the_volume_by_the_fraction(spacing_mm, seed, ball, voxels):
    mask, centre = ball(10, spacing_mm)
    found = moved(mask, seed, volume_fraction=0.3)
    wanted = 1 + found.volume_fraction
    assert voxels(found.mask) / voxels(mask) == pytest.approx(wanted, rel=0.02)
    # A ball that grows or shrinks stays a ball: the radius follows the cube root
    directions = np.random.default_rng(1).normal(size=(400, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before, after = (radii_mm(one, centre, directions) for one in (mask, found.mask))
    assert after.mean() / before.mean() == pytest.approx(wanted ** (1 / 3), rel=0.02)
    assert (after - before).std() < 0.5 * max(spacing_mm)


@pytest.mark.parametrize("seed", range(4))
def test_translation_moves_the_centre_and_keeps_the_volume(seed, ball, voxels):
    mask, _ = ball(9)
    found = moved(mask, seed, translation_mm=0.9)
    assert voxels(found.mask) == pytest.approx(voxels(mask), rel=0.02)
    centres = [
        np.argwhere(sitk.GetArrayViewFromImage(one)).mean(axis=0) for one in (mask, found.mask)
    ]
    expected = np.array(found.translation_mm[::-1])
    np.testing.assert_allclose(centres[1] - centres[0], expected, atol=0.1)


@pytest.mark.parametrize(
    ("radius_mm", "spacing_mm", "contour_mm", "correlation_mm"),
    [(12, 0.5, 0.5, 5.0), (18, 1.0, 1.0, 5.0), (18, 1.0, 1.5, 6.0)],
)
def test_the_contour_moves_by_the_standard_deviation_asked_for(
    radius_mm, spacing_mm, contour_mm, correlation_mm, ball
):
    mask, centre = ball(radius_mm, (spacing_mm,) * 3)
    directions = np.random.default_rng(1).normal(size=(800, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before = radii_mm(mask, centre, directions)
    perturber = MaskPerturber(
        mask, Movement(**STILL | {"contour_mm": contour_mm, "correlation_mm": correlation_mm})
    )
    random = np.random.default_rng(2)
    masks = [perturber.draw(random).mask for _ in range(12)]
    moves = np.array([radii_mm(one, centre, directions) - before for one in masks])
    assert np.sqrt((moves**2).mean()) == pytest.approx(contour_mm, rel=0.1)
    assert abs(moves.mean()) < 0.15 * contour_mm
    pieces = [
        ndimage.label(sitk.GetArrayViewFromImage(one), np.ones((3, 3, 3)))[1] for one in masks
    ]
    assert pieces == [1] * 12


def test_the_field_has_the_correlation_length_asked_for():
    random = np.random.default_rng(3)
    field = random_field((96, 96, 96), np.array([1.0, 1.0, 1.0]), 6.0, random)
    assert field.std() == pytest.approx(1, rel=0.05)
    for axis in range(3):
        lagged = np.roll(field, 6, axis)
        assert (field * lagged).mean() == pytest.approx(np.exp(-1), abs=0.04)


def test_a_mask_at_the_border_of_the_image_stays_within(voxels):
    values = np.zeros((20, 20, 20), np.uint8)
    values[:8, :8, :8] = 1
    mask = sitk.GetImageFromArray(values)
    found = moved(mask, volume_fraction=0.3, contour_mm=1.0, translation_mm=1.0)
    assert found.mask.GetSize() == mask.GetSize()
    assert voxels(found.mask) > 200
    whole = sitk.GetImageFromArray(np.ones((6, 6, 6), np.uint8))
    assert 0 < voxels(moved(whole, contour_mm=1.0).mask) <= 216
