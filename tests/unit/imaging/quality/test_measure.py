"""Numbers of a mask: against PyRadiomics, SimpleITK and known geometry."""

import numpy as np
import pytest
import SimpleITK as sitk
from radiomics.shape import RadiomicsShape

from taceflow.imaging.quality.flags import find_flags
from taceflow.imaging.quality.measure import dice, find_body, longest_axis

SPACING_MM = (5.0, 1.5, 1.2)


def test_the_longest_axis_is_that_of_pyradiomics(ball, body):
    rng = np.random.default_rng(4)
    for _ in range(5):
        mask = ball(radius_mm=rng.uniform(8, 25)) & (rng.random((16, 120, 140)) < 0.97)
        image, label = (sitk.GetImageFromArray(one.astype(np.uint8)) for one in (body(), mask))
        for one in (image, label):
            one.SetSpacing(SPACING_MM[::-1])
        expected = RadiomicsShape(image, label).getMaximum2DDiameterSliceFeatureValue()
        assert longest_axis(mask, SPACING_MM) == pytest.approx(expected, rel=2e-3)


def test_a_single_voxel_is_as_long_as_it_is_wide():
    assert longest_axis(np.ones((1, 1, 1), dtype=bool), SPACING_MM) == pytest.approx(1.5, rel=1e-3)


def test_dice_is_that_of_simpleitk(ball):
    one, other = ball(), ball(centre=(8, 52, 55))
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in (one, other)))
    assert dice(one, other) == pytest.approx(overlap.GetDiceCoefficient(), abs=1e-12)


def test_numbers_of_a_ball_in_the_liver(ball, body, measured):
    hu, mask = body(), ball()
    hu[mask] = np.arange(mask.sum()) % 101
    numbers = measured(hu, r1_1=mask, r1_2=ball(centre=(8, 50, 51)))
    assert numbers["volume_ml"] == pytest.approx(mask.sum() * 9 / 1000)
    assert numbers["volume_ml"] == pytest.approx(4 / 3 * np.pi * 1.5**3, rel=0.05)
    assert numbers["longest_axis_mm"] == pytest.approx(30, abs=1.5)
    assert (numbers["lower_hu"], numbers["median_hu"], numbers["upper_hu"]) == (5, 50, 95)
    assert (numbers["pieces"], numbers["outside_percent"], numbers["cut_by"]) == (1, 0, [])
    assert numbers["tissue_peak_hu"] == 70
    assert find_flags(numbers) == {}


def test_the_body_holds_its_lung_and_not_the_table(body):
    found, step = find_body(body(), (5.0, 1.0, 1.0))
    assert step == 2
    assert found[:, 25, 50].all()  # inside the lung
    assert not found[:, 50:52, 10:60].any()
    assert not found[:, 0].any()
    _, y, x = np.indices(body().shape)
    ellipse = ((y - 50) / 40) ** 2 + ((x - 70) / 60) ** 2 < 1
    np.testing.assert_array_equal(found, ellipse[:, ::2, ::2])


def test_a_second_leg_is_body():
    hu = np.full((6, 60, 120), -1000, dtype=np.int16)
    hu[:, 10:50, 5:55] = 40
    hu[:, 20:40, 70:100] = 40
    found, _ = find_body(hu, (5.0, 2.0, 2.0))
    np.testing.assert_array_equal(found, hu > 0)


def test_an_image_of_air_has_no_body():
    found, _ = find_body(np.full((3, 20, 20), -1000, dtype=np.int16), SPACING_MM)
    assert not found.any()
