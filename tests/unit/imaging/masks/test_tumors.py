"""Tumours that lie apart."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.masks.tumors import split_tumors


def test_the_largest_tumour_across_regions(reference, tmp_path, save, two_blocks, voxels):
    """Label 2 touches label 1 by a corner: one piece; a third lies apart."""
    labels = two_blocks(reference)
    labels[9:11, 9:12, 4:6] = 2
    labels[30:33, 20:25, 7:9] = 3
    path = save(labels, tmp_path / "mask.nii.gz")
    values = voxels(path, "*", reference, tumors="largest")
    assert values.sum() == 24 + 12
    assert values[3, 8, 8]
    assert values[4, 9, 9]
    assert voxels(path, "2", reference, tumors="union").sum() == 24
    np.testing.assert_array_equal(
        voxels(path, "*", reference, tumors="each"), voxels(path, "*", reference)
    )
    with pytest.raises(ExclusionError, match=r"0\.240 mL and 0\.240 mL"):
        voxels(path, "2", reference, tumors="largest")


def test_tumours_are_split_by_size(reference, blank):
    labels = blank(reference)
    labels[20:22, 6:9, 2:4] = 1
    labels[5:9, 6:9, 2:4] = 1
    labels[39, 29, 11] = 1
    pieces = split_tumors(labels)
    assert [int(sitk.GetArrayViewFromImage(piece).sum()) for piece in pieces] == [24, 12, 1]
    together = sum(sitk.GetArrayFromImage(piece) for piece in pieces)
    np.testing.assert_array_equal(together, sitk.GetArrayFromImage(labels))
    assert pieces[0].GetOrigin() == labels.GetOrigin()
