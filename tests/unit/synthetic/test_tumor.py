"""A synthetic tumour, and the readers' outlines of it."""

import numpy as np
import pytest

from taceflow.synthetic.latent import (
    draw_patient,
)
from taceflow.synthetic.phantom import make_phantom
from taceflow.synthetic.tumor import draw_shape, outline


def test_the_longest_diameter_is_the_planned_one(synthetic_settings):
    for number in (1, 2, 4, 6):
        patient = draw_patient(synthetic_settings, number)
        phantom = make_phantom(synthetic_settings["seed"], patient)
        z, y, x = np.nonzero(phantom.tumor.mask(phantom.grid))
        points = np.column_stack([x, y, z]) * phantom.grid.spacing_mm
        extent = np.linalg.norm(points[:, None] - points[None], axis=2).max()
        assert extent == pytest.approx(patient.tumor_size_mm, abs=6)


def test_readers_outline_the_tumour_alike_and_the_second_one_less_so(synthetic_settings):
    distances = {(1, 2): [], (2, 1): []}
    for number in range(1, 9):
        patient = draw_patient(synthetic_settings, number)
        tumor = draw_shape(np.random.default_rng(number), (0.0, 0.0, 0.0), 30.0)
        assert outline(tumor, 11, patient, 1, 1) is tumor
        for reading, found in distances.items():
            other = outline(tumor, 11, patient, *reading)
            found.append(np.linalg.norm(np.subtract(other.centre_mm, tumor.centre_mm)))
            assert other.radius_mm == pytest.approx(tumor.radius_mm, rel=0.031)
    assert 0 < np.mean(distances[1, 2]) < np.mean(distances[2, 1]) < 4
