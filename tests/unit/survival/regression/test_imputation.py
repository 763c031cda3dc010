"""Multiple imputation: by hand, and against data whose gaps were made."""

import numpy as np
import pandas as pd
import pytest

from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.imputation import impute, nelson_aalen
from taceflow.survival.regression.pooling import PooledFit
from taceflow.survival.regression.screening import fit_jointly, screen
from taceflow.survival.regression.variable_selection import fit_stepwise
from taceflow.survival.tables.table_s1 import table_s1

STRONG, WEAK, STAGE = (
    Variable("strong", "Strong"),
    Variable("weak", "Weak"),
    Variable("stage", "Stage", "1"),
)


def test_nelson_aalen_by_hand():
    time, event = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1, 1, 1, 0])
    np.testing.assert_allclose(nelson_aalen(time, event), [1 / 4, 11 / 12, 11 / 12, 11 / 12])


@pytest.fixture
def gaps(cohort):
    draw = np.random.default_rng(5)
    holed = cohort.assign(flag=(cohort["weak"] > 0).astype(float))
    for column, share in (("strong", 0.3), ("stage", 0.2), ("flag", 0.2)):
        holed.loc[draw.random(len(cohort)) < share, column] = np.nan
    return holed


VARIABLES = [STRONG, WEAK, STAGE, Variable("flag", "Flag")]


def test_only_gaps_are_filled_with_values_that_occur(gaps):
    tables = impute(gaps, VARIABLES, seed=3, imputations=4)
    assert len(tables) == 4
    for table in tables:
        for column in ("strong", "stage", "flag"):
            known = gaps[column].notna()
            assert table[column].notna().all()
            assert (table.loc[known, column] == gaps.loc[known, column]).all()
            assert set(table[column]) <= set(gaps.loc[known, column])
    assert not tables[0].equals(tables[1])
    assert impute(gaps, VARIABLES, seed=3, imputations=1)[0].equals(tables[0])
    assert not impute(gaps, VARIABLES, seed=4, imputations=1)[0].equals(tables[0])


def test_imputed_values_follow_the_others(cohort):
    copy = cohort["strong"] + 0.1 * np.random.default_rng(1).normal(size=len(cohort))
    holed = cohort.assign(copy=copy.where(np.arange(len(cohort)) % 3 > 0))
    variables = [STRONG, Variable("copy", "Copy")]
    gap = holed["copy"].isna()
    for table in impute(holed, variables, seed=1, imputations=3):
        assert np.corrcoef(table.loc[gap, "copy"], cohort.loc[gap, "strong"])[0, 1] > 0.95


def test_estimates_stay_near_those_of_the_full_data_and_errors_lie_between(cohort, gaps):
    full = fit_jointly(cohort, [STRONG, STAGE]).fit
    complete = fit_jointly(gaps, [STRONG, STAGE]).fit
    tables = impute(gaps, VARIABLES, seed=2)
    found = fit_jointly(gaps, [STRONG, STAGE], tables).fit
    assert isinstance(found, PooledFit)
    assert found.n == len(cohort) > complete.n
    shift = np.abs(found.coefficients - full.coefficients) / full.standard_errors
    assert (shift < 2).all()
    assert (found.standard_errors > 0.95 * full.standard_errors).all()
    assert found.standard_errors[0] < 1.1 * complete.standard_errors[0]


def test_a_variable_without_gaps_is_not_pooled(gaps):
    tables = impute(gaps, VARIABLES, seed=2, imputations=3)
    plain, imputed = screen(gaps, [WEAK]), screen(gaps, [WEAK], tables)
    assert imputed[0].p == plain[0].p


def test_table_s1_says_what_was_imputed(gaps):
    tables = impute(gaps, VARIABLES, seed=2)
    rows = table_s1(gaps, VARIABLES, 0.05, imputed=tables).drop_duplicates("variable")
    rows = rows.set_index("variable")
    assert rows["imputations"].to_dict() == {"strong": 20, "weak": 0, "stage": 20, "flag": 20}
    assert (rows["n"] == len(gaps)).all()
    assert rows.loc["strong", "p_variable_multi"] < 0.001
    assert rows.loc["strong", "p_ph_uni"] > 0


def test_table_s1_counts_the_tables_that_it_was_given(gaps):
    rows = table_s1(gaps, VARIABLES, 0.05, imputed=impute(gaps, VARIABLES, seed=2, imputations=3))
    assert set(rows.loc[rows["variable"] != "weak", "imputations"]) == {3}


def test_stepwise_on_imputed_tables_keeps_what_most_choose(gaps):
    tables = impute(gaps, VARIABLES, seed=2, imputations=5)
    joint = fit_stepwise(gaps, VARIABLES, tables)
    assert isinstance(joint.fit, PooledFit)
    assert {"strong", "stage"} <= {variable.column for variable in joint.variables}


def test_a_patient_without_any_value_and_a_variable_without_any(gaps):
    gaps.loc[3, ["strong", "weak", "stage", "flag"]] = np.nan
    empty = gaps.assign(nothing=np.nan)
    variables = [*VARIABLES, Variable("nothing", "Nothing")]
    tables = impute(empty, variables, seed=2, imputations=2)
    assert tables[0].loc[3, ["strong", "weak", "stage", "flag"]].notna().all()
    rows = table_s1(empty, variables, 0.05, imputed=tables).set_index("variable")
    assert "no value" in rows.loc["nothing", "note"]


def test_words_are_imputed_as_levels(cohort):
    side = pd.Series(np.where(cohort["weak"] > 0, "left", "right"), dtype=object)
    holed = cohort.assign(side=side.where(np.arange(len(cohort)) % 4 > 0))
    table = impute(holed, [WEAK, Variable("side", "Side", "left")], seed=1, imputations=1)[0]
    assert set(table["side"]) == {"left", "right"}
    assert (table["side"] == side).mean() > 0.85
