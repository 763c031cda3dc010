"""Figures of merit and Kaplan-Meier against other libraries and definitions, with heavy ties."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff

from taceflow.survival.evaluation.auc import auc_over_time, time_dependent_auc
from taceflow.survival.evaluation.bootstrap_intervals import generator_for
from taceflow.survival.evaluation.brier import brier_times, integrated_brier
from taceflow.survival.evaluation.calibration import calibration_slope
from taceflow.survival.evaluation.decision_curve import net_benefit
from taceflow.survival.evaluation.roc import roc_curve
from taceflow.survival.kaplan_meier import kaplan_meier, logrank, median_survival


@pytest.fixture(params=range(12))
def tied(request):
    """Whole months, few of them: in most sets the last one has deaths and censorings."""
    draw = np.random.default_rng(request.param)
    n = int(draw.integers(25, 140))
    time = draw.integers(1, int(draw.integers(8, 40)), n).astype(float)
    event = (draw.random(n) < draw.uniform(0.3, 0.9)).astype(int)
    risk = np.round(draw.normal(size=n) - 0.05 * time, int(draw.integers(0, 2)))
    return time, event, risk, draw.choice(list("abc"), n)


def uncensored(time, event, at, before=np.less_equal):
    """Probability of not being censored up to, or before, a time; there deaths come first."""
    share = 1.0
    for month in np.unique(time[(event == 0) & before(time, at)]):
        gone = ((time == month) & (event == 0)).sum()
        share *= 1 - gone / (gone + (time > month).sum())
    return share


def product_limit(time, event):
    """Times, survival and Greenwood's sum at each of them."""
    months = np.unique(time)
    deaths = np.array([((time == month) & (event == 1)).sum() for month in months])
    at_risk = np.array([(time >= month).sum() for month in months])
    with np.errstate(divide="ignore"):
        return (
            months,
            np.cumprod(1 - deaths / at_risk),
            np.cumsum(np.where(deaths > 0, deaths / (at_risk * (at_risk - deaths)), 0.0)),
        )


def middle(time, event):
    return float(np.quantile(time[event == 1], 0.5))


def weighted_area(time, event, risk, horizon):
    """Cases weighted by the inverse of not being censored before, controls beyond the horizon."""
    beyond = risk[time > horizon]
    cases = np.flatnonzero((event == 1) & (time <= horizon))
    weight = np.array([1 / uncensored(time, event, time[i], np.less) for i in cases])
    won = [(risk[i] > beyond).sum() + 0.5 * (risk[i] == beyond).sum() for i in cases]
    return (weight @ np.array(won)) / (weight.sum() * len(beyond))


def test_auc(tied):
    time, event, risk, _ = tied
    horizon = middle(time, event)
    expected = weighted_area(time, event, risk, horizon)
    found = time_dependent_auc(
        time, event, risk, [horizon], bootstraps=0, generator=generator_for(1)
    )
    assert found[0].estimate == pytest.approx(expected, abs=1e-12)
    false, true = roc_curve(time, event, risk, horizon)
    assert np.trapezoid(true, false) == pytest.approx(expected, abs=1e-12)
    by_month = auc_over_time(time, event, risk)
    for row in by_month.iloc[:: max(1, len(by_month) // 3)].itertuples():
        assert row.auc == pytest.approx(weighted_area(time, event, risk, row.months), abs=1e-12)


def test_integrated_brier(tied):
    time, event, risk, _ = tied
    horizon = middle(time, event)
    months, _ = brier_times(time, event, [horizon])
    survival = np.exp(-np.outer(np.exp(0.3 * risk), months / horizon))
    scores = []
    for column, month in zip(survival.T, months, strict=True):
        dead = np.flatnonzero((time <= month) & (event == 1))
        weight = np.array([uncensored(time, event, time[i], np.less) for i in dead])
        alive = (1 - column[time > month]) ** 2
        of_alive = alive.sum() / uncensored(time, event, month) if len(alive) else 0
        scores.append(((column[dead] ** 2 / weight).sum() + of_alive) / len(time))
    expected = np.trapezoid(scores, months) / (months[-1] - months[0])
    found = integrated_brier(
        time, event, survival, months, bootstraps=0, generator=generator_for(1)
    )
    assert found.estimate == pytest.approx(expected, abs=1e-12)


def test_calibration_slope(tied):
    time, event, risk, _ = tied
    expected = PHReg(time, risk[:, None], status=event, ties="efron").fit()
    found = calibration_slope(time, event, risk)
    assert found.estimate == pytest.approx(expected.params[0], abs=1e-5)
    reach = stats.norm.ppf(0.975) * expected.bse[0]
    assert (found.upper - found.lower) / 2 == pytest.approx(reach, abs=1e-5)


def test_net_benefit(tied):
    time, event, risk, _ = tied
    horizon = middle(time, event)
    probability = 1 / (1 + np.exp(-risk))
    thresholds = np.arange(5, 96, 10) / 100
    found = net_benefit(time, event, probability, horizon, thresholds)
    for benefit, threshold in zip(found, thresholds, strict=True):
        treated = probability >= threshold
        if not treated.any():
            assert benefit == 0
            continue
        months, survival, _ = product_limit(time[treated], event[treated])
        before = months <= horizon
        died = 1 - survival[before][-1] if before.any() else 0
        if months[-1] < horizon and survival[-1] > 0:
            died = np.nan
        expected = treated.mean() * (died - (1 - died) * threshold / (1 - threshold))
        assert benefit == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_log_rank_of_three_groups(tied):
    time, event, _, group = tied
    statistic, p = survdiff(time, event, group)
    found = logrank(time, event, group)
    assert (found.statistic, found.p) == pytest.approx((statistic, p), rel=1e-8)


def test_a_group_that_is_gone_before_the_first_death_takes_no_part(tied):
    time, event, _, group = tied
    early = np.append(time, [0.5, 0.5]), np.append(event, [0, 0]), np.append(group, ["z", "z"])
    assert logrank(*early) == logrank(time, event, group)
    assert logrank(*early).degrees_of_freedom == 2


def by_r(curve, months):
    """When R's survfit prints that a curve falls to one half (``survmean``, its ``minmin``)."""
    tolerance = np.finfo(float).eps ** 0.5
    kept = ~np.isnan(curve) & (curve < 0.5 + tolerance)
    if not kept.any():
        return np.nan
    months, curve = months[kept], curve[kept]
    if abs(curve[0] - 0.5) < tolerance and (curve < curve[0]).any():
        return (months[0] + months[np.flatnonzero(curve < curve[0])[0]]) / 2
    return months[0]


@pytest.mark.parametrize("size", [5, 8, 12, 400])
def test_medians_and_limits(tied, size):
    time, event, _, _ = (values[:size] for values in tied)
    z = stats.norm.ppf(0.975)
    # the reverse curve is that of follow-up
    for marks in (event, 1 - event):
        months, survival, greenwood = product_limit(time, marks)
        inside = (survival > 0) & (survival < 1)
        reach = np.full(len(months), np.nan)
        reach[inside] = z * np.sqrt(greenwood[inside]) / np.log(survival[inside])
        lower, upper = (
            np.exp(np.log(np.where(inside, survival, 0.9)) * np.exp(sign * reach))
            for sign in (-1, 1)
        )
        found = median_survival(time, marks).iloc[0]
        expected = [by_r(curve, months) for curve in (survival, lower, upper)]
        keys = ["median_months", "lower_months", "upper_months"]
        np.testing.assert_allclose(found[keys].to_numpy(float), expected)
        curve = kaplan_meier(time, marks)
        curve = curve[curve["time_months"] > 0]
        np.testing.assert_allclose(curve["survival"], survival, atol=1e-12)
        np.testing.assert_allclose(curve["lower"][inside], lower[inside], atol=1e-9)


def test_a_median_in_the_middle_of_a_stay():
    table = pd.DataFrame({"time": [2.0, 4, 9, 12], "event": 1})
    found = median_survival(table["time"].to_numpy(), table["event"].to_numpy()).iloc[0]
    assert found["median_months"] == 6.5
    # the upper limit has not fallen to one half before everybody is dead
    assert np.isnan(found["upper_months"])
