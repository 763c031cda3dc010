"""The statistics against R on made-up patients: data/r_numbers.R wrote data/r_numbers.json."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from taceflow.survival.evaluation.auc import time_dependent_auc
from taceflow.survival.evaluation.binary_outcome import death_by
from taceflow.survival.evaluation.brier import integrated_brier
from taceflow.survival.evaluation.calibration import calibration_slope
from taceflow.survival.evaluation.concordance import compare, concordance
from taceflow.survival.evaluation.decision_curve import net_benefit
from taceflow.survival.evaluation.delong import compare_areas, roc_area
from taceflow.survival.kaplan_meier import (
    kaplan_meier,
    logrank,
    median_survival,
    numbers_at_risk,
)
from taceflow.survival.models.cut_off import corrected_p, maximally_selected
from taceflow.survival.regression.cox_of_variables import cox_part_fitter, fit_cox_terms
from taceflow.survival.regression.design import Variable, encode, make_term
from taceflow.survival.regression.logistic import fit_logistic
from taceflow.survival.regression.pooling import pool
from taceflow.survival.regression.proportional_hazards import proportional_hazards
from taceflow.survival.regression.stepwise import stepwise
from taceflow.survival.regression.variable_p import term_p
from taceflow.survival.tables.group_tests import compare_counts, compare_numbers, wilcoxon_p

DATA = Path(__file__).parent / "data"
R = json.loads((DATA / "r_numbers.json").read_text())
HORIZON_MONTHS = 24.0
MONTHS = np.arange(6.0, 31.0, 6.0)
REFERENCES = {"stage": "1", "sex": "female", "half": "a"}
ALL = ["age", "albumin", "stage", "sex", "score", "half"]


@pytest.fixture(params=["plain", "months", "half_years", "small"])
def case(request):
    """Patients, and R's numbers of them."""
    table = pd.read_csv(DATA / "r_cases.csv")
    patients = table.loc[table["case"] == request.param].reset_index(drop=True)
    return patients.rename(columns={"time": "time_months"}), R[request.param]


def follow_up(patients):
    return patients["time_months"].to_numpy(float), patients["event"].to_numpy(int)


def terms_of(patients, names):
    return [make_term(patients, Variable(name, name, REFERENCES.get(name))) for name in names]


def names_as_r(fit):
    return [name.replace("=", "") for name in fit.names]


def numbers(values):
    """JSON's null as NaN."""
    return np.array(values, dtype=float)


@pytest.fixture
def complete(case):
    """Patients without gaps with the terms of their model, and R's numbers."""
    patients, of_r = case
    patients = patients.dropna(subset=["albumin", "stage"]).reset_index(drop=True)
    return patients, terms_of(patients, ["score", "sex"] if len(patients) < 24 else ALL), of_r


def assert_steps(path, chosen, of_r):
    assert [change for change, _ in path] == of_r["change"]
    np.testing.assert_allclose([aic for _, aic in path], of_r["aic"], rtol=1e-9)
    assert list(chosen) == np.atleast_1d(of_r["terms"]).tolist()


def test_delongs_areas_and_paired_test(case):
    patients, of_r = case
    of_r = of_r["delong"]
    died = death_by(*follow_up(patients), HORIZON_MONTHS)
    known = ~np.isnan(died)
    assert known.sum() == of_r["n"]
    areas = [
        roc_area(died[known], patients.loc[known, name].to_numpy()) for name in ("score", "other")
    ]
    for area, (lower, estimate, upper) in zip(areas, of_r["areas"], strict=True):
        found = (area.estimate, *area.interval)
        np.testing.assert_allclose(found, (estimate, lower, upper), rtol=1e-9)
    difference = compare_areas(*areas)
    assert difference.p == pytest.approx(of_r["p"], rel=1e-9)
    np.testing.assert_allclose([difference.lower, difference.upper], of_r["limits"], rtol=1e-9)


def test_logistic_regression_and_its_steps(complete):
    patients, terms, of_r = complete
    of_r = of_r["logistic"]
    died = death_by(*follow_up(patients), HORIZON_MONTHS)
    known = patients.loc[~np.isnan(died)]
    died = died[~np.isnan(died)]

    def fit(part):
        design = encode(known, part)
        return fit_logistic(died, design.to_numpy(), list(design.columns))

    found = fit(terms)
    assert ["(Intercept)", *names_as_r(found)] == of_r["name"]
    estimates = [found.intercept, *found.coefficients]
    np.testing.assert_allclose(estimates, of_r["estimate"], rtol=1e-7)
    # R's glm takes the information of its last step but one.
    np.testing.assert_allclose(found.standard_errors, of_r["se"][1:], rtol=1e-6)
    np.testing.assert_allclose(found.wald_p, of_r["p"][1:], rtol=1e-5)
    assert found.aic == pytest.approx(of_r["aic"], rel=1e-10)
    if of_r["p_stage"]:
        stage = next(term for term in terms if term.column == "stage")
        assert term_p(found, terms, stage, fit, {}) == pytest.approx(of_r["p_stage"], rel=1e-6)
    by_name = {term.column: term for term in terms}
    chosen, path = stepwise(list(by_name), lambda part: fit([by_name[name] for name in part]).aic)
    assert_steps(path, chosen, of_r["step"])


def test_cox_regression_its_steps_and_proportional_hazards(complete):
    patients, terms, of_r = complete
    of_r = of_r["cox"]
    found = fit_cox_terms(patients, terms)
    assert names_as_r(found) == of_r["name"]
    np.testing.assert_allclose(found.coefficients, of_r["estimate"], rtol=1e-8)
    np.testing.assert_allclose(found.standard_errors, of_r["se"], rtol=1e-8)
    np.testing.assert_allclose(found.wald_p, of_r["p"], rtol=1e-7)
    likelihoods = [found.log_likelihood_null, found.log_likelihood]
    np.testing.assert_allclose(likelihoods, of_r["loglik"], rtol=1e-10)
    by_name = {term.column: term for term in terms}
    fit = cox_part_fitter(patients, terms)
    chosen, path = stepwise(list(by_name), lambda part: fit([by_name[name] for name in part]).aic)
    assert_steps(path, chosen, of_r["step"])
    columns = {term.column: term.design_columns for term in terms}
    design = encode(patients, terms).to_numpy()
    tests = proportional_hazards(found, *follow_up(patients), design, columns)
    assert list(tests) == of_r["zph"]["term"]
    for name, of in (("statistic", "chisq"), ("freedom", "df"), ("p", "p")):
        values = [getattr(test, name) for test in tests.values()]
        np.testing.assert_allclose(values, of_r["zph"][of], rtol=1e-6)


def filled(values, k):
    """The stand-in for imputation of r_numbers.R."""
    gaps = np.flatnonzero(values.isna())
    known = values.dropna().to_numpy()
    taken = known[(7 * k + 3 * np.arange(1, len(gaps) + 1)) % len(known)]
    return values.mask(values.isna(), pd.Series(taken, index=values.index[gaps]))


def test_pooled_models(case):
    patients, of_r = case
    of_r = of_r["pooled"]
    tables = [
        patients.assign(albumin=filled(patients["albumin"], k), stage=filled(patients["stage"], k))
        for k in (1, 2, 3, 4)
    ]
    terms = terms_of(patients, ["score", "albumin", "stage"])
    found = pool([fit_cox_terms(table, terms) for table in tables])
    assert names_as_r(found) == of_r["name"]
    np.testing.assert_allclose(found.coefficients, of_r["estimate"], rtol=1e-7)
    np.testing.assert_allclose(found.standard_errors, of_r["se"], rtol=1e-7)
    np.testing.assert_allclose(found.degrees_of_freedom, of_r["df"], rtol=1e-6)
    np.testing.assert_allclose(found.wald_p, of_r["p"], rtol=1e-6)
    limits = np.stack([of_r["lower"], of_r["upper"]], axis=1)
    np.testing.assert_allclose(np.log(found.ratios[:, 1:]), limits, rtol=1e-6)
    _, _, _, joint, _ = of_r["d1_of_mice"]
    assert found.joint_p(["stage=2", "stage=3"]) == pytest.approx(joint, rel=1e-6)


def test_kaplan_meier_curves(case):
    patients, of_r = case
    of_r = of_r["curves"]
    time, event = follow_up(patients)
    staged = patients["stage"].notna().to_numpy()
    by_stage = time[staged], event[staged], patients.loc[staged, "stage"].to_numpy(int).astype(str)
    medians = median_survival(*by_stage)
    for column in ("median", "lower", "upper"):
        np.testing.assert_allclose(medians[f"{column}_months"], numbers(of_r[column]))
    at_risk = numbers_at_risk(by_stage[0], (0, 12, 24, 36), by_stage[2])
    assert at_risk["at_risk"].tolist() == np.ravel(of_r["at_risk"]).tolist()
    test = logrank(*by_stage)
    np.testing.assert_allclose([test.statistic, test.p], [of_r["chisq"], of_r["p"]], rtol=1e-8)
    reverse = median_survival(time, 1 - event)
    assert reverse["median_months"].item() == pytest.approx(of_r["follow_up"])
    curve = kaplan_meier(time, event)
    step = curve.loc[curve["time_months"] <= HORIZON_MONTHS].iloc[-1]
    found = step[["survival", "lower", "upper"]].to_numpy(float)
    np.testing.assert_allclose(found, of_r["at_horizon"], rtol=1e-7)


def test_concordance_and_slope(case):
    patients, of_r = case
    of_r = of_r["judged"]
    time, event = follow_up(patients)
    score, other = patients["score"].to_numpy(), patients["other"].to_numpy()
    found = concordance(time, event, score)
    np.testing.assert_allclose([found.estimate, found.standard_error], [of_r["c"], of_r["c_se"]])
    # R fits each score first, so that one whose coefficient is below 0 is turned round.
    turned = concordance(
        time, event, other * np.sign(calibration_slope(time, event, other).estimate)
    )
    difference = compare(found, turned)
    error = (difference.upper - difference.lower) / 2 / stats.norm.isf(0.025)
    expected = [of_r["difference"], of_r["difference_se"]]
    np.testing.assert_allclose([difference.estimate, error], expected, atol=1e-12)
    slope = calibration_slope(time, event, score)
    found = [slope.estimate, slope.lower, slope.upper]
    np.testing.assert_allclose(found, of_r["slope"], rtol=1e-6)


def test_auc_and_brier_score_weighted_for_censoring(case):
    patients, of_r = case
    of_r = of_r["judged"]
    time, event = follow_up(patients)
    score = patients["score"].to_numpy()
    none = {"bootstraps": 0, "generator": np.random.default_rng(0)}
    areas = time_dependent_auc(time, event, score, MONTHS, **none)
    np.testing.assert_allclose([one.estimate for one in areas], of_r["auc"], rtol=1e-8)
    survival = np.exp(-0.02 * np.outer(np.exp(score), MONTHS))
    found = integrated_brier(time, event, survival, MONTHS, **none)
    expected = np.trapezoid(of_r["brier"], MONTHS) / np.ptp(MONTHS)
    assert found.estimate == pytest.approx(expected, rel=1e-8)


def test_net_benefit(case):
    patients, of_r = case
    time, event = follow_up(patients)
    death = 1 - np.exp(-0.02 * np.exp(patients["score"].to_numpy()) * HORIZON_MONTHS)
    found = net_benefit(time, event, death, HORIZON_MONTHS, np.array([0.2, 0.35, 0.5]))
    np.testing.assert_allclose(found, of_r["judged"]["net_benefit"], rtol=1e-9)


def test_maximally_selected_cut_off(case):
    patients, of_r = case
    of_r = of_r["judged"]
    cut_off, statistic = maximally_selected(patients["score"].to_numpy(), *follow_up(patients))
    expected = [of_r["cut_off"], of_r["cut_off_statistic"]]
    np.testing.assert_allclose([cut_off, statistic], expected, rtol=1e-10)
    assert corrected_p(statistic) == pytest.approx(of_r["cut_off_p"], rel=1e-6)


@pytest.mark.parametrize(
    "known", R["lausen"], ids=lambda known: f"{known['statistic']:g}-{known['smallest']:g}"
)
def test_corrected_p(known):
    found = corrected_p(known["statistic"], known["smallest"])
    assert found == pytest.approx(min(known["p"], 1.0), rel=1e-9)


def test_groups_of_table_one(case):
    patients, of_r = case
    of_r = of_r["groups"]
    for name, of_name in of_r["numbers"].items():
        values = patients[["half", name]].dropna()
        first, second = (values.loc[values["half"] == half, name].to_numpy() for half in "ab")
        assert wilcoxon_p(first, second) == pytest.approx(of_name["wilcoxon"], rel=1e-6)
        test = compare_numbers(first, second)
        assert test.normal == (of_name["shapiro"] >= 0.05)
        equal = "student" if of_name["variances"] >= 0.05 else "welch"
        assert test.p == pytest.approx(of_name[equal if test.normal else "wilcoxon"], rel=1e-6)
    for name, of_name in of_r["counts"].items():
        counts = pd.crosstab(patients[name], patients["half"]).to_numpy()
        expected = of_name["fisher" if of_name["expected"] < 5 else "chisq"]
        assert compare_counts(counts).p == pytest.approx(expected, rel=1e-5)
