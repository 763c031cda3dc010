"""Derived images of a crop equal those of the whole volume."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import InputError
from taceflow.radiomics.extract import (
    extract_features,
)


def values_of(measured):
    (found,) = measured.values()
    return np.array(list(found.values()))


@pytest.mark.parametrize("centre", [(2, 3, 4), (57, 68, 77)])
def test_a_tumour_at_the_border_of_the_volume(
    volume, every_image, centre, assert_equal, ball, pyradiomics
):
    mask = ball(volume, centre, 7.0)
    found = values_of(extract_features(volume, {"reader1-1": mask}, every_image))
    expected = pyradiomics(volume, mask, every_image)
    # Where it goes round the border, PyWavelets adds the same six numbers in another order.
    assert_equal(found, expected, every_image, summed=("original_shape", "wavelet"))


def test_an_anisotropic_grid(volume, masks, every_image, assert_equal, pyradiomics):
    stretched, mask = sitk.Image(volume), sitk.Image(masks["reader1-1"])
    for image in (stretched, mask):
        image.SetSpacing((0.7, 0.8, 2.5))
    found = values_of(extract_features(stretched, {"reader1-1": mask}, every_image))
    assert_equal(found, pyradiomics(stretched, mask, every_image), every_image)


def test_a_volume_far_larger_than_the_margins(every_image, assert_equal, ball, pyradiomics):
    random = np.random.default_rng(8)
    noise = sitk.GetImageFromArray(random.normal(0, 300, (150, 150, 150)))
    volume = sitk.Cast(sitk.SmoothingRecursiveGaussian(noise, 1.0), sitk.sitkInt16)
    mask = ball(volume, (75, 75, 75), 9.0)
    found = values_of(extract_features(volume, {"reader1-1": mask}, every_image))
    assert_equal(found, pyradiomics(volume, mask, every_image), every_image)


def test_a_volume_smaller_than_a_filter_is_an_error_not_a_hole(volume, masks, panel):
    thin, mask = volume[:, :, 30:34], masks["reader1-1"][:, :, 30:34]
    with pytest.raises(InputError, match="80 x 71 x 4 voxels is too small for log-sigma-4-0-mm-3D"):
        extract_features(thin, {"reader1-1": mask}, panel, patient="P1")


def test_a_flat_tumour_of_a_tiny_volume_equals_pyradiomics(
    volume, every_image, assert_equal, ball, pyradiomics
):
    tiny = volume[30:37, 30:38, 30:36]
    mask = ball(tiny, (3, 4, 3), 2.5)
    found = values_of(extract_features(tiny, {"reader1-1": mask}, every_image))
    expected = pyradiomics(tiny, mask, every_image)
    assert_equal(found, expected, every_image, summed=("original_shape", "wavelet"))
