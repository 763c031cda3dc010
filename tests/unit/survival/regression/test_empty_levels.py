"""A level without deaths beside R, gaps that leave nobody, levels that training does not know."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from taceflow.files.tables import write_json
from taceflow.survival.models.fit import cox_models
from taceflow.survival.models.nomogram import make_nomogram
from taceflow.survival.models.stored_cox import apply_model
from taceflow.survival.regression.cox_of_variables import fit_cox_terms
from taceflow.survival.regression.design import Variable, make_term
from taceflow.survival.regression.screening import fit_jointly, screen
from taceflow.survival.tables.table_logistic import logistic_table
from taceflow.survival.tables.table_s1 import table_s1

DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "empty_level.json").read_text())
LOBE, AGE = Variable("lobe", "Lobe", "left"), Variable("age", "Age")


@pytest.fixture
def patients():
    """The patients of data/empty_level.R: nobody with a tumour of the caudate lobe died."""
    table = pd.read_csv(DATA / "empty_level.csv").rename(columns={"time": "time_months"})
    return table.assign(cohort="training", patient_id=[f"{n:03d}" for n in range(len(table))])


@pytest.mark.parametrize(("kind", "variables"), [("alone", [LOBE]), ("together", [LOBE, AGE])])
def test_the_other_levels_are_as_in_coxph(patients, kind, variables):
    fit = fit_cox_terms(patients, [make_term(patients, one) for one in variables])
    expected = R[kind]
    places = [fit.names.index(name.replace("lobe", "lobe=")) for name in expected["name"]]
    np.testing.assert_allclose(fit.coefficients[places], expected["estimate"], rtol=1e-6)
    np.testing.assert_allclose(fit.standard_errors[places], expected["se"], rtol=1e-6)
    found = fit.log_likelihood_null, fit.log_likelihood
    assert found == pytest.approx(tuple(expected["loglik"]), rel=1e-9)
    assert fit.unbounded == ("lobe=caudate",)
    assert (fit.n, fit.events) == (120, int(patients["event"].sum()))


def test_table_s1_has_the_levels_and_the_factors_p(patients):
    table = table_s1(patients, [LOBE, AGE], 0.5).set_index(["variable", "level"], drop=False)
    right, caudate = table.loc[("lobe", "right")], table.loc[("lobe", "caudate")]
    assert right["hr_uni"] == pytest.approx(np.exp(R["alone"]["estimate"][0]), rel=1e-6)
    assert right["hr_multi"] == pytest.approx(np.exp(R["together"]["estimate"][0]), rel=1e-6)
    assert right["p_variable_uni"] == pytest.approx(R["alone"]["p_lobe"], rel=1e-5)
    assert caudate[["hr_uni", "lower_uni", "p_uni", "hr_multi", "upper_multi"]].isna().all()
    assert caudate["note"].startswith("nobody of this level died")
    assert "level" not in (right["note"] or "")


def test_the_logistic_table_has_them_too(patients):
    table = logistic_table(patients, [LOBE, AGE], 0.5, 12.0)
    rows = table.set_index(table["level"].fillna(table["variable"]))
    expected = dict(zip(R["logistic"]["name"], R["logistic"]["estimate"], strict=True))
    for level in ("right", "both", "age"):
        name = level if level == "age" else f"lobe{level}"
        assert rows.loc[level, "or_multi"] == pytest.approx(np.exp(expected[name]), rel=1e-6)
    assert rows.loc["right", "p_variable_multi"] == pytest.approx(R["logistic"]["p_lobe"], rel=1e-6)
    assert np.isnan(rows.loc["caudate", "or_multi"])


def test_everybody_has_a_prediction_and_the_nomogram_keeps_its_scale(patients, tmp_path):
    radscore = patients["age"] / 10
    model = cox_models(patients.assign(radscore=radscore), [LOBE, AGE])["clinical"]
    write_json(model, tmp_path / "model.json")
    model |= {"cut_off": 0.0, "high_risk": "above"}
    found = apply_model("clinical", model, patients, [12.0, 24.0])
    assert len(found) == 120
    survival = found[["survival_12_months", "survival_24_months"]]
    assert (survival[patients["lobe"] == "caudate"] > 0.9999).all(axis=None)
    right = patients.head(1).assign(lobe="right", age=60)
    one = apply_model("clinical", model, right, [12.0, 24.0])
    np.testing.assert_allclose(one[survival.columns].iloc[0], R["together"]["survival"], rtol=1e-6)
    drawn = make_nomogram(model, patients, [12.0])
    points = dict(zip(drawn.variables[0].labels, drawn.variables[0].points, strict=True))
    assert points["caudate"] == 0
    assert points["right"] - points["both"] > 10


def test_levels_of_which_none_has_a_death_separate_as_before(patients):
    patients["event"] = np.where(patients["lobe"] == "left", patients["event"], 0)
    one = screen(patients, [LOBE])[0]
    assert one.fit is None
    assert "separates the patients who died" in one.note


def test_a_reference_without_deaths_separates_as_before(patients):
    one = screen(patients, [Variable("lobe", "Lobe", "caudate")])[0]
    assert one.fit is None
    assert "separates the patients who died" in one.note


def test_two_values_known_in_different_halves_leave_one(patients):
    draw = np.random.default_rng(1)
    half = np.arange(120) % 2 == 0
    patients["ast_u_l"] = np.where(half, draw.normal(60, 20, 120), np.nan)
    patients["alt_u_l"] = np.where(half, np.nan, draw.normal(60, 20, 120))
    names = [Variable("ast_u_l", "AST"), Variable("alt_u_l", "ALT"), AGE]
    joint = fit_jointly(patients, names)
    assert [one.column for one in joint.variables] == ["ast_u_l", "age"]
    assert joint.fit.n == 60
    assert list(joint.dropped) == ["alt_u_l"]
    told = "only 0 of 120 patients have a value of it and of all the others"
    assert told in joint.dropped["alt_u_l"]
    assert "survival.missing: impute" in joint.dropped["alt_u_l"]
    table = table_s1(patients, names, 1.1).set_index("variable")
    assert table["hr_multi"].notna().tolist() == [True, False, True]
    assert told in table.loc["alt_u_l", "note"]


def test_a_value_of_few_patients_goes_and_the_others_stay(patients):
    patients["afp_ng_ml"] = np.where(patients.index < 4, 10.0 + patients.index, np.nan)
    joint = fit_jointly(patients, [Variable("afp_ng_ml", "AFP"), AGE, LOBE])
    assert [one.column for one in joint.variables] == ["age", "lobe"]
    assert joint.fit.n == 120
    assert "only 4 of 120 patients" in joint.dropped["afp_ng_ml"]


def test_few_deaths_alone_cost_no_variable(patients):
    died = np.flatnonzero(patients["event"])
    patients.loc[died[4:], "event"] = 0
    patients["score"] = np.random.default_rng(2).normal(size=120)
    joint = fit_jointly(patients, [AGE, Variable("score", "Score")])
    assert [one.column for one in joint.variables] == ["age", "score"]
    assert not joint.dropped
