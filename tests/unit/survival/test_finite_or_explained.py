"""Every number that reaches Table S1 or the logistic table is finite, or a note says why not."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.files.schemas import validate_table
from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.imputation import impute
from taceflow.survival.tables.table_1 import table_1
from taceflow.survival.tables.table_logistic import logistic_table
from taceflow.survival.tables.table_s1 import table_s1

VARIABLES = [
    Variable("strong", "Strong"),
    Variable("weak", "Weak"),
    Variable("stage", "Stage", "1"),
    Variable("flat", "Flat"),
    Variable("copy", "Copy"),
    Variable("clock", "Clock"),
    Variable("rare", "Rare"),
    Variable("sole", "Sole", "left"),
    Variable("empty", "Empty"),
    Variable("one_value", "One value"),
    Variable("huge", "Huge"),
    Variable("tiny", "Tiny"),
    Variable("holed", "Holed"),
    Variable("absent", "Absent"),
]


@pytest.fixture
def awkward(cohort):
    alive = cohort.index[cohort["event"] == 0]
    return cohort.assign(
        time_months=np.ceil(cohort["time_months"]),
        flat=1.0,
        copy=3 * cohort["strong"],
        clock=-cohort["time_months"] - 1000 * cohort["event"],
        rare=cohort.index.isin(alive[-3:]).astype(int),
        sole="left",
        empty=np.nan,
        one_value=pd.Series([2.0], index=[7]).reindex(cohort.index),
        huge=1e15 + 1e12 * cohort["strong"],
        tiny=1e-300 * cohort["weak"],
        holed=cohort["strong"].where(np.arange(len(cohort)) % 5 > 0),
    )


def explained(table, ratio):
    for name, rows in table.groupby("variable"):
        missing = rows[f"{ratio}_uni"].isna() & (rows["note"] != "reference")
        assert rows.loc[missing, "note"].notna().all(), name
        numbers = rows.select_dtypes("number").to_numpy(float)
        assert not np.isinf(numbers).any(), name


@pytest.mark.parametrize("select", ["univariate", "stepwise"])
@pytest.mark.parametrize("events", ["as they are", "one death", "all censored"])
def test_table_s1(awkward, select, events):
    if events == "all censored":
        awkward["event"] = 0
    elif events == "one death":
        awkward["event"] = (np.arange(len(awkward)) == 12).astype(int)
    table = table_s1(awkward, VARIABLES, 0.05, select=select)
    assert set(table["variable"]) == {variable.column for variable in VARIABLES}
    explained(table, "hr")
    fitted = table["hr_uni"].notna()
    untested = fitted & table["p_ph_uni"].isna()
    assert table.loc[untested, "note"].str.contains("proportional hazards cannot be tested").all()
    validate_table(table, "table_s1", source="test")


def test_table_s1_of_imputed_tables(awkward):
    tables = impute(awkward, VARIABLES, seed=1, imputations=4)
    table = table_s1(awkward, VARIABLES, 0.05, imputed=tables)
    explained(table, "hr")
    validate_table(table, "table_s1", source="test")


@pytest.mark.parametrize("horizon", [0.5, 12.0, 60.0, 1e4])
def test_logistic_table(awkward, horizon):
    table = logistic_table(awkward, VARIABLES, 0.05, horizon)
    explained(table, "or")
    validate_table(table, "logistic", source="test")


def test_two_patients(awkward):
    for table in (awkward.iloc[:2], awkward.iloc[[4]]):
        explained(table_s1(table, VARIABLES, 0.05), "hr")
        explained(logistic_table(table, VARIABLES, 0.05, 12.0), "or")


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e305])
def test_a_number_that_cannot_be_squared_is_refused_with_its_patient(awkward, value):
    awkward.loc[4, "strong"] = value
    with pytest.raises(InputError, match=r"patient P004: strong is .*Leave it empty"):
        table_s1(awkward, VARIABLES[:2], 0.05)
    with pytest.raises(InputError, match="P004"):
        logistic_table(awkward, VARIABLES[:2], 0.05, 12.0)
    with pytest.raises(InputError, match="P004"):
        impute(awkward, VARIABLES[:2], seed=1, imputations=1)
    awkward["cohort"] = "training"
    with pytest.raises(InputError, match="P004"):
        table_1(awkward, VARIABLES[:2])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_ratio_beyond_floating_point_is_empty_and_says_so(awkward, sign):
    """Per unit of 10^6 standard deviations the ratio is infinite, or 0."""
    awkward["metres"] = sign * 1e-6 * awkward["strong"]
    variables = [Variable("metres", "Metres"), Variable("copy", "Copy")]
    for table, ratio in (
        (table_s1(awkward, variables, 0.05), "hr"),
        (logistic_table(awkward, variables, 0.05, 12.0), "or"),
    ):
        row = table.set_index("variable").loc["metres"]
        assert row[[f"{ratio}_uni", "lower_uni", "upper_uni"]].isna().all()
        assert row["p_uni"] < 0.001
        assert "give it in a smaller unit" in row["note"]
        explained(table, ratio)


def test_a_level_that_the_complete_cases_lack_is_said(awkward):
    awkward.loc[awkward["stage"] == 3, "holed"] = np.nan
    variables = [variable for variable in VARIABLES if variable.column in ("stage", "holed")]
    for table in (
        table_s1(awkward, variables, 1.0),
        logistic_table(awkward, variables, 1.0, 12.0),
    ):
        rows = table[table["variable"] == "stage"].set_index("level")
        assert rows["p_variable_multi"].notna().all()
        assert rows.loc["3", "note"].startswith("level absent from the complete cases")
