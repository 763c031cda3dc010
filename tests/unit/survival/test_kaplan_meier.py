"""Kaplan-Meier, medians and log-rank against R's survival."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import CohortTooSmallError
from taceflow.survival.kaplan_meier import (
    excess_deaths,
    kaplan_meier,
    logrank,
    median_survival,
    numbers_at_risk,
)


@pytest.fixture
def columns(veteran):
    return [veteran[name].to_numpy() for name in ("time_months", "event", "celltype")]


def test_curves_equal_survfit_with_log_log_intervals(shared_data, columns):
    table = pd.read_csv(
        shared_data / "stat/km/veteran_celltype_km_loglog.csv", skipinitialspace=True
    )
    table["group"] = table["strata"].str.removeprefix("celltype=")
    found = kaplan_meier(*columns)
    found = found.loc[found["time_months"] > 0]
    both = table.merge(found, left_on=["group", "time"], right_on=["group", "time_months"])
    assert len(both) == len(table) == len(found)
    np.testing.assert_allclose(both["survival"], both["surv"], atol=1e-12)
    np.testing.assert_allclose(both["lower"], both["lo95"], atol=1e-10)
    np.testing.assert_allclose(both["upper"], both["hi95"], atol=1e-10)
    assert both["at_risk"].tolist() == both["n_risk"].tolist()
    assert both["events"].tolist() == both["n_event"].tolist()
    assert both["censored"].tolist() == both["n_censor"].tolist()


def test_medians_equal_survfit(shared_data, columns):
    table = pd.read_csv(shared_data / "stat/km/veteran_celltype_median.csv", skipinitialspace=True)
    table = table.loc[table["conf"] == "log-log"]
    table["group"] = table["strata"].str.removeprefix("celltype=")
    both = table.merge(median_survival(*columns), on="group", suffixes=("_r", ""))
    assert len(both) == 4
    assert both["median_months"].tolist() == both["median"].tolist()
    assert both["lower_months"].tolist() == both["0.95LCL"].tolist()
    assert both["upper_months"].tolist() == both["0.95UCL"].tolist()
    assert both["events"].tolist() == both["events_r"].tolist()


def test_numbers_at_risk_equal_survfit(shared_data, columns):
    table = pd.read_csv(
        shared_data / "stat/km/veteran_celltype_risktable.csv", skipinitialspace=True
    )
    table["group"] = table["strata"].str.removeprefix("celltype=")
    time, _, group = columns
    found = numbers_at_risk(time, sorted(table["time"].unique()), group)
    both = table.merge(found, left_on=["group", "time"], right_on=["group", "time_months"])
    assert len(both) == len(table)
    assert both["at_risk"].tolist() == both["n_risk"].tolist()


@pytest.mark.parametrize(
    ("test", "column"),
    [("veteran_celltype_logrank", "celltype"), ("veteran_trt_logrank", "trt")],
)
def test_logrank_equals_survdiff(shared_data, veteran, test, column):
    expected = pd.read_csv(shared_data / "stat/km/logrank.csv", skipinitialspace=True)
    expected = expected.set_index("test").loc[test]
    found = logrank(*(veteran[name].to_numpy() for name in ("time_months", "event", column)))
    assert found.statistic == pytest.approx(expected["chisq"], rel=1e-10)
    assert found.degrees_of_freedom == expected["df"]
    assert found.p == pytest.approx(expected["p"], rel=1e-8)


def test_all_censored_has_no_median_and_no_test():
    time, event = np.array([1.0, 2.0, 3.0]), np.zeros(3)
    assert (kaplan_meier(time, event)["survival"] == 1).all()
    assert median_survival(time, event)["median_months"].isna().all()
    with pytest.raises(CohortTooSmallError, match="a death"):
        logrank(time, event, np.array(["a", "a", "b"]))
    with pytest.raises(CohortTooSmallError, match="two groups"):
        logrank(time, np.ones(3), np.array(["a", "a", "a"]))


def test_excess_deaths_are_those_of_survdiff(veteran):
    time, event = veteran["time_months"].to_numpy(), veteran["event"].to_numpy()
    # R: survdiff(Surv(time, status) ~ celltype, veteran), N 137: observed and expected
    expected = {"adeno": (26, 15.7), "large": (26, 34.5), "smallcell": (45, 30.1)}
    expected["squamous"] = (31, 47.7)
    for group, (observed, by_chance) in expected.items():
        found = excess_deaths(time, event, (veteran["celltype"] == group).to_numpy())
        assert found == pytest.approx(observed - by_chance, abs=0.06)
