"""Figures of merit of one cohort."""

import numpy as np

from taceflow.survival.evaluation.auc import time_dependent_auc
from taceflow.survival.evaluation.bootstrap_intervals import generator_for
from taceflow.survival.evaluation.merits import merits
from taceflow.survival.evaluation.normal_intervals import NO_SPREAD
from taceflow.survival.models.predictions import Predicted


def auc(data, horizons, seed=1, bootstraps=50):
    draws = generator_for(seed, "model", "training")
    return time_dependent_auc(*data, horizons, bootstraps=bootstraps, generator=draws)


def test_a_perfect_order_has_no_interval_from_one_to_one(data):
    time, event, _ = data
    risk = 0.01 * event - time  # of a death and a censoring at one time the death comes first
    predicted = Predicted(risk, risk / 100, lambda at: (time[:, None] > at) + 0.0, 1e3)
    found = {name: one for name, _, one in merits(time, event, predicted, [12.0], bootstraps=9)}
    for name in ("c_index", "auc"):
        assert (found[name].estimate, found[name].note) == (1, NO_SPREAD)
        assert np.isnan(found[name].upper)
