"""The interval of a predicted survival by a bundle: near the run's, and nobody's."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from taceflow.bundle.told_interval import TOLERANCE, rounded_covariance, told_interval
from taceflow.survival.models.survival_interval import interval_as_json, survival_limits
from taceflow.survival.regression.cox import fit_cox

MONTHS = [12, 24, 36]


@pytest.fixture
def study():
    """A fit of patients whose covariates go together, as it is stored, and their follow-up."""
    draw = np.random.default_rng(7)

    def fitted(n=90, together=0.5):
        common = draw.normal(size=(n, 1))
        x = together * common + (1 - together) * draw.normal(size=(n, 3))
        x = x * [10, 0.02, 1] + [60, 1, 0]
        x[:, 2] = x[:, 2] > 0
        died = draw.exponential(25 * np.exp(-0.5 * (x[:, 0] - 60) / 10))
        left = draw.uniform(10, 70, n)
        time, event = np.minimum(died, left).round(1) + 0.1, (died <= left).astype(int)
        fit = fit_cox(time, event, x, ["age", "afp", "side=left"])
        return stored(fit), pd.DataFrame({"time_months": time, "event": event}), x, fit

    return fitted


def stored(fit):
    model = {
        "variables": list(fit.names),
        "baseline": {
            "times_months": fit.times_months.tolist(),
            "log_cumulative_hazard": fit.log_cumulative_hazard.tolist(),
            "last_follow_up_months": fit.last_follow_up_months,
        },
        "events": fit.events,
        "interval": interval_as_json(fit),
    }
    return json.loads(json.dumps(model))


def told(model, training, months=MONTHS):
    """The model with the baseline at the horizons alone, and its interval."""
    baseline = model["baseline"]
    at = np.searchsorted(baseline["times_months"], months, side="right") - 1
    hazard = [baseline["log_cumulative_hazard"][place] for place in at]
    baseline = baseline | {"times_months": months, "log_cumulative_hazard": hazard}
    return model | {"baseline": baseline, "interval": told_interval(model, months, training)}


def log_log_width(limits):
    return np.log(np.log(limits[0]) / np.log(limits[1]))


@pytest.mark.parametrize("together", [0.0, 0.5, 0.95])
def test_intervals_are_wide_as_the_runs(study, together):
    model, training, x, fit = study(together=together)
    risk = (x - fit.centre) @ fit.coefficients
    exact = survival_limits(model, x, risk, MONTHS)
    found = survival_limits(told(model, training), x, risk, MONTHS)
    ratio = log_log_width(found) / log_log_width(exact)
    assert np.sqrt(np.mean((ratio - 1) ** 2)) < 0.015
    np.testing.assert_allclose(ratio, 1, atol=0.04)


def test_a_death_on_a_horizon_is_counted_in_it(study):
    model, training, _, _ = study()
    months = [model["baseline"]["times_months"][20]]
    found = told_interval(model, months, training)["relative_variance"]
    assert found == [float(f"{model['interval']['relative_variance'][20]:.2g}")]
    assert found != [float(f"{model['interval']['relative_variance'][19]:.2g}")]


def test_numbers_have_two_digits_and_means_few_steps_in_the_spread(study):
    model, training, x, _ = study(together=0.0)
    interval = told_interval(model, MONTHS, training)
    told_numbers = [value for row in interval["covariance"] for value in row]
    for value in [*told_numbers, *interval["relative_variance"]]:
        assert value == float(f"{value:.2g}")
    means = np.array(interval["mean_at_risk"])
    # 25 steps in a spread, or fewer
    steps = np.array([0.5, 0.001, 0.02])
    assert (steps > 0.9 * x.std(axis=0) / 25).all()
    np.testing.assert_allclose(means / steps, np.round(means / steps), atol=1e-6)
    exact = np.array(model["interval"]["mean_at_risk"])
    assert (np.abs(means[-1] - exact).min(axis=0) <= steps / 2).all()


def test_a_patient_more_or_less_hardly_moves_the_means(study):
    """Whoever has two bundles, one without a patient, cannot solve for this patient's values."""
    model, training, x, _ = study()
    told_before = np.array(told_interval(model, MONTHS, training)["mean_at_risk"])
    time, event = training["time_months"].to_numpy(), training["event"].to_numpy()
    estimates, values = [], []
    for patient in range(0, len(x), 3):
        kept = np.arange(len(x)) != patient
        fewer = stored(fit_cox(time[kept], event[kept], x[kept], ["age", "afp", "side=left"]))
        after = np.array(told_interval(fewer, MONTHS, training[kept])["mean_at_risk"])
        estimates.append(len(x) * told_before[0] - (len(x) - 1) * after[0])
        values.append(x[patient])
    error = np.std(np.array(estimates) - values, axis=0)
    assert (error[:2] > 0.9 * x.std(axis=0)[:2]).all()


def test_horizons_of_a_handful_have_no_interval(study):
    model, training, x, fit = study()
    time = training["time_months"]
    late = float(np.sort(time)[-5]) + 0.01
    early = float(np.sort(time[training["event"] == 1])[3])
    found = told(model, training, [early, 24, late])
    assert found["interval"]["relative_variance"][::2] == [None, None]
    assert found["interval"]["mean_at_risk"][::2] == [[None] * 3] * 2
    risk = (x - fit.centre) @ fit.coefficients
    for limit in survival_limits(found, x, risk, [early, 24, late]):
        assert np.isnan(limit).all(axis=0).tolist() == [True, False, True]
    assert told_interval(model, [early, late], training) is None


def test_without_covariates(study):
    _, training, _, _ = study()
    time, event = training["time_months"], training["event"]
    model = stored(fit_cox(time, event, np.empty((90, 0)), []))
    lower, upper = survival_limits(told(model, training), np.empty((1, 0)), np.zeros(1), MONTHS)
    assert (lower < upper).all()


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.99, 0.9999, 1 - 1e-9])
def test_no_sum_has_another_variance(correlation):
    shape = np.array([[1, -correlation, 0], [-correlation, 1, 0], [0, 0, 1]])
    exact = shape * np.outer([3.3e-4, 71.7, 1e90], [3.3e-4, 71.7, 1e90])
    found = np.array(rounded_covariance(exact))
    scale = np.outer(*2 * [np.sqrt(np.diag(exact))])
    assert np.abs(linalg.eigh(found / scale, exact / scale, eigvals_only=True) - 1).max() < 0.06
    assert TOLERANCE < 0.06
    if correlation == 0:
        assert [found[0, 0], found[1, 1]] == [1.1e-7, 5100]


def test_an_infinite_variance_stays_unknown():
    exact = np.array([[2.34, 0, 0.5], [0, np.nan, 0], [0.5, 0, 1.18]])
    assert rounded_covariance(exact) == [[2.3, 0, 0.5], [0, None, 0], [0.5, 0, 1.2]]
    assert rounded_covariance(np.array([[np.nan]])) == [[None]]
