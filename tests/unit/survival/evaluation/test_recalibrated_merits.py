"""Figures of merit of recalibrated versions, and their optimism."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sksurv.metrics import brier_score
from sksurv.util import Surv

from taceflow.survival.evaluation.bootstrap_intervals import generator_for
from taceflow.survival.evaluation.calibration import calibration_slope
from taceflow.survival.evaluation.censoring import just_before_deaths
from taceflow.survival.evaluation.concordance import concordance
from taceflow.survival.evaluation.recalibrated_merits import (
    groups_of_versions,
    merits_of_versions,
    observed_to_expected,
)
from taceflow.survival.evaluation.recalibration import followed_by_cox, recalibrations

DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "recalibration.json").read_text())
HORIZONS = [6.0, 12.0, 24.0]
STORED = {
    "baseline": {
        "times_months": HORIZONS,
        "log_cumulative_hazard": [1.2 * np.log(month / 30) for month in HORIZONS],
        "last_follow_up_months": 24.0,
    }
}
DRAWS = {"bootstraps": 40, "seed": 1, "names": ("radscore",)}


def cox(time, event, risk, horizons=HORIZONS):
    return followed_by_cox(time, event, risk, STORED, horizons)


@pytest.fixture
def patients():
    table = pd.read_csv(DATA / "r_cases.csv")
    rows = table[table["case"] == "plain"]
    return tuple(rows[name].to_numpy() for name in ("time", "event", "score"))


def table_of(followed, **other):
    return pd.DataFrame(merits_of_versions(followed, **DRAWS | other))


@pytest.mark.parametrize("name", ["plain", "months", "half_years"])
def test_observed_to_expected_is_rs(name):
    table = pd.read_csv(DATA / "r_cases.csv")
    rows = table[table["case"] == name]
    time, event, score = (rows[column].to_numpy() for column in ("time", "event", "score"))
    for k, month in enumerate(HORIZONS):
        survival = np.exp(-np.exp(score) * (month / 30) ** 1.2)
        found = observed_to_expected(time, event, survival, month)
        expected = [numbers[k] for numbers in R[name]["o_e"]]
        np.testing.assert_allclose([found.estimate, found.lower, found.upper], expected, rtol=1e-9)


def test_no_ratio_without_expected_deaths_or_beyond_follow_up(patients):
    time, event, _ = patients
    everybody = np.ones(len(time))
    found = observed_to_expected(time, event, everybody, 12.0)
    assert (np.isnan(found.estimate), found.note) == (True, "no death is expected: no ratio")
    assert "nobody followed beyond" in observed_to_expected(time, event, 0 * time, 999.0).note
    assert "no death up to" in observed_to_expected(time, 0 * event, 0 * time, 12.0).note
    few = observed_to_expected(time[:12], event[:12], 0.5 * everybody[:12], 12.0)
    assert "fewer than 5" in few.note
    assert np.isnan(few.lower)
    assert few.estimate > 0


def test_each_version_has_each_figure(patients):
    table = table_of(cox(*patients))
    merits = [("c_index", None), ("calibration_slope", None)]
    merits += [("brier", month) for month in HORIZONS] + [("brier_integrated", 24.0)]
    merits += [("o_e", month) for month in HORIZONS]
    for version in ("original", "in_the_large", "slope", "both"):
        rows = table[table["version"] == version]
        found = rows["horizon_months"].astype(object).where(rows["horizon_months"].notna(), None)
        assert list(zip(rows["metric"], found, strict=True)) == merits
    assert len(table) == 4 * len(merits)
    numbers = table[["estimate", "lower", "upper"]]
    assert np.isfinite(numbers).all(axis=None)
    assert (numbers["lower"] < numbers["upper"]).all()


def test_order_stays_and_what_was_mended_is_mended(patients):
    time, event, score = patients
    table = table_of(cox(*patients))

    def figures(metric, month=None):
        rows = table[table["metric"] == metric]
        if month is not None:
            rows = rows[rows["horizon_months"] == month]
        return rows.set_index("version")["estimate"]

    assert set(figures("c_index")) == {concordance(time, event, score).estimate}
    slopes = figures("calibration_slope")
    assert slopes["original"] == slopes["in_the_large"]
    assert slopes["original"] == pytest.approx(calibration_slope(time, event, score).estimate)
    assert slopes["slope"] == pytest.approx(1, abs=1e-3)
    for month in HORIZONS:
        ratio = figures("o_e", month)
        assert ratio["original"] > 1.3 > 1.1 > ratio["both"] > 0.9
        assert figures("brier", month)["both"] < figures("brier", month)["original"]
    whole = figures("brier_integrated")
    scores = [figures("brier", month)["both"] for month in HORIZONS]
    assert whole["both"] == pytest.approx(np.trapezoid(scores, HORIZONS) / 18)


def test_optimism_is_of_what_was_fitted(patients):
    table = table_of(cox(*patients), bootstraps=100)
    told = table.set_index(["version", "metric", "horizon_months"])["optimism"]
    assert told["original"].isna().all()
    assert told.xs("c_index", level="metric").isna().all()
    assert np.isnan(told["in_the_large", "calibration_slope", np.nan])
    fitted = told[["in_the_large", "slope", "both"]].drop("c_index", level="metric")
    assert fitted.notna().sum() == len(fitted) - 1
    # a fitted baseline flatters its own patients: their Brier score is lower
    assert (told.xs("brier_integrated", level="metric").dropna() < 0).all()
    both = told.xs("brier_integrated", level="metric")
    assert both["both"].item() < both["slope"].item()


def test_the_optimism_of_a_slope_by_hand(patients):
    """Of resamples drawn alike: the median of 1 less the cohort's slope over the resample's."""
    followed = cox(*patients)
    table = table_of(followed, bootstraps=20)
    generator = generator_for(1, "radscore", "optimism")
    n = len(followed.time)
    samples = [followed.rows(generator.integers(0, n, n)) for _ in range(20)]
    slopes = [recalibrations(sample)["slope"].slope for sample in samples]
    expected = np.median(1 - recalibrations(followed)["slope"].slope / np.array(slopes))
    rows = table[table["metric"] == "calibration_slope"].set_index("version")["optimism"]
    assert rows["slope"] == rows["both"] == pytest.approx(expected)


def test_intervals_of_brier_scores_by_hand(patients):
    """Quantiles of scikit-survival's score over resamples drawn alike."""
    time, event, _ = patients
    followed = cox(*patients)
    table = table_of(followed)
    generator = generator_for(1, "radscore", "brier")
    survival = recalibrations(followed)["both"].survival(followed)
    scores = []
    for _ in range(40):
        rows = generator.integers(0, len(time), len(time))
        outcome = Surv.from_arrays(event[rows].astype(bool), time[rows])
        judged = just_before_deaths(time[rows], event[rows])
        scores.append(brier_score(outcome, judged, survival[rows], HORIZONS)[1])
    expected = np.quantile(scores, [0.025, 0.975], axis=0).T
    rows = table[(table["version"] == "both") & (table["metric"] == "brier")]
    np.testing.assert_allclose(rows[["lower", "upper"]], expected, rtol=1e-9)


def test_the_same_seed_is_the_same_table(patients):
    followed = cox(*patients)
    pd.testing.assert_frame_equal(table_of(followed), table_of(followed))
    other = table_of(followed, seed=2)
    assert not other["optimism"].equals(table_of(followed)["optimism"])


def test_few_deaths_leave_the_original_alone(patients):
    time, event, score = patients
    table = table_of(cox(time, 0 * event, score))
    assert table["estimate"].isna().all()
    made = table["version"] == "original"
    assert table.loc[~made, "note"].str.startswith("not done: 0 deaths").all()
    assert (table["note"] != "").all()
    twelve = table_of(cox(*(values[:12] for values in patients)))
    by_horizon = twelve[twelve["horizon_months"].notna()]
    assert (
        by_horizon.loc[by_horizon["version"].isin(["in_the_large", "both"]), "estimate"]
        .isna()
        .all()
    )
    original = by_horizon[by_horizon["version"] == "original"]
    assert original["estimate"].notna().any()
    assert original["lower"].isna().all()
    assert original["note"].str.contains("fewer than 5|can be judged").all()


def test_nobody_at_all(patients):
    table = table_of(cox(*(values[:0] for values in patients)))
    assert table["estimate"].isna().all()
    assert (table["note"] != "").all()


@pytest.mark.parametrize(
    "change", ["alike", "reversed", "all died", "far out", "short", "whole", "late"]
)
def test_a_figure_is_finite_or_explained(patients, change):
    time, event, risk = patients
    if change == "alike":
        risk = 0 * risk
    elif change == "reversed":
        risk = -risk
    elif change == "all died":
        event = 0 * event + 1
    elif change == "far out":
        risk = np.where(np.arange(len(risk)) == 3, 900.0, risk)
    elif change == "short":
        time = np.minimum(time, 10.0)
    elif change == "late":
        time = time + 5.7
    else:
        time = np.ceil(time / 6) * 6
    table = table_of(cox(time, event, risk, [*HORIZONS, 48.0]))
    assert not np.isinf(table[["estimate", "lower", "upper", "optimism"]]).any(axis=None)
    assert (table.loc[table["lower"].isna(), "note"] != "").all()
    assert table.loc[table["lower"].isna(), "optimism"].isna().all()
    groups = groups_of_versions(cox(time, event, risk, [*HORIZONS, 48.0]))
    assert groups["predicted"].between(0, 1).all()


def test_scores_of_all_versions_are_averaged_over_the_same_horizons(patients):
    """At 24 months the original can be judged by three patients, the others not at all."""
    time, event, score = patients
    beyond = np.flatnonzero(time > 24)[3:]
    time = np.where(np.isin(np.arange(len(time)), beyond), 23.0, time)
    table = table_of(cox(time, event, score))
    whole = table[table["metric"] == "brier_integrated"]
    assert whole["horizon_months"].tolist() == [12.0] * 4
    assert whole["upper"].notna().all()
    at_24 = table[(table["metric"] == "brier") & (table["horizon_months"] == 24)]
    assert at_24["estimate"].notna().tolist() == [True, False, True, False]
    note = "nothing is said of 24 months: 3 patients followed beyond 24 months, fewer than 5"
    assert [note in one for one in at_24["note"]] == [False, True, False, True]


def test_groups_before_and_after(patients):
    groups = groups_of_versions(cox(*patients))
    assert len(groups) == 4 * 3 * 5
    wrong = (groups["predicted"] - groups["observed"]).abs().groupby(groups["version"]).mean()
    assert wrong["both"] < wrong["in_the_large"] < wrong["original"]
    assert groups_of_versions(cox(patients[0], 0 * patients[1], patients[2])).empty
