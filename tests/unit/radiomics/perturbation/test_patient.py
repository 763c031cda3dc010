"""The features of a patient under perturbed masks."""

import gzip
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from taceflow.imaging.crop import Crop
from taceflow.radiomics.extract import Extraction
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.perturbation.masks import Movement
from taceflow.radiomics.perturbation.patient import DRAWN, MOST_REDRAWS, draw_masks, perturb_patient
from taceflow.radiomics.reproducibility import read_perturbed

STILL = {"contour_mm": 0.0, "correlation_mm": 5.0, "volume_fraction": 0.0, "translation_mm": 0.0}


def test_masks_with_too_few_voxels_are_drawn_again_and_counted(ball, voxels):
    mask, _ = ball(3)
    movement = Movement(**STILL | {"volume_fraction": 0.9})
    least = voxels(mask)
    drawn, redrawn = draw_masks(
        mask, movement, count=5, minimum_voxels=least, random=np.random.default_rng(1)
    )
    assert len(drawn) == 5
    assert redrawn > 0
    assert min(voxels(one.mask) for one in drawn) >= least


def test_a_tumour_that_always_vanishes_is_left_out(ball):
    mask, _ = ball(3)
    drawn, redrawn = draw_masks(
        mask, Movement(**STILL), count=5, minimum_voxels=10**6, random=np.random.default_rng(1)
    )
    assert (drawn, redrawn) == ([], MOST_REDRAWS)


def test_more_perturbations_begin_with_the_same(ball):
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
def measured(root, tmp_path_factory, ball, voxels):
    """Perturbed features of a patient, by a name for the change of the call."""
    folder = tmp_path_factory.mktemp("patient")
    mask, _ = ball(10, margin_mm=12)
    values = np.random.default_rng(5).normal(0, 200, mask.GetSize()[::-1])
    smooth = sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(values), 1.5)
    ct = sitk.Cast(smooth * 4 + 40, sitk.sitkInt16)
    sitk.WriteImage(ct, str(folder / "ct.nii.gz"))
    Crop.whole(sitk.GetArrayViewFromImage(ct)).write(folder)
    sitk.WriteImage(mask, str(folder / "mask_reader1-1.nii.gz"))
    panel = str(root / "config" / "radiomics.yaml")
    how = Extraction(panel=panel, tumors="union", minimum_roi_voxels=64, scale="volume")
    movement = Movement(**STILL | {"volume_fraction": 0.2})
    call = {"patient": "P1", "resampled": str(folder), "movement": movement, "seed": 6, "count": 3}

    def run(changed=how, **changes):
        path = folder / "perturbed.tsv.gz"
        perturb_patient(**call | changes, how=changed, features=str(path))
        header = gzip.decompress(path.read_bytes()).decode().splitlines()[0].split("\t")
        assert header[: len(DRAWN)] == list(DRAWN)
        found = read_perturbed([str(path)])
        return pd.DataFrame(columns=header) if found is None else found

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
