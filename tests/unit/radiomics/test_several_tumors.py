"""Several tumours of one patient."""

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from taceflow.radiomics.extract import (
    extract_features,
)
from taceflow.radiomics.mask_boxes import count_voxels
from taceflow.radiomics.several_tumors import average_tumors, separate_tumors


def test_each_tumour_is_measured_for_itself_and_the_mean_is_weighted_by_volume(volume, panel, ball):
    z, y, x = np.indices(volume.GetSize()[::-1])
    balls = [((30, 30, 20), 8.0), ((30, 30, 55), 5.0), ((10, 60, 70), 1.0)]
    inside = [
        sum((a - c) ** 2 for a, c in zip((z, y, x), centre, strict=True)) < radius**2
        for centre, radius in balls
    ]
    mask = sitk.GetImageFromArray(np.logical_or.reduce(inside).astype(np.uint8))
    mask.CopyInformation(volume)
    regions = separate_tumors({"reader1-1": mask}, minimum_voxels=64)
    assert list(regions) == [("reader1-1", 0), ("reader1-1", 1)]
    measured = extract_features(volume, regions, panel)
    (mean,) = average_tumors(measured, regions).values()
    weights = [ball.sum() for ball in inside[:2]]
    for name in ("original_shape_VoxelVolume", "log-sigma-2-0-mm-3D_ngtdm_Contrast"):
        expected = np.average([one[name] for one in measured.values()], weights=weights)
        assert mean[name] == pytest.approx(expected, rel=1e-12)
    assert [one["original_shape_VoxelVolume"] for one in measured.values()] == weights


def test_means_are_those_of_a_grouped_table(ball, volume):
    random = np.random.default_rng(3)
    shapes = [(name, rank) for name in ("reader1-1", "reader1-2") for rank in range(7)]
    regions = {key: ball(volume, (30, 30, 30), random.uniform(3, 9)) for key in shapes}
    measured = {
        key: {f"f{k}": value for k, value in enumerate(random.normal(0, 1e6, 200))}
        for key in shapes
    }
    table = pd.DataFrame(measured).T
    voxels = pd.Series({key: count_voxels(mask) for key, mask in regions.items()})
    expected = table.mul(voxels, axis=0).groupby(level=0).sum()
    expected = expected.div(voxels.groupby(level=0).sum(), axis=0)
    found = pd.DataFrame(average_tumors(measured, regions)).T
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
