"""Predictions: who is predicted by which head."""

import numpy as np

from taceflow.dlopctr.dataset import Images
from taceflow.dlopctr.fits.predict import predicted_curves
from taceflow.dlopctr.head.fitted_head import Head

BREAKS = 3


def a_head(logit):
    """A head that predicts the same for every image."""
    return Head(np.zeros((BREAKS, 2)), np.full(BREAKS, logit), np.zeros(2), np.ones(2))


def test_a_training_patient_is_predicted_by_the_heads_that_never_saw_the_patient():
    ids = [f"P{number}" for number in range(5)]
    owner = np.array([0, 0, 1, 2, 3, 3, 4])
    images = Images(np.array(ids), np.ones(5), np.ones(5), np.ones((1, len(owner), 2)), owner)
    logits = {"final": 9.0, "fold1": 1.0, "fold2": -1.0}
    heads = {f"seed1.{fit}": a_head(logit) for fit, logit in logits.items()}
    heads |= {f"seed2.{fit}": a_head(logit + 0.5) for fit, logit in logits.items()}
    fold = np.array([1, 2, 0, 1, 2])
    curves = predicted_curves(heads, [images] * 3, fold)
    fits = ["fold1", "fold2", "final", "fold1", "fold2"]
    for seed, more in enumerate((0.0, 0.5)):
        alive = 1 / (1 + np.exp(-np.array([logits[fit] + more for fit in fits])))
        np.testing.assert_allclose(curves[seed], alive[:, None] ** [1, 2, 3])


def test_the_images_too_are_those_of_the_fit_without_the_patient():
    """DLOP-Combin's clinical variables are those of the fit."""
    patients = (np.array(["P0", "P1"]), np.ones(2), np.ones(2))
    of_final, of_fold = (
        Images(*patients, np.full((1, 2, 2), value), np.arange(2)) for value in (5.0, 1.0)
    )
    head = Head(np.ones((BREAKS, 2)), np.zeros(BREAKS), np.zeros(2), np.ones(2))
    heads = {"seed1.final": head, "seed1.fold1": head}
    curves = predicted_curves(heads, [of_final, of_fold], np.array([1, 0]))
    np.testing.assert_allclose(curves[0, :, 0], 1 / (1 + np.exp([-2.0, -10.0])))
