"""Logistic regression at a horizon: by hand, against statsmodels, hard cases, and its table."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from taceflow.errors import CohortTooSmallError, CollinearityError, SeparationError
from taceflow.files.tables import read_table
from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.logistic import fit_logistic
from taceflow.survival.tables.table_logistic import logistic_table, write_table_logistic

STRONG, WEAK, STAGE = (
    Variable("strong", "Strong"),
    Variable("weak", "Weak"),
    Variable("stage", "Stage", "1"),
)


def test_a_two_by_two_table_by_hand():
    marker = np.r_[np.ones(30), np.zeros(40)]
    died = np.r_[np.ones(20), np.zeros(10), np.ones(10), np.zeros(30)]
    found = fit_logistic(died, marker[:, None], ["marker"])
    assert found.ratios()[0, 0] == pytest.approx((20 * 30) / (10 * 10))
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


def test_a_perfect_predictor_and_a_level_without_survivors_are_named():
    draw = np.random.default_rng(1)
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


def test_the_table_counts_and_chooses(cohort):
    table = logistic_table(cohort, [STRONG, WEAK, STAGE], 0.05, 20.0)
    early = (cohort["event"] == 0) & (cohort["time_months"] < 20)
    died = (cohort["event"] == 1) & (cohort["time_months"] <= 20)
    assert (table["censored"] == early.sum()).all()
    assert (table["n"] == len(cohort) - early.sum()).all()
    assert (table["deaths"] == died.sum()).all()
    rows = table.drop_duplicates("variable").set_index("variable")
    assert rows.loc["strong", "or_multi"] > 1
    assert np.isnan(rows.loc["weak", "or_multi"])
    assert table.loc[table["variable"] == "stage", "level"].tolist() == ["1", "2", "3"]
    assert table.loc[table["variable"] == "stage", "note"].iloc[0] == "reference"
    known = cohort.loc[~early].assign(died=died.astype(int))
    alone = sm.Logit(known["died"], sm.add_constant(known["strong"])).fit(disp=0)
    assert rows.loc["strong", "or_uni"] == pytest.approx(np.exp(alone.params["strong"]), rel=1e-6)


def test_what_cannot_be_fitted_has_a_reason(cohort):
    cohort["copy"] = 2 * cohort["strong"]
    cohort["empty"] = np.nan
    cohort["sole"] = "left"
    variables = [STRONG, Variable("copy", "Copy"), Variable("empty", "Empty")]
    variables += [Variable("sole", "Sole", "left"), Variable("absent", "Absent")]
    table = logistic_table(cohort, variables, 0.05, 20.0).set_index("variable")
    assert "linear combination" in table.loc["copy", "note"]
    assert "one level only" in table.loc["sole", "note"]
    assert "no value" in table.loc["empty", "note"]
    assert "no value" in table.loc["absent", "note"]
    assert table["or_multi"].notna().sum() == 1
    assert np.isfinite(table[["or_uni", "upper_uni"]].dropna()).all().all()


@pytest.mark.parametrize("horizon", [0.01, 500.0])
def test_a_horizon_beyond_the_follow_up_has_rows_with_reasons(cohort, horizon):
    table = logistic_table(cohort, [STRONG, STAGE], 0.05, horizon)
    assert table["or_uni"].isna().all()
    assert table["note"].str.contains("nothing to tell apart").all()


def test_written_for_every_horizon(tmp_path, cohort):
    cohort.drop(columns="dlopctr").to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_table_logistic(
        patients=str(tmp_path / "patients.tsv"),
        dlopctr_predictions=None,
        variables=[
            {"column": "strong", "label": "Strong"},
            {"column": "stage", "label": "Stage", "reference": 1},
            {"column": "dlopctr", "label": "DLOP-CTR"},
        ],
        p_enter=0.05,
        horizons_months=[12, 36, 400],
        table=str(tmp_path / "logistic.tsv"),
    )
    table = read_table(tmp_path / "logistic.tsv", "logistic")
    assert set(table["variable"]) == {"strong", "stage"}
    assert table.groupby("horizon_months").size().to_dict() == {12: 4, 36: 4, 400: 2}
    group = cohort.loc[cohort["cohort"] == "training"]
    assert (table["n"] + table["censored"] == len(group)).all()
    pd.testing.assert_series_equal(
        table["or_multi"].dropna() > 0, table["or_multi"].dropna() < np.inf
    )
