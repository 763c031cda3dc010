"""Weights for censoring, by hand, and horizons that cannot be judged."""

import numpy as np
import pytest
from sksurv.metrics import brier_score
from sksurv.util import Surv

from taceflow.survival.evaluation.censoring import (
    brier_weights,
    censoring_weights,
    horizon_problem,
    just_before_deaths,
)


def test_weights_by_hand():
    time, event = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1, 0, 1, 0, 1, 0])
    # censored are one of five at 2 months and one of three at 4
    expected = [1, 0, 5 / 4, 0, 5 / 4 * 3 / 2, 0]
    np.testing.assert_allclose(censoring_weights(time, event, 5.0), expected)
    np.testing.assert_allclose(censoring_weights(time, event, 3.5), [1, 0, 5 / 4, 0, 0, 0])


def test_who_is_censored_when_another_dies_was_at_risk():
    time, event = np.array([1.0, 2, 2, 3]), np.array([1, 0, 1, 0])
    np.testing.assert_allclose(censoring_weights(time, event, 2.5), [1, 0, 1, 0])
    judged = just_before_deaths(time, event)
    assert judged["time"][2] < judged["time"][1] == 2


@pytest.mark.parametrize(
    ("time", "event", "problem"),
    [
        ([1.0, 9.0], [1, 0], "nobody followed beyond 12 months (longest 9.0)"),
        ([], [], "nobody followed beyond 12 months (longest 0.0)"),
        ([6.0, 30.0], [0, 1], "no death up to 12 months"),
        ([6.0, 30.0], [1, 0], ""),
    ],
)
def test_a_horizon_that_cannot_be_judged_says_why(time, event, problem):
    assert horizon_problem(np.array(time), np.array(event), 12.0) == problem


def test_brier_weights_give_scikit_survivals_score(data):
    time, event, risk = data
    horizons = [6.0, 12.0, 24.0, 36.0]
    survival = np.exp(-np.outer(np.exp(risk), horizons) / 40)
    outcome = Surv.from_arrays(event.astype(bool), time)
    _, expected = brier_score(outcome, just_before_deaths(time, event), survival, horizons)
    died, alive = brier_weights(time, event, horizons)
    found = (died * survival**2 + alive * (1 - survival) ** 2).mean(axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_horizon_that_cannot_be_judged_has_no_weights():
    weights = brier_weights(np.array([6.0, 30.0]), np.array([1, 0]), [3.0, 12.0, 60.0])
    for one in weights:
        assert np.isnan(one).all(axis=0).tolist() == [True, False, True]
    empty = brier_weights(np.array([]), np.array([]), [12.0])
    assert [one.shape for one in empty] == [(0, 1), (0, 1)]
