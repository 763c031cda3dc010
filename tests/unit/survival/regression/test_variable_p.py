"""P of a variable, and columns of too few patients for one."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from taceflow.survival.regression.cox_of_variables import fit_cox_terms
from taceflow.survival.regression.design import Term
from taceflow.survival.regression.variable_p import likelihood_ratio_p, term_p, too_few

STRONG, STAGE = Term("strong"), Term("stage", "1", ("2", "3"))


def test_p_of_a_number_is_walds_and_of_a_factor_the_likelihood_ratios(cohort):
    fit, refit = fit_cox_terms(cohort, [STRONG, STAGE]), partial(fit_cox_terms, cohort)
    table = cohort[["time_months", "event", "strong"]].assign(
        two=cohort["stage"] == 2, three=cohort["stage"] == 3
    )
    table = table.astype(float)
    full = CoxPHFitter().fit(table, "time_months", "event")
    less = CoxPHFitter().fit(table[["time_months", "event", "strong"]], "time_months", "event")
    found = [term_p(fit, [STRONG, STAGE], term, refit, {}) for term in (STRONG, STAGE)]
    assert found[0] == pytest.approx(full.summary.loc["strong", "p"], rel=1e-3)
    expected = likelihood_ratio_p(full.log_likelihood_, less.log_likelihood_, 2)
    assert found[1] == pytest.approx(expected, rel=1e-3)


def test_a_likelihood_ratio_by_its_table():
    assert likelihood_ratio_p(-10.0, -11.92073, 1) == pytest.approx(0.05, abs=1e-5)
    assert likelihood_ratio_p(-10.0, -12.99573, 2) == pytest.approx(0.05, abs=1e-5)
    # rounding may leave a model below the one that it holds
    assert likelihood_ratio_p(-10.0, -10.0 + 1e-12, 1) == 1


def test_a_factor_of_which_all_columns_are_of_few_has_no_p(cohort):
    fit, refit = fit_cox_terms(cohort, [STAGE]), partial(fit_cox_terms, cohort)
    few = {"stage=2": "4 patients", "stage=3": "4 patients"}
    assert np.isnan(term_p(fit, [STAGE], STAGE, refit, few))
    few.pop("stage=3")
    assert term_p(fit, [STAGE], STAGE, refit, few) < 0.05


def test_counts_of_a_level_a_number_and_the_outcome():
    table = pd.DataFrame({"lobe": ["left"] * 20 + ["right"] * 9 + ["caudate"] * 3})
    table["cirrhosis"] = np.r_[np.ones(4), np.zeros(28)]
    table["tumors"] = np.r_[np.full(28, 1.0), 2, 3, 4, 5]
    terms = [Term("lobe", "left", ("caudate", "right")), Term("cirrhosis"), Term("tumors")]
    enough = {"death": 10}
    assert too_few(table, terms, enough) == {
        "lobe=caudate": "3 patients in the smaller group, fewer than 5",
        "cirrhosis": "4 patients in the smaller group, fewer than 5",
        "tumors": "4 patients off the commonest value, fewer than 5",
    }
    of_outcome = too_few(table, terms, {"death": 2})
    assert set(of_outcome.values()) == {"2 deaths, fewer than 5"}
    assert len(of_outcome) == 4
