"""Grey levels that are found once equal those that each class of PyRadiomics finds."""

import numpy as np
import pytest
import SimpleITK as sitk
from radiomics import getFeatureClasses, imageoperations

from taceflow.radiomics.feature_classes import RegionImage


@pytest.fixture
def region():
    random = np.random.default_rng(3)
    image = sitk.GetImageFromArray(random.normal(60, 90, (9, 10, 11)))
    mask = sitk.GetImageFromArray((random.random((9, 10, 11)) < 0.6).astype(np.uint8))
    return image, mask


SETTINGS = [{"binWidth": 25}, {"binWidth": 0.7}, {"binCount": 16}]


@pytest.mark.parametrize("setting", SETTINGS)
def test_grey_levels_are_pyradiomics_own(region, setting):
    image, mask = region
    inside = sitk.GetArrayFromImage(mask) == 1
    expected, _ = imageoperations.binImage(
        sitk.GetArrayFromImage(image).copy(), np.where(inside), **setting
    )
    levels, present = RegionImage(image, mask, setting).discretised
    assert (levels[inside] == expected[inside]).all()
    assert (levels[~inside] == 0).all()
    assert present.tolist() == np.unique(expected[inside]).tolist()


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ["glcm", "glrlm", "glszm", "gldm", "ngtdm"])
def test_features_are_pyradiomics_own_to_the_last_bit(region, setting, name):
    image, mask = region
    calculator = getFeatureClasses()[name](image, mask, **setting)
    calculator.enableAllFeatures()
    expected = calculator.execute()
    found = RegionImage(image, mask, setting).features(name, expected)
    assert found == expected
    (one,) = RegionImage(image, mask, setting).features(name, [next(iter(expected))])
    assert one == next(iter(expected))
