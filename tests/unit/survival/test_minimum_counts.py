"""One floor for all: below five of a kind the estimate stands alone, and the note says why."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import CohortTooSmallError
from taceflow.figures.kaplan_meier import Panel
from taceflow.survival.evaluation.delong import COLUMNS, delong_rows
from taceflow.survival.evaluation.merits import merits
from taceflow.survival.evaluation.normal_intervals import NO_TEST
from taceflow.survival.evaluation.optimism import bootstrap_optimism
from taceflow.survival.evaluation.performance import compare_models
from taceflow.survival.kaplan_meier import logrank
from taceflow.survival.minimum_counts import FEWEST, of_survival, shortfall
from taceflow.survival.models.cut_off import find_cut_off
from taceflow.survival.models.fit import cox_models
from taceflow.survival.models.predictions import Predicted
from taceflow.survival.regression.design import Variable
from taceflow.survival.tables.group_tests import compare_counts, compare_numbers
from taceflow.survival.tables.table_logistic import logistic_table
from taceflow.survival.tables.table_s1 import table_s1


def patients(n=60, deaths=30, seed=1):
    """Return patients of whom so many die, all before follow-up ends at one time."""
    draw = np.random.default_rng(seed)
    months = np.sort(draw.exponential(20, n)) + 1
    ends = months[deaths - 1 : deaths + 1].mean() if deaths < n else np.inf
    return pd.DataFrame(
        {
            "patient_id": [f"P{number:03d}" for number in range(n)],
            "cohort": "validation",
            "time_months": np.minimum(months, ends),
            "event": (months < ends).astype(int),
            "risk": draw.normal(size=n) - 0.03 * months,
        }
    )


def measured(table, horizons):
    """Return each figure of merit by its name and horizon."""
    risk = table["risk"].to_numpy()

    def survival(months):
        return np.exp(-np.exp(risk)[:, None] * np.asarray(months) / 40)

    found = merits(
        table["time_months"].to_numpy(),
        table["event"].to_numpy(),
        Predicted(risk, risk, survival, 1000.0),
        horizons,
        bootstraps=50,
        seed=1,
        names=("m", "v"),
    )
    return {(metric, horizon): one for metric, horizon, one in found}


def bare(one):
    return np.isfinite(one.estimate) and np.isnan([one.lower, one.upper]).all()


@pytest.mark.parametrize("deaths", [1, 2, FEWEST - 1, FEWEST, 20])
def test_c_and_slope_from_few_deaths(deaths):
    found = measured(patients(deaths=deaths), [12.0])
    for metric in ("c_index", "calibration_slope"):
        one = found[metric, None]
        if deaths < FEWEST:
            assert bare(one)
            noun = "1 death" if deaths == 1 else f"{deaths} deaths"
            assert one.note == f"no interval: {noun}, fewer than 5"
        else:
            assert one.lower < one.estimate < one.upper
            assert one.note == ""


def test_c_where_nobody_outlives_the_deaths():
    table = patients(n=5, deaths=5)
    one = measured(table, [12.0])["c_index", None]
    assert bare(one)
    assert one.note == "no interval: 4 patients who outlive a death, fewer than 5"


@pytest.mark.parametrize(
    ("deaths", "beyond"), [(1, 30), (4, 30), (5, 30), (30, 1), (30, 4), (30, 5)]
)
def test_auc_and_brier_score_at_a_horizon(deaths, beyond):
    draw, horizon = np.random.default_rng(1), 24.0
    table = pd.DataFrame(
        {
            "time_months": np.r_[draw.uniform(2, 20, deaths), draw.uniform(25, 40, beyond)],
            "event": np.r_[np.ones(deaths, int), np.zeros(beyond, int)],
            "risk": draw.normal(size=deaths + beyond),
        }
    )
    found = measured(table, [horizon])
    for metric in ("auc", "brier_integrated"):
        one = next(value for (name, _), value in found.items() if name == metric)
        few = min(deaths, beyond) < FEWEST
        assert bare(one) == few
        assert one.note.startswith("no interval: ") == few
    note = found["auc", horizon].note
    if beyond == 1:
        assert note == f"no interval: 1 patient followed beyond {horizon:g} months, fewer than 5"
    if deaths == 4:
        assert note == f"no interval: 4 deaths by {horizon:g} months, fewer than 5"


@pytest.mark.parametrize(("n", "deaths"), [(5, 3), (40, 4), (40, 5)])
def test_models_are_not_tested_against_each_other_on_few(n, deaths):
    table = patients(n=n, deaths=deaths)
    draw = np.random.default_rng(2)
    names = ("clinical", "radscore", "albi")
    outcome = pd.concat(table.assign(model=name, risk=draw.normal(size=n)) for name in names)
    rows = compare_models(outcome)
    few = deaths < FEWEST
    assert rows["difference"].notna().all()
    assert (rows[["lower", "upper", "p", "p_adjusted"]].isna().all(axis=1) == few).all()
    assert (rows["note"].str.startswith("neither interval nor test: ") == few).all()
    rows = delong_rows(outcome, float(table["time_months"].max()))
    areas = pd.DataFrame(rows, columns=COLUMNS)
    assert areas["estimate"].notna().all()
    tests = areas[areas["versus"].notna()]
    assert (tests[["p", "p_adjusted"]].isna().all(axis=1) == few).all()
    assert (areas[["lower", "upper"]].isna().all(axis=1) == few).all()
    assert (areas["note"].notna() == few).all()


def test_models_that_order_patients_alike_are_not_tested_against_each_other():
    table = patients(n=40, deaths=10)
    outcome = pd.concat(table.assign(model=name) for name in ("clinical", "radscore"))
    areas = pd.DataFrame(delong_rows(outcome, float(table["time_months"].max())), columns=COLUMNS)
    for rows in (compare_models(outcome), areas[areas["versus"].notna()]):
        assert len(rows) == 1
        assert rows[["lower", "upper", "p", "p_adjusted"]].isna().all(axis=None)
        assert rows["note"].tolist() == [NO_TEST]


def test_a_log_rank_test_of_few_deaths_or_a_small_group():
    table = patients(deaths=4)
    time, event = table["time_months"].to_numpy(), table["event"].to_numpy()
    group = np.where(table["risk"] > table["risk"].median(), "high", "low")
    with pytest.raises(CohortTooSmallError, match="4 deaths, fewer than 5"):
        logrank(time, event, group)
    time, event = (patients()[name].to_numpy() for name in ("time_months", "event"))
    small = np.where(np.arange(60) >= 56, "high", "low")
    with pytest.raises(CohortTooSmallError, match="4 patients in the smallest group, fewer than 5"):
        logrank(time, event, small)
    assert 0 < logrank(time, event, np.where(np.arange(60) >= 55, "high", "low")).p < 1


def test_a_figure_says_why_it_has_no_log_rank_test():
    table = patients(deaths=3).assign(group=["low", "high"] * 30)
    heading = Panel("Made", table, {"low": "Low", "high": "High"}).heading(200)
    assert heading[0] == "no log-rank test: 3 deaths, fewer than 5"


def with_levels(rare):
    """Return training patients of whom `rare` have a mark and as many the level `right`."""
    draw = np.random.default_rng(3)
    table = patients(n=120, deaths=80, seed=4).drop(columns="risk").assign(cohort="training")
    order = draw.permutation(120)
    side = np.full(120, "left", dtype=object)
    side[order[:rare]], side[order[60:]] = "right", "both"
    mark = (np.isin(np.arange(120), order[:rare])).astype(float)
    spiked = np.where(mark > 0, draw.normal(size=120), 0.0)
    return table.assign(mark=mark, side=side, spiked=spiked, age=draw.normal(60, 9, 120))


VARIABLES = [
    Variable("mark", "Mark"),
    Variable("side", "Side", "left"),
    Variable("spiked", "Spiked"),
    Variable("age", "Age"),
]


@pytest.mark.parametrize("rare", [4, 8])
def test_ratios_of_a_small_group(rare):
    table = with_levels(rare)
    few = rare < FEWEST
    cox = table_s1(table, VARIABLES, p_enter=1.0)
    logistic = logistic_table(table, VARIABLES, 1.0, 15.0)
    for rows, ratio in ((cox, "hr"), (logistic, "or")):
        rows["key"] = rows["variable"] + rows["level"].fillna("")
        rows = rows.set_index("key")
        for key in ("mark", "sideright", "spiked"):
            assert np.isfinite(rows.loc[key, f"{ratio}_uni"])
            assert rows.loc[key, ["lower_uni", "upper_uni", "p_uni"]].isna().all() == few
            note = rows.loc[key, "note"] or ""
            assert ("neither interval nor test" in note) == few
        assert rows.loc[["sideboth", "age"], "p_uni"].notna().all()
        assert (
            "4 patients in the smaller group, fewer than 5" in (rows.loc["mark", "note"] or "")
            or not few
        )
        # without a test a variable does not enter, with one of its levels tested a factor may
        assert np.isnan(rows.loc["mark", "p_variable_uni"]) == few
        assert np.isfinite(rows.loc["sideboth", "p_variable_uni"])
        if few:
            assert np.isnan(rows.loc["mark", f"{ratio}_multi"])


def test_ratios_of_few_deaths():
    table = with_levels(20)
    table.loc[table["time_months"] > table["time_months"].sort_values().iloc[3], "event"] = 0
    rows = table_s1(table, VARIABLES[3:], p_enter=1.0).iloc[0]
    assert np.isfinite(rows["hr_uni"])
    assert rows[["lower_uni", "upper_uni", "p_uni", "p_variable_uni", "p_ph_uni"]].isna().all()
    assert "neither interval nor test: 4 deaths, fewer than 5" in rows["note"]


def test_optimism_of_a_figure_that_rests_on_few_is_not_corrected():
    draw = np.random.default_rng(5)
    table = patients(n=40, deaths=30).assign(radscore=draw.normal(size=40))
    horizon = float(table["time_months"].max()) - 0.2
    table.loc[table["time_months"].nlargest(3).index, "time_months"] += 10
    table.loc[table["time_months"].nlargest(10).index[3:], "time_months"] = horizon - 0.1
    models = {"radscore": cox_models(table, [])["radscore"]}
    drawn = ((table, table, models) for _ in range(4))
    rows = pd.DataFrame(bootstrap_optimism(table, models, drawn, [horizon], 4))
    rows = rows.set_index("metric")
    assert np.isfinite(rows.loc["auc", "apparent"])
    assert np.isnan(rows.loc["auc", "corrected"])
    assert rows.loc["auc", "note"].endswith("fewer than 5: no correction")
    assert np.isfinite(rows.loc["c_index", "corrected"])


def test_groups_of_table_1():
    draw = np.random.default_rng(6)
    for size in (FEWEST - 1, FEWEST):
        test = compare_numbers(draw.normal(size=30), draw.normal(size=size))
        assert (test.name == "") == (size < FEWEST)
        test = compare_counts(np.array([[12, size - 2], [18, 2]]))
        assert np.isnan(test.p) == (size < FEWEST)


def test_a_log_rank_cut_off_of_few_deaths_is_the_median():
    table = patients(deaths=4)
    columns = (table[name].to_numpy() for name in ("risk", "time_months", "event"))
    found = find_cut_off(*columns, "log_rank")
    assert (found.method, found.p_corrected) == ("median", None)
    assert found.note == "no log-rank cut-off: 4 deaths, fewer than 5; the median is used"


def test_words():
    assert shortfall({"death": 5, "survivor": 9}) == ""
    assert shortfall({"death": 0, "survivor": 1}) == "0 deaths and 1 survivor, fewer than 5"
    time, event = np.array([2.0, 2.0, 3.0, 1.0]), np.array([1, 0, 0, 0])
    assert of_survival(time, event) == {"death": 1, "patient who outlives a death": 2}


def test_one_patient_who_dies_at_once_is_no_significant_group():
    # a public complaint: 1 of 297 patients, chi-square 145, p = 0
    draw = np.random.default_rng(0)
    time = np.r_[0.1, draw.exponential(30, 296) + 1]
    event = np.r_[1, draw.random(296) < 0.3].astype(int)
    with pytest.raises(CohortTooSmallError, match="1 patient in the smallest group"):
        logrank(time, event, np.r_[["mutated"], ["not"] * 296])


def test_an_area_from_one_death_has_an_estimate():
    # libraries end in an error or NaN: a variance takes two
    table = patients(n=30, deaths=1).assign(model="clinical")
    row = delong_rows(table, float(table["time_months"].min()) + 0.01)[0]
    assert row["estimate"] == (table["risk"] < table["risk"].iloc[0]).sum() / 29
    assert row["note"].startswith("no interval: 1 death at")
