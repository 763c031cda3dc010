"""The anatomy of a synthetic patient: organs in their places, with their phase's HU."""

import numpy as np
import pytest

from taceflow.synthetic.anatomy import build_anatomy
from taceflow.synthetic.shapes import Grid


@pytest.fixture(scope="module")
def grid():
    return Grid((-152.4, -152.4, -57.5), (4.8, 4.8, 5.0), (24, 64, 64))


@pytest.fixture(scope="module")
def anatomy(grid):
    return build_anatomy(grid, np.random.default_rng(2))


def painted(anatomy, grid, phase):
    image = np.full(grid.shape, -1000.0)
    for organ in anatomy.organs:
        image += organ.share * (getattr(organ, f"{phase}_hu") - image)
    return image


def test_the_liver_lies_on_the_right_and_has_the_size_of_one(anatomy, grid):
    liver = anatomy.liver_mm < 0
    x = np.broadcast_to(grid.axes[0], grid.shape)
    # x grows to the patient's left
    assert x[liver].mean() < -20
    volume_ml = liver.sum() * np.prod(grid.spacing_mm) / 1000
    assert 700 < volume_ml < 2500


def test_contrast_is_in_the_aorta_first_and_in_the_liver_later(anatomy, grid):
    arterial, portal = (painted(anatomy, grid, phase) for phase in ("arterial", "portal"))
    x, y, _ = anatomy.axes
    aorta = np.broadcast_to(np.sqrt((x - 10) ** 2 + (y - 21) ** 2) < 4, grid.shape)
    deep = anatomy.liver_mm < -12
    assert arterial[aorta].mean() > portal[aorta].mean() + 100
    assert 90 < np.median(portal[deep]) < 135
    assert np.median(portal[deep]) > np.median(arterial[deep]) + 25


def test_there_is_air_around_the_body_and_bone_in_it(anatomy, grid):
    image = painted(anatomy, grid, "portal")
    assert image[:, 0, 0].max() < -990
    x, y, _ = anatomy.axes
    spine = np.broadcast_to(np.sqrt(x**2 + (y - 50) ** 2) < 10, grid.shape)
    assert 90 < np.median(image[spine]) < 300
    assert all(0 <= organ.share.min() <= organ.share.max() <= 1 for organ in anatomy.organs)


def test_no_two_patients_are_alike_and_one_is_always_the_same(anatomy, grid):
    again, other = (build_anatomy(grid, np.random.default_rng(seed)) for seed in (2, 3))
    np.testing.assert_array_equal(again.liver_mm, anatomy.liver_mm)
    assert not np.array_equal(other.liver_mm, anatomy.liver_mm)
