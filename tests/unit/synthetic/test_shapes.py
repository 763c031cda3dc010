"""Signed distances: those of bodies whose distance is known."""

import numpy as np
import pytest

from taceflow.synthetic.shapes import (
    Grid,
    capsule,
    correlated_noise,
    coverage,
    cylinder,
    ellipsoid,
    smooth_union,
)


@pytest.fixture
def grid():
    return Grid((-10.0, -8.0, -6.0), (1.0, 2.0, 3.0), (5, 9, 21))


def test_axes_are_the_places_of_voxels_and_broadcast_to_the_array(grid):
    x, y, z = grid.axes
    assert (x + y + z).shape == grid.shape
    assert (x.ravel()[[0, -1]].tolist(), y.ravel()[-1], z.ravel()[-1]) == ([-10, 10], 8, 6)


def test_a_ball_and_a_round_tube(grid):
    x, y, z = grid.axes
    ball = ellipsoid(grid.axes, (0.0, 0.0, 0.0), (5.0, 5.0, 5.0))
    np.testing.assert_allclose(ball, np.sqrt(x**2 + y**2 + z**2) - 5, atol=1e-5)
    tube = cylinder(grid.axes, (0.0, 0.0), (4.0, 4.0))
    expected = np.sqrt(x**2 + y**2) - 4
    np.testing.assert_allclose(tube, expected, atol=1e-5)
    # an ellipsoid's surface is where it should be, along each axis
    flat = ellipsoid((x, 0 * y, 0 * z), (1.0, 0.0, 0.0), (3.0, 2.0, 1.0))
    assert flat[0, 0, x.ravel() == 4].item() == pytest.approx(0)
    # in its middle, the nearest surface is as far as the shortest radius
    assert flat[0, 0, x.ravel() == 1].item() == pytest.approx(-1)


def test_a_tapering_tube_ends_round():
    axes = tuple(np.array([value], float) for value in (5.0, 3.0, 0.0))
    tube = capsule(axes, (0.0, 0.0, 0.0), (10.0, 0.0, 0.0), 2.0, 1.0)
    assert tube[0] == pytest.approx(3 - 1.5)
    beyond = (np.array([13.0]), np.array([4.0]), np.array([0.0]))
    assert capsule(beyond, (0, 0, 0), (10, 0, 0), 2.0, 1.0)[0] == pytest.approx(5 - 1)


def test_a_union_holds_both_bodies_with_a_fillet_between():
    one, two = np.array([-3.0, 5.0, 1.0]), np.array([6.0, -2.0, 1.0])
    union = smooth_union(one, two, 2.0)
    assert union[:2].tolist() == [-3, -2]
    # as near to both as to each other: a quarter of the blend is filled
    assert union[2] == pytest.approx(1 - 2 / 4)


def test_a_voxel_on_the_surface_is_half_inside():
    assert coverage(np.array([-2.0, -0.5, 0.0, 0.5, 2.0]), 2.0).tolist() == [1, 0.75, 0.5, 0.25, 0]


def test_noise_has_mean_0_and_sd_1_whatever_its_grain():
    fine, coarse = (
        correlated_noise(np.random.default_rng(1), (16, 32, 32), sigma) for sigma in (0.0, 3.0)
    )
    for field in (fine, coarse):
        assert field.mean() == pytest.approx(0, abs=1e-4)
        assert field.std() == pytest.approx(1, abs=1e-4)
    steps = [np.abs(np.diff(field, axis=2)).mean() for field in (fine, coarse)]
    assert steps[1] < steps[0] / 3
