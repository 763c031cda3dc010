"""A synthetic tumour, and the readers' outlines of it."""

import numpy as np
import pytest

from taceflow.synthetic.latent import (
    draw_patient,
)
from taceflow.synthetic.phantom import make_phantom


def test_the_longest_diameter_is_the_planned_one(synthetic_settings):
    for number in (1, 2, 4, 6):
        patient = draw_patient(synthetic_settings, number)
        phantom = make_phantom(synthetic_settings["seed"], patient)
        z, y, x = np.nonzero(phantom.tumor.mask(phantom.grid))
        points = np.column_stack([x, y, z]) * phantom.grid.spacing_mm
        extent = np.linalg.norm(points[:, None] - points[None], axis=2).max()
        assert extent == pytest.approx(patient.tumor_size_mm, abs=6)
