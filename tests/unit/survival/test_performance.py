"""AUC, Brier score, ROC and calibration: definitions, cross-checks and short follow-up."""

import numpy as np
import pytest
from sksurv.metrics import cumulative_dynamic_auc
from sksurv.util import Surv

from taceflow.errors import CohortTooSmallError
from taceflow.survival.evaluation.auc import time_dependent_auc
from taceflow.survival.evaluation.bootstrap import generator_for
from taceflow.survival.evaluation.brier import brier_times, integrated_brier
from taceflow.survival.evaluation.calibration import calibration_groups, calibration_slope
from taceflow.survival.evaluation.merits import merits
from taceflow.survival.evaluation.multiplicity import holm
from taceflow.survival.evaluation.normal_intervals import NO_SPREAD
from taceflow.survival.evaluation.roc import roc_curve
from taceflow.survival.models.predicted import Predicted
from taceflow.survival.regression.cox import fit_cox


@pytest.fixture
def data(cohort):
    return (
        cohort["time_months"].to_numpy(),
        cohort["event"].to_numpy(),
        (cohort["strong"] + 0.5 * cohort["weak"]).round(1).to_numpy(),
    )


@pytest.fixture
def apart(data):
    """No two times alike: with deaths and censorings at one time scikit-survival differs from R."""
    time, event, risk = data
    return time + 1e-4 * np.arange(len(time)), event, risk


def auc(data, horizons, seed=1, bootstraps=50):
    draws = generator_for(seed, "model", "training")
    return time_dependent_auc(*data, horizons, bootstraps=bootstraps, generator=draws)


def test_auc_equals_scikit_survival_in_any_order_of_horizons(apart):
    time, event, risk = apart
    outcome = Surv.from_arrays(event.astype(bool), time)
    expected, _ = cumulative_dynamic_auc(outcome, outcome, risk, [12.0, 36.0])
    found = [one.estimate for one in auc(apart, [36.0, 12.0])]
    np.testing.assert_allclose(found[::-1], expected)


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


def test_intervals_are_drawn_from_the_seed(data):
    first, again, other = auc(data, [12.0]), auc(data, [12.0]), auc(data, [12.0], seed=2)
    assert first == again
    assert first[0].lower != other[0].lower
    assert first[0].lower < first[0].estimate < first[0].upper


def test_a_horizon_beyond_follow_up_is_empty_with_a_reason(data):
    found = auc(data, [12.0, 500.0, 0.01])
    assert np.isfinite(found[0].estimate)
    assert np.isnan(found[1].estimate)
    assert "nobody followed beyond 500 months" in found[1].note
    assert "no death up to 0.01 months" in found[2].note


def test_all_censored_and_constant_risk(data):
    time, event, risk = data
    assert "no death" in auc((time, event * 0, risk), [12.0])[0].note
    flat = auc((time, event, risk * 0), [12.0])[0]
    assert (flat.estimate, flat.note) == (0.5, NO_SPREAD)
    assert np.isnan([flat.lower, flat.upper]).all()


def test_a_perfect_order_has_no_interval_from_one_to_one(data):
    time, event, _ = data
    risk = 0.01 * event - time  # of a death and a censoring at one time the death comes first
    predicted = Predicted(risk, risk / 100, lambda at: (time[:, None] > at) + 0.0, 1e3)
    found = {name: one for name, _, one in merits(time, event, predicted, [12.0], bootstraps=9)}
    for name in ("c_index", "auc"):
        assert (found[name].estimate, found[name].note) == (1, NO_SPREAD)
        assert np.isnan(found[name].upper)


def test_brier_of_a_coin_and_of_knowledge(data):
    time, event, _ = data
    times, note = brier_times(time, event, [12.0, 24.0])
    assert note == ""
    assert times[-1] == 24
    coin = np.full((len(time), len(times)), 0.5)
    known = (time[:, None] > times).astype(float)
    draws = generator_for(1, "a", "b")
    score = integrated_brier(time, event, coin, times, bootstraps=20, generator=draws)
    assert score.estimate == pytest.approx(0.25, abs=0.01)
    perfect = integrated_brier(time, event, known, times, bootstraps=20, generator=draws)
    assert perfect.estimate == pytest.approx(0, abs=1e-12)


def test_brier_without_reach():
    times, note = brier_times(np.array([1.0, 2.0]), np.array([1, 0]), [12.0])
    assert len(times) == 0
    assert "nobody followed beyond 12" in note
    score = integrated_brier(
        np.array([1.0]),
        np.array([1]),
        np.ones((1, 0)),
        times,
        bootstraps=20,
        generator=generator_for(1),
    )
    assert np.isnan(score.estimate)


def test_calibration_slope_of_a_models_own_cohort_is_one(cohort):
    time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
    model = fit_cox(time, event, cohort[["strong", "stage"]], ["strong", "stage"])
    risk = cohort[["strong", "stage"]].to_numpy() @ model.coefficients
    slope = calibration_slope(time, event, risk)
    assert slope.estimate == pytest.approx(1, abs=1e-6)
    assert calibration_slope(time, event, 2 * risk).estimate == pytest.approx(0.5, abs=1e-6)
    with pytest.raises(CohortTooSmallError):
        calibration_slope(time, event * 0, risk)


def test_calibration_groups(cohort):
    time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
    predicted = cohort["dlopctr"].to_numpy()
    table = calibration_groups(time, event, predicted, 12.0)
    assert table["n"].tolist() == [32] * 5
    assert table["predicted"].is_monotonic_increasing
    assert table["observed"].iloc[-1] > table["observed"].iloc[0]
    assert (table["lower"] <= table["observed"]).all()
    # One prediction for all is one group; its survival is the cohort's.
    assert calibration_groups(time, event, np.full(160, 0.4), 12.0)["n"].tolist() == [160]
    beyond = calibration_groups(time, event * 0, predicted, 500.0)
    assert beyond["observed"].isna().all()
    assert (beyond["note"] != "").all()


def test_holm_equals_p_adjust(shared_data):
    import json

    stored = json.loads((shared_data / "stat/table1/p_adjust.json").read_text())
    np.testing.assert_allclose(holm(stored["p"]), stored["holm"])
    assert np.isnan(holm([np.nan, 0.5])[0])
