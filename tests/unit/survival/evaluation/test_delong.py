"""DeLong's intervals and tests: against their definition, by hand, and in the table."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from taceflow.files.tables import read_table
from taceflow.survival.evaluation.delong import compare_areas, delong_rows, roc_area, write_delong
from taceflow.survival.evaluation.multiplicity import holm


def kernel(dead, alive):
    return (dead[:, None] > alive) + 0.5 * (dead[:, None] == alive)


@pytest.fixture
def scores():
    draw = np.random.default_rng(12)
    died = (np.arange(70) % 3 == 0).astype(int)
    first = np.round(died + draw.normal(size=70), 1)  # with ties
    return died, first, first + draw.normal(size=70)


def test_the_area_is_wilcoxons(scores):
    died, risk, _ = scores
    dead, alive = risk[died == 1], risk[died == 0]
    found = roc_area(died, risk)
    u = stats.mannwhitneyu(dead, alive).statistic
    assert found.estimate == pytest.approx(u / (len(dead) * len(alive)), abs=1e-14)


def test_components_are_those_of_the_definition(scores):
    died, risk, _ = scores
    pairs = kernel(risk[died == 1], risk[died == 0])
    found = roc_area(died, risk)
    np.testing.assert_allclose(found.of_dead, pairs.mean(axis=1), atol=1e-14)
    np.testing.assert_allclose(found.of_alive, pairs.mean(axis=0), atol=1e-14)


def test_the_test_is_that_of_the_definition(scores):
    died, *risks = scores
    components = [kernel(risk[died == 1], risk[died == 0]) for risk in risks]
    of_dead = np.cov([pairs.mean(axis=1) for pairs in components])
    of_alive = np.cov([pairs.mean(axis=0) for pairs in components])
    covariance = of_dead / died.sum() + of_alive / (1 - died).sum()
    contrast = np.array([1, -1])
    error = np.sqrt(contrast @ covariance @ contrast)
    areas = [roc_area(died, risk) for risk in risks]
    difference, lower, upper, p = compare_areas(*areas)
    assert areas[0].standard_error == pytest.approx(np.sqrt(covariance[0, 0]))
    assert difference == pytest.approx(components[0].mean() - components[1].mean())
    assert p == pytest.approx(2 * stats.norm.sf(abs(difference) / error))
    assert (upper - lower) / 2 == pytest.approx(stats.norm.ppf(0.975) * error)


def test_a_small_case_by_hand():
    # dead 3, 1; alive 2, 0, 0: pairs won 3 + 2 of 6; components 1, 2/3 and 1/2, 1, 1
    found = roc_area(np.array([1, 1, 0, 0, 0]), np.array([3.0, 1, 2, 0, 0]))
    assert found.estimate == pytest.approx(5 / 6)
    assert found.standard_error**2 == pytest.approx((1 / 18) / 2 + (1 / 12) / 3)
    assert found.interval[1] == 1.0


def test_a_score_against_itself_and_a_perfect_one(scores):
    died, risk, _ = scores
    found = compare_areas(roc_area(died, risk), roc_area(died, risk))
    assert found.estimate == 0
    assert np.isnan(found[1:]).all()
    perfect = roc_area(died, died.astype(float))
    assert (perfect.estimate, perfect.interval) == (1.0, (1.0, 1.0))


@pytest.fixture
def outcome(cohort):
    models = {"radscore": cohort["radscore"], "clinical": cohort["weak"]}
    parts = [
        cohort[["patient_id", "cohort", "time_months", "event"]].assign(model=name, risk=risk)
        for name, risk in models.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_rows_and_their_counts(outcome, cohort):
    rows = pd.DataFrame(delong_rows(outcome, 20.0))
    areas = rows.loc[rows["versus"].isna()]
    assert len(areas) == 4
    for name, group in cohort.groupby("cohort"):
        early = ((group["event"] == 0) & (group["time_months"] < 20)).sum()
        here = areas.loc[areas["cohort"] == name]
        assert (here["censored"] == early).all()
        assert (here["n"] == len(group) - early).all()
    tests = rows.loc[rows["versus"].notna()]
    assert tests["cohort"].tolist() == ["validation"]
    one = areas.loc[areas["cohort"] == "validation"].set_index("model")["estimate"]
    assert tests["estimate"].item() == pytest.approx(one["radscore"] - one["clinical"])
    assert tests["p_adjusted"].item() == tests["p"].item()


def test_pairs_are_compared_on_the_patients_that_both_predict(outcome):
    gone = (outcome["model"] == "clinical") & outcome["patient_id"].isin(["P000", "P003"])
    rows = pd.DataFrame(delong_rows(outcome.loc[~gone], 20.0))
    n = rows.loc[rows["cohort"] == "validation"].set_index(["model", "versus"])["n"]
    assert n.loc[("radscore", "clinical")] == n.loc[("clinical", np.nan)]
    assert n.loc[("radscore", np.nan)] - n.loc[("clinical", np.nan)] == 2


def test_tests_are_adjusted_within_their_family(cohort):
    draw = np.random.default_rng(3)
    noise = {"clinical": 0.1, "radscore": 0.4, "dlopctr": 2, "albi": 0.6, "hap": 3}
    risks = {name: draw.normal(-cohort["dlopctr"], spread) for name, spread in noise.items()}
    parts = [
        cohort[["patient_id", "cohort", "time_months", "event"]].assign(model=name, risk=risk)
        for name, risk in risks.items()
    ]
    rows = pd.DataFrame(delong_rows(pd.concat(parts, ignore_index=True), 20.0))
    tests = rows.loc[rows["versus"].notna()]
    of_study = tests[tests["family"] == "study"]
    assert list(zip(of_study["model"], of_study["versus"], strict=True)) == [
        ("clinical", "radscore"),
        ("clinical", "dlopctr"),
        ("radscore", "dlopctr"),
    ]
    others = tests[tests["family"] == "established"]
    assert len(others) == 6
    assert set(others["versus"]) == {"albi", "hap"}
    for family in (of_study, others):
        assert family["p_adjusted"].tolist() == holm(family["p"])
        assert family["p_adjusted"].min() == pytest.approx(family["p"].min() * len(family))
    assert rows.loc[rows["versus"].isna(), "family"].isna().all()


def test_a_perfect_area_has_no_interval(outcome):
    perfect = outcome.assign(risk=-outcome["time_months"])
    areas = pd.DataFrame(delong_rows(perfect, 20.0)).query("versus.isna()")
    assert (areas["estimate"] == 1).all()
    assert areas["upper"].isna().all()
    assert areas["note"].str.startswith("no interval: no spread").all()


def test_a_horizon_that_nobody_is_followed_beyond_says_so(tmp_path, outcome, cohort):
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    predictions = outcome[["patient_id", "cohort", "model", "risk"]].assign(risk_group="low")
    predictions.to_csv(tmp_path / "predictions.tsv", sep="\t", index=False)
    write_delong(
        patients=str(tmp_path / "patients.tsv"),
        predictions=str(tmp_path / "predictions.tsv"),
        horizons_months=[20, 900],
        delong=str(tmp_path / "delong.tsv"),
    )
    table = read_table(tmp_path / "delong.tsv", "delong")
    late = table.loc[table["horizon_months"] == 900]
    assert late["estimate"].isna().all()
    assert late["note"].str.contains("0 survivors at 900 months").all()
    assert table.loc[table["horizon_months"] == 20, "estimate"].notna().all()
