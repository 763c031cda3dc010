"""Logistic regression at a horizon: by hand, against statsmodels, hard cases, and its table."""

import numpy as np
import pytest
import statsmodels.api as sm

from taceflow.errors import CohortTooSmallError, CollinearityError, SeparationError
from taceflow.survival.regression.logistic import fit_logistic


def test_a_two_by_two_table_by_hand():
    marker = np.r_[np.ones(30), np.zeros(40)]
    died = np.r_[np.ones(20), np.zeros(10), np.ones(10), np.zeros(30)]
    found = fit_logistic(died, marker[:, None], ["marker"])
    assert found.ratios[0, 0] == pytest.approx((20 * 30) / (10 * 10))
    assert found.standard_errors[0] == pytest.approx(np.sqrt(1 / 20 + 1 / 10 + 1 / 10 + 1 / 30))
    assert found.intercept == pytest.approx(np.log(10 / 30))
    assert found.log_likelihood_null == pytest.approx(30 * np.log(3 / 7) + 40 * np.log(4 / 7))


def test_agrees_with_statsmodels():
    draw = np.random.default_rng(3)
    x = draw.normal(size=(200, 4)) * [1, 100, 0.01, 1] + [0, 1e4, 0, 5]
    log_odds = x[:, 0] - 0.02 * (x[:, 1] - 1e4)
    died = (draw.random(200) < 1 / (1 + np.exp(-log_odds))).astype(int)
    found = fit_logistic(died, x, list("abcd"))
    other = sm.Logit(died, sm.add_constant((x - x.mean(axis=0)) / x.std(axis=0))).fit(
        disp=0, tol=1e-12
    )
    np.testing.assert_allclose(found.coefficients * x.std(axis=0), other.params[1:], rtol=1e-7)
    np.testing.assert_allclose(found.standard_errors * x.std(axis=0), other.bse[1:], rtol=1e-6)
    np.testing.assert_allclose(found.wald_p, other.pvalues[1:], rtol=1e-5)
    assert found.log_likelihood == pytest.approx(other.llf, rel=1e-10)
    assert found.aic == pytest.approx(other.aic, rel=1e-10)


def test_without_covariates_and_without_both_outcomes():
    found = fit_logistic(np.array([1, 0, 0, 1, 0]), np.empty((5, 0)), [])
    assert found.log_likelihood == pytest.approx(found.log_likelihood_null)
    assert found.aic == pytest.approx(2 - 2 * found.log_likelihood)
    for outcome in (np.zeros(5), np.ones(5)):
        with pytest.raises(CohortTooSmallError, match="of 5 patients died by the horizon"):
            fit_logistic(outcome, np.arange(5.0)[:, None], ["x"])


@pytest.mark.parametrize("seed", range(12))
def test_a_perfect_predictor_and_a_level_without_survivors_are_named(seed):
    draw = np.random.default_rng(seed)
    died = (np.arange(60) < 30).astype(int)
    noise = draw.normal(size=60)
    perfect = np.column_stack([noise, died + 0.01 * draw.normal(size=60)])
    with pytest.raises(SeparationError, match=r"^score") as caught:
        fit_logistic(died, perfect, ["noise", "score"])
    assert caught.value.variable == "score"
    level = np.column_stack([noise, (np.arange(60) < 4).astype(float)])
    with pytest.raises(SeparationError, match=r"^stage=4: .*or but for ties"):
        fit_logistic(died, level, ["noise", "stage=4"])


def test_a_long_tail_is_no_separation():
    """Per standard deviation, which the outlier makes, the coefficient is far out but finite."""
    draw = np.random.default_rng(5)
    x = np.r_[draw.normal(size=80), 1e4]
    died = (draw.random(81) < 1 / (1 + np.exp(-np.r_[x[:80], -5]))).astype(int)
    died[80] = 1
    found = fit_logistic(died, x[:, None], ["afp"])
    other = sm.Logit(died, sm.add_constant(x)).fit(disp=0, method="bfgs", maxiter=1000, gtol=1e-9)
    assert np.abs(found.coefficients[0]) * x.std() > 15
    np.testing.assert_allclose(found.coefficients, other.params[1:], rtol=1e-4)
    np.testing.assert_allclose(found.standard_errors, other.bse[1:], rtol=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_rounding_does_not_pass_for_convergence(seed):
    draw = np.random.default_rng(seed)
    rare = np.arange(60) < 2
    died = np.where(rare, seed % 2, draw.random(60) < 0.5).astype(int)
    with pytest.raises(SeparationError, match=r"^rare"):
        fit_logistic(died, np.column_stack([draw.normal(size=60), rare]), ["noise", "rare"])


def test_collinear_and_constant_columns_are_named():
    died = np.arange(40) % 2
    noise = np.random.default_rng(1).normal(size=40)
    with pytest.raises(CollinearityError, match=r"^copy"):
        fit_logistic(died, np.column_stack([noise, 3 * noise + 1]), ["noise", "copy"])
    with pytest.raises(CollinearityError, match=r"^flat"):
        fit_logistic(died, np.full((40, 1), 2.0), ["flat"])
