"""Several tumours of one patient."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.radiomics.extract import (
    extract_features,
)
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
    table = extract_features(volume, regions, panel)
    (mean,) = average_tumors(table, regions).to_dict("records")
    weights = [ball.sum() for ball in inside[:2]]
    for name in ("original_shape_VoxelVolume", "log-sigma-2-0-mm-3D_ngtdm_Contrast"):
        expected = np.average(table[name], weights=weights)
        assert mean[name] == pytest.approx(expected, rel=1e-12)
    assert table["original_shape_VoxelVolume"].tolist() == weights
