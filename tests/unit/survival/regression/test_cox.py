"""Cox's model against R's coxph and survfit.coxph, lifelines, and its hard cases."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from taceflow.errors import CohortTooSmallError, SeparationError
from taceflow.survival.regression.cox import fit_cox, linear_predictor, predicted_survival
from taceflow.survival.regression.design import Variable, encode, make_term
from taceflow.survival.regression.variable_p import likelihood_ratio_p

TERMS = {
    "trt": Variable("trt", "Treatment", "1"),
    "celltype": Variable("celltype", "Cell type", "squamous"),
    "karno": Variable("karno", "Karnofsky"),
    "diagtime": Variable("diagtime", "Time"),
    "age": Variable("age", "Age"),
    "prior": Variable("prior", "Prior", "0"),
}


def r_name(column):
    return column.replace("=", "")


def fit(table, names):
    design = encode(table, [make_term(table, TERMS[name]) for name in names])
    time, event = table["time_months"].to_numpy(), table["event"].to_numpy()
    return fit_cox(time, event, design.to_numpy(), list(design.columns))


@pytest.mark.parametrize(
    ("model", "names"), [(f"uni:{name}", [name]) for name in TERMS] + [("multi:all", list(TERMS))]
)
def test_fit_equals_coxph(shared_data, veteran, model, names):
    table = pd.read_csv(shared_data / "stat/coxph/veteran_cox.csv", skipinitialspace=True)
    expected = table.loc[(table["model"] == model) & (table["ties"] == "efron")].set_index("term")
    found = fit(veteran, names)
    expected = expected.loc[[r_name(name) for name in found.names]]

    error = expected["se"].to_numpy()
    assert (np.abs(found.coefficients - expected["coef"]) < 1e-6 * error).all()
    np.testing.assert_allclose(found.standard_errors, error, rtol=1e-6)
    np.testing.assert_allclose(found.wald_p, expected["p"], rtol=1e-5)
    np.testing.assert_allclose(found.ratios, expected[["hr", "lo95", "hi95"]].to_numpy(), rtol=1e-6)
    assert found.log_likelihood_null == pytest.approx(expected["loglik0"].iloc[0], rel=1e-10)
    assert found.log_likelihood == pytest.approx(expected["loglik"].iloc[0], rel=1e-10)
    p = likelihood_ratio_p(found.log_likelihood, found.log_likelihood_null, len(found.names))
    assert p == pytest.approx(expected["lr_p"].iloc[0], rel=1e-6)
    assert (found.n, found.events) == (137, 128)


def test_aic_equals_r_along_a_backward_path(shared_data, veteran):
    path = pd.read_csv(
        shared_data / "stat/stepwise/cox_veteran_backward_aic_factor_path.csv",
        skipinitialspace=True,
    )
    names = list(TERMS)
    for change, aic in zip(path["change"].fillna(""), path["aic"], strict=True):
        names = [name for name in names if name != change.removeprefix("- ").strip()]
        assert fit(veteran, names).aic == pytest.approx(aic, rel=1e-10)


def test_predicted_survival_equals_survfit(shared_data, veteran):
    expected = pd.read_csv(shared_data / "stat/coxph/veteran_pred_surv.csv", skipinitialspace=True)
    names = ["celltype", "karno"]
    found = fit(veteran, names)
    design = encode(veteran, [make_term(veteran, TERMS[name]) for name in names])
    risk = linear_predictor(
        design.iloc[[0, 39, 79, 119]].to_numpy(), found.coefficients, found.centre
    )
    survival = predicted_survival(
        risk,
        found.times_months,
        found.log_cumulative_hazard,
        found.last_follow_up_months,
        expected["time"],
    )
    np.testing.assert_allclose(survival.T, expected.drop(columns="time"), rtol=1e-8)


def test_survival_beyond_follow_up_is_unknown():
    survival = predicted_survival(
        np.zeros(2), np.array([1.0, 5.0]), np.log([0.1, 0.3]), 8.0, [0.5, 5.0, 8.0, 8.1]
    )
    np.testing.assert_allclose(survival[0, :3], np.exp([0.0, -0.3, -0.3]))
    assert np.isnan(survival[:, 3]).all()


def test_scale_does_not_matter(veteran):
    time, event = veteran["time_months"].to_numpy(), veteran["event"].to_numpy()
    age = veteran[["age"]].to_numpy(float)
    plain = fit_cox(time, event, age, ["age"])
    tiny = fit_cox(time, event, 1e6 + age * 1e-3, ["age"])
    assert tiny.coefficients[0] * 1e-3 == pytest.approx(plain.coefficients[0], rel=1e-5)
    assert tiny.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)


@pytest.mark.parametrize("gap", [1e2, 1e3, 1e4, 1e6])
def test_groups_far_apart_equal_strata(gap):
    """R's ``coxph(Surv(time, event) ~ x + strata(group))``, and its survfit at x = 0.5 in either.

    Half the patients, who are all gone before the others die, lie a gap higher.
    """
    x = np.array([0.8, -0.3, 1.1, 0.2, -1.2, 0.5, 1.9, -0.7])
    x = np.append(x, [0.1, -0.9, 1.4, 0.6, -0.2, -1.6, 0.9, 0.3])
    time = np.array([1, 3, 2, 4, 5, 5, 1.5, 4.5, 8, 12, 7, 9, 11, 14, 7.5, 9])
    event = np.array([1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])
    found = fit_cox(time, event, (x + gap * (np.arange(16) < 8))[:, None], ["x"])
    assert found.coefficients[0] == pytest.approx(1.25125586687, rel=1e-8)
    assert found.standard_errors[0] == pytest.approx(0.475967033215, rel=1e-4)
    assert found.log_likelihood == pytest.approx(-14.4420687007, rel=1e-9)
    risk = linear_predictor(
        np.array([[0.5 + gap], [0.5], [1e12], [-1e12]]), found.coefficients, found.centre
    )
    survival = predicted_survival(
        risk, found.times_months, found.log_cumulative_hazard, 14.0, [1.5, 4, 5, 7.5, 9, 12]
    )
    np.testing.assert_allclose(
        survival[0, :3], [0.83319279014, 0.43988506597, 0.01430778117], rtol=1e-7
    )
    np.testing.assert_allclose(
        survival[1, 3:], [0.71647692593, 0.19122381650, 0.04223956011], rtol=1e-7
    )
    assert survival[2].tolist() == [0.0] * 6
    assert survival[3].tolist() == [1.0] * 6


@pytest.mark.parametrize(
    ("far", "coefficient", "log_likelihood"),
    [
        (1e4, -0.0319472568971, -482.175167725),
        (1e8, -0.0319472568971, -482.175167725),  # R gives NA; the patient has no weight in either
        (-1e4, 3.83166786246e-4, -501.289963490),
        (-1e6, 8.44801685828e-6, -500.749717788),
    ],
)
def test_one_patient_far_out_equals_coxph(veteran, far, coefficient, log_likelihood):
    """The Karnofsky index of who lived longest, far from the others'; coxph with eps = 1e-12."""
    time, event = veteran["time_months"].to_numpy(), veteran["event"].to_numpy()
    karno = veteran["karno"].to_numpy(float)
    karno[np.argmax(time)] += far
    found = fit_cox(time, event, karno[:, None], ["karno"])
    assert found.coefficients[0] == pytest.approx(coefficient, rel=1e-5)
    assert found.log_likelihood == pytest.approx(log_likelihood, rel=1e-9)


def test_no_covariate_gives_the_cohorts_own_hazard():
    time, event = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1, 1, 1, 0])
    found = fit_cox(time, event, np.empty((4, 0)), [])
    np.testing.assert_allclose(np.exp(found.log_cumulative_hazard), [1 / 4, 1 / 4 + 1 / 3 + 1 / 2])


def test_agrees_with_lifelines(cohort):
    columns = ["strong", "weak", "stage"]
    found = fit_cox(
        cohort["time_months"].to_numpy(), cohort["event"].to_numpy(), cohort[columns], columns
    )
    other = CoxPHFitter().fit(cohort[["time_months", "event", *columns]], "time_months", "event")
    np.testing.assert_allclose(found.coefficients, other.params_, rtol=1e-5)
    np.testing.assert_allclose(found.standard_errors, other.standard_errors_, rtol=1e-4)


def perfect(n=30):
    time = np.arange(1.0, n + 1)
    event = np.r_[np.ones(n // 2, int), np.zeros(n // 2, int)]
    return time, event


def test_a_perfect_predictor_is_named():
    time, event = perfect()
    noise = np.random.default_rng(1).normal(size=30)
    design = np.column_stack([noise, time < 16])
    with pytest.raises(SeparationError, match=r"^marker") as caught:
        fit_cox(time, event, design, ["noise", "marker"])
    assert caught.value.variable == "marker"


def test_a_perfect_order_is_named():
    time = np.arange(1.0, 21)
    with pytest.raises(SeparationError, match="clock"):
        fit_cox(time, np.ones(20), time[:, None], ["clock"])


@pytest.mark.parametrize("rare", [1, 2, 5])
def test_a_level_without_deaths_is_named(cohort, rare):
    marker = np.zeros(len(cohort))
    alive = np.flatnonzero(cohort["event"] == 0)
    late = alive[np.argsort(-cohort["time_months"].to_numpy()[alive])]
    marker[late[:rare]] = 1
    design = np.column_stack([cohort["strong"], marker])
    with pytest.raises(SeparationError, match=r"rare=1: .*or but for ties"):
        fit_cox(cohort["time_months"], cohort["event"], design, ["strong", "rare=1"])


def test_a_strong_but_finite_predictor_is_fitted(cohort):
    time = np.exp(-3 * cohort["strong"].to_numpy()) * np.random.default_rng(3).exponential(9, 160)
    found = fit_cox(time, np.ones(160), cohort[["strong"]], ["strong"])
    assert 2.5 < found.coefficients[0] < 3.6


def test_all_censored_is_refused(cohort):
    with pytest.raises(CohortTooSmallError, match="no death among 160 patients"):
        fit_cox(cohort["time_months"], np.zeros(160), cohort[["strong"]], ["strong"])


def test_all_deaths_at_one_time():
    found = fit_cox(np.ones(6), np.ones(6), np.arange(6.0)[:, None], ["x"])
    assert found.coefficients[0] == pytest.approx(0, abs=1e-9)
