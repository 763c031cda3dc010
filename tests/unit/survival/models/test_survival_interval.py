"""Limits of predicted survival against R: data/survival_interval.R wrote survival_interval.json."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from taceflow.survival.models.stored_cox import complete_design, fit_as_json, model_risk
from taceflow.survival.models.survival_interval import interval_as_json, survival_limits
from taceflow.survival.regression.cox_of_variables import fit_cox_terms
from taceflow.survival.regression.design import Variable, make_term

DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "survival_interval.json").read_text())
REFERENCES = {"stage": "1", "sex": "female", "half": "a", "lobe": "left"}
ALL = ["age", "albumin", "stage", "sex", "score", "half"]
NEW = pd.DataFrame(
    {
        "age": [60, 45, 90],
        "albumin": [40, 33, 25],
        "stage": [1, 3, 2],
        "sex": ["female", "male", "male"],
        "score": [0, -1.5, 4],
        "half": ["a", "b", "b"],
    }
)
BESIDE_EMPTY = pd.DataFrame({"lobe": ["right", "left", "both"], "age": [60, 75, 40]})


def stored(patients, columns, few=()):
    """A model as it comes back from its file."""
    terms = [make_term(patients, Variable(one, one, REFERENCES.get(one))) for one in columns]
    fit = fit_cox_terms(patients, terms)
    model = fit_as_json(fit, terms, patients) | {"interval": interval_as_json(fit, few)}
    return json.loads(json.dumps(model, allow_nan=False))


def patients_of(case):
    table = pd.read_csv(DATA / "r_cases.csv").rename(columns={"time": "time_months"})
    return table[table["case"] == case].dropna(subset=["albumin", "stage"])


def with_empty_level():
    table = pd.read_csv(DATA / "empty_level.csv").rename(columns={"time": "time_months"})
    return stored(table, ["lobe", "age"])


def limits_of(model, patients, months):
    design = complete_design(model, patients)
    values = design[model["variables"]].to_numpy(dtype=float)
    return survival_limits(model, values, model_risk(model, design), months)


def assert_as_in_r(found, expected):
    for limit, name in zip(found, ("lower", "upper"), strict=True):
        np.testing.assert_allclose(limit, expected[name], rtol=1e-6)


@pytest.mark.parametrize("case", ["plain", "months", "half_years", "small"])
def test_limits_are_those_of_survfit(case):
    model = stored(patients_of(case), ["score", "sex"] if case == "small" else ALL)
    assert_as_in_r(limits_of(model, NEW, R[case]["months"]), R[case])


@pytest.mark.parametrize("case", ["plain", "months", "half_years", "small"])
def test_without_covariates_they_are_those_of_the_cohort(case):
    model, expected = stored(patients_of(case), []), R[f"{case}:nothing"]
    assert_as_in_r(limits_of(model, NEW.head(1), expected["months"]), expected)


def test_a_level_without_deaths_has_none_and_leaves_the_others_theirs():
    model, expected = with_empty_level(), R["empty_level"]
    assert_as_in_r(limits_of(model, BESIDE_EMPTY, expected["months"]), expected)
    lower, upper = limits_of(model, BESIDE_EMPTY.assign(lobe="caudate"), expected["months"])
    assert np.isnan([lower, upper]).all()


@pytest.mark.parametrize("few", [["stage=2"], ["stage=2", "half=b"]])
def test_a_level_of_few_has_none_and_the_others_are_those_of_the_whole_fit(few):
    model, expected = stored(patients_of("plain"), ALL, few), R["plain"]
    months = expected["months"]
    limits = limits_of(model, NEW, months)
    has_one = ~((NEW["stage"] == 2) | ((NEW["half"] == "b") & ("half=b" in few)))
    assert 0 < has_one.sum() < 3
    found = [limit[has_one] for limit in limits]
    assert_as_in_r(found, {end: np.array(expected[end])[has_one] for end in ("lower", "upper")})
    assert np.isnan([limit[~has_one] for limit in limits]).all()
    # nothing of its patients is told
    interval = model["interval"]
    place = model["variables"].index("stage=2")
    assert set(interval["covariance"][place]) == {0, None}
    assert {row[place] for row in [*interval["covariance"], *interval["mean_at_risk"]]} == {0, None}


def test_all_columns_of_few_patients():
    model = stored(patients_of("small"), ["score", "sex"], ["score", "sex=male"])
    lower, upper = limits_of(model, NEW, R["small"]["months"])
    assert_as_in_r([lower[:1], upper[:1]], {end: R["small"][end][:1] for end in ("lower", "upper")})
    assert np.isnan([lower[1:], upper[1:]]).all()


def test_nothing_is_told_before_the_first_death_or_beyond_the_follow_up():
    model = with_empty_level()
    first = model["baseline"]["times_months"][0]
    last = model["baseline"]["last_follow_up_months"]
    lower, upper = limits_of(model, BESIDE_EMPTY, [first - 0.01, first, last, last + 0.01])
    for limit in (lower, upper):
        assert np.isnan(limit).tolist() == [[True, False, False, True]] * 3
    assert (lower[:, 1:3] < upper[:, 1:3]).all()


@pytest.mark.parametrize("gap", [1e2, 1e3, 1e6])
def test_groups_far_apart_are_as_strata(gap):
    """R's ``coxph(Surv(time, event) ~ x + strata(group))``, and its survfit at x = 0.5 in either.

    Half the patients, who are all gone before the others die, lie a gap higher.
    """
    of_r = R["apart"]
    table = pd.DataFrame(of_r["patients"]).rename(columns={"time": "time_months"})
    model = stored(table.assign(x=table["x"] + gap * (table["group"] == 1)), ["x"])
    for x, months, expected in zip([0.5 + gap, 0.5], of_r["months"], of_r["limits"], strict=True):
        found = limits_of(model, pd.DataFrame({"x": [x]}), months)
        np.testing.assert_allclose([found[0][0], found[1][0]], expected, rtol=1e-4)


@pytest.mark.parametrize("value", [1e3, 1e100])
def test_patients_far_out_have_limits_without_a_warning(value):
    model = stored(patients_of("small"), ["score", "sex"])
    far = NEW.assign(score=[value, -value, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lower, upper = limits_of(model, far, [12])
    assert np.stack([lower, upper])[:, :2, 0].tolist() == [[0, 1], [0, 1]]
    assert 0 < lower[2, 0] < upper[2, 0] < 1
    # nothing is known of the coefficient: neither of the patient
    model["interval"]["covariance"][0][0] = 1e200
    lower, upper = limits_of(model, far.assign(score=1e100), [12])
    assert np.stack([lower, upper]).tolist() == [[[0]] * 3, [[1]] * 3]
