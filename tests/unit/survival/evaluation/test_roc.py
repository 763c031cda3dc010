"""ROC curves: their area, and without censoring the usual ones."""

import numpy as np
import pytest
from sksurv.metrics import cumulative_dynamic_auc
from sksurv.util import Surv

from taceflow.survival.evaluation.roc import roc_curve


def test_area_under_the_roc_curve_is_the_auc(apart):
    time, event, risk = apart
    outcome = Surv.from_arrays(event.astype(bool), time)
    for horizon in (6.0, 12.0, 36.0):
        false, true = roc_curve(time, event, risk, horizon)
        expected, _ = cumulative_dynamic_auc(outcome, outcome, risk, [horizon])
        assert np.trapezoid(true, false) == pytest.approx(expected[0], abs=1e-12)
        assert (false[0], true[0], false[-1], true[-1]) == pytest.approx((0, 0, 1, 1))
        assert (np.diff(false) >= 0).all()
        assert (np.diff(true) >= 0).all()


def test_without_censoring_the_roc_is_the_usual_one():
    time, event = np.array([1.0, 2.0, 3.0, 9.0, 9.5]), np.ones(5)
    false, true = roc_curve(time, event, np.array([5.0, 4.0, 1.0, 3.0, 0.0]), 4.0)
    np.testing.assert_allclose(false, [0, 0, 0, 0.5, 0.5, 1])
    np.testing.assert_allclose(true, [0, 1 / 3, 2 / 3, 2 / 3, 1, 1])
