"""A table against its schema: each problem once, by patient, row and column."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.files.schemas import load_schema, needed_columns, schema_problems, validate_table


def patients(**columns):
    base = {"patient_id": ["A", "B", "C"], "time_months": [1.0, 2.0, 3.0], "event": [1, 0, 1]}
    return pd.DataFrame(base | columns)


def test_a_table_as_it_should_be_has_no_problem():
    assert schema_problems(patients(), "patients") == ""
    # a column with gaps holds its whole numbers as fractions
    assert schema_problems(patients(sex=["male", None, "female"]), "patients") == ""
    assert {"patient_id", "time_months", "event"} <= needed_columns(load_schema("patients"))


def test_a_problem_of_several_rows_is_said_once_with_the_others_behind_it():
    found = schema_problems(patients(time_months=[-1.0, 2.0, -1.0]), "patients")
    assert found == (
        "patient A: time_months: -1 is not above 0 (a code for missing? Leave the cell empty); "
        "the same in patient C (row 3)"
    )


def test_a_users_table_is_named_by_the_rows_that_the_user_sees():
    table = patients(event=[1, 3, 1])
    table.index = pd.Index([4, 5, 9], name="row")
    assert "patient B: event: 3 is none of 0, 1" in schema_problems(table, "patients")
    assert "(row 5)" in schema_problems(table, "patients")
    twice = table.assign(patient_id=["A", "B", "A"], event=1)
    found = schema_problems(twice, "patients")
    assert found == "more than one row for patient_id A (rows 4, 9)"


def test_infinity_is_no_number_in_a_narrow_table_nor_in_a_wide_one():
    found = schema_problems(patients(time_months=[1.0, np.inf, 3.0]), "patients")
    assert found == "patient B: time_months: 'infinite' is no number"
    wide = pd.DataFrame({"patient_id": ["A"], "original_glcm_Contrast": [-np.inf]})
    found = schema_problems(wide, "features")
    assert found == "column 'original_glcm_Contrast' holds a value that is not finite"


def test_a_table_of_numbers_by_pattern_may_have_no_row():
    columns = ["patient_id", "cohort", "model", "risk", "risk_group", "survival_12_months"]
    empty = pd.DataFrame(columns=columns).astype({"risk": float, "survival_12_months": float})
    assert schema_problems(empty, "survival_predictions") == ""
    strange = empty.assign(survival_some_months=pd.Series(dtype=float))
    assert "survival_some_months" in schema_problems(strange, "survival_predictions")


def test_a_column_that_is_nearly_one_is_not_also_missing():
    table = patients().rename(columns={"time_months": "Time (months)"})
    found = schema_problems(table, "patients")
    assert found.startswith("column 'Time (months)' is nearly 'time_months': rename it")
    assert "missing" not in found


def test_a_message_names_ten_problems_and_counts_the_others():
    many = 13
    table = pd.DataFrame({"patient_id": [f"P{n}" for n in range(many)], "time_months": 1.0})
    table["event"] = [n + 2 for n in range(many)]
    with pytest.raises(InputError) as raised:
        validate_table(table, "patients", source="sheet.tsv")
    assert str(raised.value).count("is none of 0, 1") == 10
    assert "; and 3 more [sheet.tsv]" in str(raised.value)
