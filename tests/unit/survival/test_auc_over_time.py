"""The area month by month is that under the ROC curve of the month."""

import numpy as np
import pytest

from taceflow.figures.auc_over_time import auc_over_time as draw
from taceflow.survival.evaluation.auc import FEWEST, auc_over_time
from taceflow.survival.evaluation.roc import roc_curve


@pytest.fixture
def cohort():
    """Times, events and a risk that orders the deaths in part."""
    random = np.random.default_rng(8)
    time = random.exponential(20, 90).round(2) + 0.1
    event = (random.random(90) < 0.7).astype(int)
    return time, event, -np.log(time) + random.normal(size=90)


def test_areas_are_those_under_the_curves(cohort):
    time, event, risk = cohort
    table = auc_over_time(time, event, risk)
    assert len(table) > 20
    for row in table.itertuples():
        false, true = roc_curve(time, event, risk, row.months)
        assert row.auc == pytest.approx(np.trapezoid(true, false), abs=1e-10)


def test_months_with_few_deaths_or_survivors_are_left_out(cohort):
    time, event, risk = cohort
    months = auc_over_time(time, event, risk)["months"]
    first, last = months.min(), months.max()
    assert ((time <= first) & (event == 1)).sum() >= FEWEST
    assert (time > last).sum() >= FEWEST > (time > last + 1).sum()


def test_nothing_to_draw_is_said(cohort):
    time, event, risk = (values[:6] for values in cohort)
    table = auc_over_time(time, event, risk)
    assert table.empty
    figure = draw(table.assign(model="clinical", cohort="training"))
    assert "deaths and survivors enough" in figure.axes[0].texts[1].get_text()
