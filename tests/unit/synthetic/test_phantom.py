"""The CT of a synthetic patient: what was planted can be measured."""

import numpy as np

from taceflow.synthetic.latent import (
    draw_patient,
)
from taceflow.synthetic.phantom import make_phantom


def test_heterogeneity_in_the_mask_follows_the_latent_texture(synthetic_settings):
    z, spread, mean = [], [], []
    for number in range(1, 13):
        patient = draw_patient(synthetic_settings, number)
        phantom = make_phantom(synthetic_settings["seed"], patient)
        inside = phantom.hu["arterial"][phantom.tumor.mask(phantom.grid) > 0]
        z.append(patient.texture_z)
        spread.append(inside.std())
        mean.append(inside.mean())
    assert np.corrcoef(z, spread)[0, 1] > 0.8
    assert min(mean) > 80


def test_tumour_enhances_in_the_arterial_phase_and_washes_out(synthetic_settings):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 2))
    inside = phantom.tumor.mask(phantom.grid) > 0
    distance = phantom.tumor.distance(phantom.grid)
    around = (distance > 3) & (distance < 8)
    for phase, sign in (("arterial", 1), ("portal", -1)):
        tumor, liver = phantom.hu[phase][inside], phantom.hu[phase][around]
        assert sign * (tumor.mean() - np.median(liver)) > 5
