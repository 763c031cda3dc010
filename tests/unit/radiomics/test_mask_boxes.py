"""Masks that cannot be measured."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import InputError
from taceflow.radiomics.extract import (
    extract_features,
    extract_patient,
)


def changed(image, values):
    made = sitk.GetImageFromArray(values)
    made.CopyInformation(image)
    return made


def single_voxels(mask, places):
    values = np.zeros(mask.GetSize()[::-1], np.uint8)
    for place in places:
        values[place] = 1
    return changed(mask, values)


def moved_away(mask):
    shifted = sitk.Image(mask)
    shifted.SetOrigin((0.01, 0, 0))
    return shifted


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda mask: mask * 0, "is empty"),
        (lambda mask: single_voxels(mask, [(30, 30, 30)]), "has 1 voxel, fewer than 64"),
        (lambda mask: single_voxels(mask, [np.s_[30, 30, :]]), "is a line of 80 voxels"),
        (lambda mask: single_voxels(mask, [np.s_[30, 30:37, 30:39]]), "has 63 voxels, fewer"),
        (lambda mask: mask * 2, "other values than 0 and 1"),
        (lambda mask: sitk.Cast(mask, sitk.sitkFloat32) * 0.999, "other values than 0 and 1"),
        (moved_away, "grid of the CT"),
        (lambda mask: mask[:70], "grid of the CT"),
    ],
)
def test_a_mask_that_cannot_be_measured_is_named(
    volume, masks, root, tmp_path, spoil, words, arguments, write_patient
):
    patient = write_patient(tmp_path, volume, masks | {"reader2-1": spoil(masks["reader2-1"])})
    with pytest.raises(InputError, match=f"patient P1: the mask reader2-1.*{words}"):
        extract_patient(**arguments(root, patient))
    assert not (tmp_path / "features.parquet").exists()


def test_one_voxel_is_refused_whatever_the_minimum(volume, masks, panel):
    one = single_voxels(masks["reader1-1"], [(30, 30, 30)])
    with pytest.raises(InputError, match="reader1-1, tumour 0 has 1 voxel, fewer than 2"):
        extract_features(volume, {("reader1-1", 0): one}, panel)


def test_values_that_are_not_finite_are_counted(volume, masks, panel):
    values = sitk.GetArrayFromImage(volume).astype(np.float32)
    values[3, 4, 5:7] = np.nan
    with pytest.raises(InputError, match="patient P1: the CT holds 2 values that are not finite"):
        extract_features(changed(volume, values), masks, panel, patient="P1")
