"""Polygons are filled and traced voxel by voxel."""

import numpy as np
import pytest
from matplotlib.path import Path as Polygon

from taceflow.imaging.masks.polygons import fill_polygons, interpolate_shape


def star(rng, points=37):
    """A random outline without crossings, in voxels."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = rng.uniform(4, 18, points)
    centre = rng.uniform(18, 26, 2)
    return centre + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def test_filling_equals_another_rasteriser_voxel_by_voxel():
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:45, :50]
    centres = np.column_stack([x.ravel(), y.ravel()])
    for _ in range(40):
        polygons = [star(rng), star(rng)]
        other = np.zeros(x.shape, dtype=bool)
        for polygon in polygons:
            other ^= Polygon(polygon).contains_points(centres).reshape(x.shape)
        np.testing.assert_array_equal(fill_polygons(polygons, x.shape), other)


def test_filling_against_a_supersampled_reference():
    """Each voxel is in if half of it is, but for those that the border cuts near the middle."""
    rng = np.random.default_rng(6)
    fine = (np.arange(16) + 0.5) / 16 - 0.5
    for _ in range(10):
        polygon = star(rng)
        at_x = (np.arange(50)[:, None] + fine).ravel()
        at_y = (np.arange(45)[:, None] + fine).ravel()
        points = np.stack(np.meshgrid(at_x, at_y), axis=-1).reshape(-1, 2)
        inside = Polygon(polygon).contains_points(points).reshape(45, 16, 50, 16)
        share = inside.mean(axis=(1, 3))
        filled = fill_polygons([polygon], (45, 50))
        assert filled.sum() == pytest.approx(share.sum(), rel=0.03)
        assert filled[share == 1].all()
        assert not filled[share == 0].any()
        both = (filled & (share >= 0.5)).sum()
        assert 2 * both / (filled.sum() + (share >= 0.5).sum()) > 0.97


def test_an_outline_through_voxel_centres_takes_half_of_its_border():
    """As many voxels as its area, whatever noise the way through millimetres brings."""
    corners = np.array([[5, 6], [15, 6], [15, 16], [5, 16]], dtype=float)
    assert fill_polygons([corners], (30, 30)).sum() == 100
    assert fill_polygons([corners[::-1]], (30, 30)).sum() == 100


def test_interpolation_of_shapes_apart_invents_nothing():
    one, other = np.zeros((2, 40, 40), dtype=bool)
    one[5:10, 5:10] = other[30:35, 30:35] = True
    assert not interpolate_shape(one, other, 0.5).any()
    np.testing.assert_array_equal(interpolate_shape(one, one, 0.3), one)
    assert not interpolate_shape(one, np.zeros_like(one), 0.5).any()
