"""Perturbed masks move by what was asked, and nobody's draw depends on anybody else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from scipy import ndimage

from taceflow.files.tables import read_table
from taceflow.radiomics.extract import Extraction
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.perturbation.masks import MaskPerturber, Movement, random_field
from taceflow.radiomics.perturbation.patient import MOST_REDRAWS, draw_masks, perturb_patient

STILL = {"contour_mm": 0.0, "correlation_mm": 5.0, "volume_fraction": 0.0, "translation_mm": 0.0}


def ball(radius_mm, spacing_mm=(1.0, 1.0, 1.0), margin_mm=8.0, offset=0.13):
    """A mask of a ball, and its centre as an index, z, y, x."""
    spacing = np.array(spacing_mm[::-1])
    size = np.ceil(2 * (radius_mm + margin_mm) / spacing).astype(int)
    centre = (size - 1) / 2 + offset
    away = (np.indices(size) - centre[:, None, None, None]) * spacing[:, None, None, None]
    mask = sitk.GetImageFromArray(((away**2).sum(axis=0) < radius_mm**2).astype(np.uint8))
    mask.SetSpacing(spacing_mm)
    return mask, centre


def moved(mask, seed=0, **changes):
    return MaskPerturber(mask, Movement(**STILL | changes)).draw(np.random.default_rng(seed))


def voxels(mask):
    return int(sitk.GetArrayViewFromImage(mask).sum())


def radii_mm(mask, centre, directions):
    """Length of each ray from the centre within the mask."""
    steps = np.arange(0, 40, 0.05)
    spacing = np.array(mask.GetSpacing()[::-1])
    values = sitk.GetArrayViewFromImage(mask).astype(float)
    rays = centre[:, None, None] + directions.T[:, :, None] * steps / spacing[:, None, None]
    return ndimage.map_coordinates(values, rays, order=1).sum(axis=1) * 0.05


def test_nothing_asked_leaves_the_mask_alone():
    mask, _ = ball(9)
    same = moved(mask).mask
    assert (sitk.GetArrayFromImage(same) == sitk.GetArrayFromImage(mask)).all()
    assert same.GetOrigin() == mask.GetOrigin()


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), (0.8, 0.8, 2.0)])
@pytest.mark.parametrize("seed", range(4))
def test_growth_and_shrinkage_change_the_volume_by_the_fraction(spacing_mm, seed):
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
def test_translation_moves_the_centre_and_keeps_the_volume(seed):
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
    radius_mm, spacing_mm, contour_mm, correlation_mm
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


def test_a_mask_at_the_border_of_the_image_stays_within():
    values = np.zeros((20, 20, 20), np.uint8)
    values[:8, :8, :8] = 1
    mask = sitk.GetImageFromArray(values)
    found = moved(mask, volume_fraction=0.3, contour_mm=1.0, translation_mm=1.0)
    assert found.mask.GetSize() == mask.GetSize()
    assert voxels(found.mask) > 200
    whole = sitk.GetImageFromArray(np.ones((6, 6, 6), np.uint8))
    assert 0 < voxels(moved(whole, contour_mm=1.0).mask) <= 216


def test_masks_with_too_few_voxels_are_drawn_again_and_counted():
    mask, _ = ball(3)
    movement = Movement(**STILL | {"volume_fraction": 0.9})
    least = voxels(mask)
    drawn, redrawn = draw_masks(
        mask, movement, count=5, minimum_voxels=least, random=np.random.default_rng(1)
    )
    assert len(drawn) == 5
    assert redrawn > 0
    assert min(voxels(one.mask) for one in drawn) >= least


def test_a_tumour_that_always_vanishes_is_left_out():
    mask, _ = ball(3)
    drawn, redrawn = draw_masks(
        mask, Movement(**STILL), count=5, minimum_voxels=10**6, random=np.random.default_rng(1)
    )
    assert (drawn, redrawn) == ([], MOST_REDRAWS)


def test_more_perturbations_begin_with_the_same():
    mask, _ = ball(6)
    movement = Movement(1.0, 5.0, 0.15, 0.5)
    few, many = (
        draw_masks(mask, movement, count=count, minimum_voxels=10, random=np.random.default_rng(9))[
            0
        ]
        for count in (2, 4)
    )
    for one, same in zip(few, many, strict=False):
        assert one.translation_mm == same.translation_mm
        arrays = [sitk.GetArrayViewFromImage(part.mask) for part in (one, same)]
        assert (arrays[0] == arrays[1]).all()


@pytest.fixture(scope="module")
def measured(root, tmp_path_factory):
    """Perturbed features of a patient, by a name for the change of the call."""
    folder = tmp_path_factory.mktemp("patient")
    mask, _ = ball(10, margin_mm=12)
    values = np.random.default_rng(5).normal(0, 200, mask.GetSize()[::-1])
    smooth = sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(values), 1.5)
    sitk.WriteImage(sitk.Cast(smooth * 4 + 40, sitk.sitkInt16), str(folder / "ct.nii.gz"))
    sitk.WriteImage(mask, str(folder / "mask_reader1-1.nii.gz"))
    panel = str(root / "config" / "radiomics.yaml")
    how = Extraction(panel=panel, tumors="union", minimum_roi_voxels=64, scale="volume")
    movement = Movement(**STILL | {"volume_fraction": 0.2})
    call = {"patient": "P1", "resampled": str(folder), "movement": movement, "seed": 6, "count": 3}

    def run(changed=how, **changes):
        path = folder / "perturbed.parquet"
        perturb_patient(**call | changes, how=changed, features=str(path))
        return read_table(path, "perturbed_features")

    return run, voxels(mask), how


def test_volumes_in_the_table_are_those_that_were_drawn(measured, root):
    run, whole, _ = measured
    table = run()
    assert table["perturbation"].tolist() == [1, 2, 3]
    assert set(read_panel(root / "config" / "radiomics.yaml").columns) <= set(table)
    wanted = whole * (1 + table["volume_fraction"])
    np.testing.assert_allclose(table["original_shape_VoxelVolume"], wanted, rtol=0.002)
    grown = table.sort_values("volume_fraction")
    assert grown["original_shape_MeshVolume"].is_monotonic_increasing
    pd.testing.assert_frame_equal(table, run())


def test_each_patient_and_each_seed_draw_their_own(measured):
    run, *_ = measured
    fractions = [run(count=2)["volume_fraction"].tolist()]
    fractions.append(run(count=2, patient="P2")["volume_fraction"].tolist())
    fractions.append(run(count=2, seed=7)["volume_fraction"].tolist())
    assert len({value for row in fractions for value in row}) == 6


def test_separate_tumours_and_a_vanishing_one(measured):
    run, _, how = measured
    each = run(replace(how, tumors="each"), count=2)
    pd.testing.assert_frame_equal(each, run(count=2))
    assert run(replace(how, minimum_roi_voxels=10**6)).empty
