"""The time-dependent AUC: at horizons with intervals, and month by month as under the curves."""

import numpy as np
import pytest
from sksurv.metrics import cumulative_dynamic_auc
from sksurv.util import Surv

from taceflow.figures.auc_over_time import auc_over_time as draw
from taceflow.survival.evaluation.auc import FEWEST, auc_over_time, time_dependent_auc
from taceflow.survival.evaluation.bootstrap_intervals import generator_for
from taceflow.survival.evaluation.normal_intervals import NO_SPREAD
from taceflow.survival.evaluation.roc import roc_curve


@pytest.fixture
def outcome():
    """Times, events and a risk that orders the deaths in part."""
    random = np.random.default_rng(8)
    time = random.exponential(20, 90).round(2) + 0.1
    event = (random.random(90) < 0.7).astype(int)
    return time, event, -np.log(time) + random.normal(size=90)


def test_areas_are_those_under_the_curves(outcome):
    time, event, risk = outcome
    table = auc_over_time(time, event, risk)
    assert len(table) > 20
    for row in table.itertuples():
        false, true = roc_curve(time, event, risk, row.months)
        assert row.auc == pytest.approx(np.trapezoid(true, false), abs=1e-10)


def test_months_with_few_deaths_or_survivors_are_left_out(outcome):
    time, event, risk = outcome
    months = auc_over_time(time, event, risk)["months"]
    first, last = months.min(), months.max()
    assert ((time <= first) & (event == 1)).sum() >= FEWEST
    assert (time > last).sum() >= FEWEST > (time > last + 1).sum()


def test_nothing_to_draw_is_said(outcome):
    time, event, risk = (values[:6] for values in outcome)
    table = auc_over_time(time, event, risk)
    assert table.empty
    figure = draw(table.assign(model="clinical", cohort="training"))
    assert "deaths and survivors enough" in figure.axes[0].texts[1].get_text()


def auc(data, horizons, seed=1, bootstraps=50):
    draws = generator_for(seed, "model", "training")
    return time_dependent_auc(*data, horizons, bootstraps=bootstraps, generator=draws)


def test_auc_equals_scikit_survival_in_any_order_of_horizons(apart):
    time, event, risk = apart
    outcome = Surv.from_arrays(event.astype(bool), time)
    expected, _ = cumulative_dynamic_auc(outcome, outcome, risk, [12.0, 36.0])
    found = [one.estimate for one in auc(apart, [36.0, 12.0])]
    np.testing.assert_allclose(found[::-1], expected)


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
