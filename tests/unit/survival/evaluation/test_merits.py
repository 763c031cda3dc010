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


def test_no_brier_score_is_integrated_over_months_that_a_bundle_does_not_tell(data):
    time, event, _ = data

    def brier(at_horizons_alone):
        predicted = Predicted(
            risk=-time,
            log_hazard=-time,
            survival=lambda at: np.full((len(time), len(at)), 0.5),
            last_months=1e3,
            at_horizons_alone=at_horizons_alone,
        )
        found = merits(time, event, predicted, [12.0])
        return next(one for name, _, one in found if name == "brier_integrated")

    assert np.isfinite(brier(False).estimate)
    assert np.isnan(brier(True).estimate)
    assert "told at the horizons alone" in brier(True).note
