"""Cox models of variables of a table."""

import numpy as np
import pytest
from lifelines import CoxPHFitter

from taceflow.survival.regression.cox_of_variables import (
    cox_part_fitter,
    fit_cox_terms,
    tables_for,
)
from taceflow.survival.regression.design import Term

STRONG, WEAK, STAGE = Term("strong"), Term("weak"), Term("stage", "1", ("2", "3"))


def test_a_model_of_a_number_and_a_factor_equals_lifelines(cohort):
    found = fit_cox_terms(cohort, [STAGE, STRONG])
    table = cohort[["time_months", "event", "strong"]].assign(
        **{f"stage={level}": 1.0 * (cohort["stage"] == level) for level in (2, 3)}
    )
    other = CoxPHFitter().fit(table, "time_months", "event")
    assert found.names == ("stage=2", "stage=3", "strong")
    np.testing.assert_allclose(found.coefficients, other.params_[list(found.names)], rtol=1e-4)


def test_a_part_of_the_terms_is_as_if_fitted_alone(cohort):
    fit_part = cox_part_fitter(cohort, [STRONG, WEAK, STAGE])
    for part in ([STAGE, WEAK], [STRONG], []):
        found, alone = fit_part(part), fit_cox_terms(cohort, part)
        assert found.names == alone.names
        assert found.log_likelihood == pytest.approx(alone.log_likelihood)
        np.testing.assert_allclose(found.coefficients, alone.coefficients)


def test_complete_cases_unless_gaps_are_filled(cohort):
    cohort.loc[[2, 5], "weak"] = np.nan
    filled = [cohort.assign(weak=value) for value in (0.0, 1.0)]
    (complete,) = tables_for(cohort, ["strong", "weak"], ())
    assert complete.index.tolist() == [row for row in cohort.index if row not in (2, 5)]
    assert tables_for(cohort, ["strong", "weak"], filled) == filled
    # a model without gaps is of one table, whatever the others lack
    assert [len(one) for one in tables_for(cohort, ["strong"], filled)] == [len(cohort)]
