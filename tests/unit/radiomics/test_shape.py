"""Surface, volume and diameters against PyRadiomics' own C code."""

import numpy as np
import pytest
from radiomics import cShape
from scipy import ndimage

from taceflow.radiomics.shape import mesh_area_and_volume, mesh_diameters


def blob():
    noise = np.random.default_rng(0).random((30, 34, 26))
    return ndimage.gaussian_filter(noise, 3) > 0.5


MASKS = {
    "one voxel": np.ones((1, 1, 1), bool),
    "one slice": np.ones((1, 5, 7), bool),
    "one sagittal slice": np.ones((5, 7, 1), bool),
    "a box": np.ones((4, 9, 6), bool),
    "every cube": np.random.default_rng(1).random((14, 15, 16)) > 0.6,
    "a lobulated tumour": blob(),
}


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), (2.5, 0.8, 0.7)])
@pytest.mark.parametrize("name", MASKS)
def test_equal_to_all_pairs_of_vertices(name, spacing_mm):
    mask, spacing = np.pad(MASKS[name], 1), np.array(spacing_mm)
    area, volume, diameters = cShape.calculate_coefficients(mask, spacing)
    assert mesh_area_and_volume(mask, spacing) == pytest.approx((area, volume), rel=1e-12)
    assert mesh_diameters(mask, spacing) == pytest.approx(diameters, rel=1e-15)


def test_a_single_voxel_is_an_octahedron():
    mask, spacing = np.pad(np.ones((1, 1, 1), bool), 1), np.ones(3)
    area, volume = mesh_area_and_volume(mask, spacing)
    assert area == pytest.approx(8 * np.sqrt(3) / 4 / 2, rel=1e-14)
    assert volume == pytest.approx(1 / 6, rel=1e-14)
    assert mesh_diameters(mask, spacing) == (1.0, 1.0, 1.0, 1.0)
