"""Columns of the user's own as variables: all that is wrong is said before any job."""

import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.study.variables import check_batches, check_variables, compared_variables

N = 24


def check(variables, **columns):
    table = pd.DataFrame(
        {"patient_id": [f"P{number:02d}" for number in range(N)], "time_months": 12.0, "event": 1}
        | columns,
        index=pd.RangeIndex(2, N + 2, name="row"),
    )
    check_variables({"survival": {"variables": variables}}, table, "patients.xlsx")


def refused(variables, **columns):
    with pytest.raises(InputError) as raised:
        check(variables, **columns)
    return str(raised.value)


def number(column):
    return [{"column": column, "label": "Own"}]


def factor(column, reference):
    return [{"column": column, "label": "Own", "reference": reference}]


def test_a_variable_that_is_no_column_is_named_with_its_nearest():
    message = refused(number("platelet"), platelets=200)
    assert "'platelet' is no column of the table; did you mean 'platelets'" in message
    # what the schema lists may be absent from a sheet, and the run makes its scores
    check(number("afp_ng_ml") + number("dlopctr") + factor("bclc_b_substage", 1))
    assert "did you mean 'albumin_g_l'" in refused(number("albumin_gl"))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("\u22120.5", "a sign that only looks like a minus: write -0.5"),
        ("45%", "a percent sign"),
        ("1 234", "write 1234"),
        ("1\u00a0234", "write 1234"),
        ("1'234", "write 1234"),
        ("<5", "a bound is no number"),
        ("3,5", "a decimal comma: write 3.5"),
        ("1,234", "write 1234 if it parts thousands, 1.234 if it is a decimal comma"),
        ("1.234,5", "write 1234.5"),
        ("1,234.5", "write 1234.5"),
        ("1.234.567", "write 1234567"),
        ("12 U/L", "without its unit"),
        ("2024-03-05", "a date"),
        ("05.03.2024", "a date"),
        ("n.d.", "leave the cell empty"),
        ("?", "leave the cell empty"),
        ("-", "leave the cell empty"),
        ("#NV", "leave the cell empty"),
        ("3-5", "a range"),
        ("3.5 x 4.2", "several measures"),
    ],
)
def test_a_cell_that_is_no_number_is_named_with_row_and_remedy(cell, words):
    values = [cell] + [str(value) for value in range(1, N)]
    message = refused(number("platelets"), platelets=values)
    assert "column 'platelets': 1 of 24 values is no number: P00 (row 2) " in message
    assert words in message
    assert "P01" not in message
    assert "reference" not in message
    # a whole column of such cells is no factor of 24 levels either
    assert words in refused(number("platelets"), platelets=[cell] * N)


def test_words_need_a_reference():
    message = refused(number("grade"), grade=["G1", "G2", "G3"] * 8)
    assert "column 'grade' holds words (G1, G2, G3): give it a reference" in message
    check(factor("grade", "G1"), grade=["G1", "G2", "G3"] * 8)
    check(number("platelets"), platelets=[None, *range(1, N)])


def test_levels_that_differ_by_capitals_or_spaces_are_one():
    message = refused(factor("grade", "G1"), grade=["G1", "G2", "g2", "G 2"] * 6)
    assert "'G 2' and 'G2' and 'g2' are one level" in message
    # of a Chinese keyboard; and an umlaut of two signs, as some systems write it
    message = refused(factor("grade", "G1"), grade=["G1", "G2", "\uff272", "G3"] * 6)
    assert "'G2' and '\uff272' are one level" in message
    message = refused(factor("grade", "w\u00fc"), grade=["w\u00fc", "wu\u0308"] * 12)
    assert "are one level" in message
    message = refused([], embolic_agent=["PVA", "pva"] * 12)
    assert "column 'embolic_agent': 'PVA' and 'pva' are one level" in message


def test_a_column_of_another_unit_is_not_passed_over():
    message = refused([], albumin_g_dl=[3.5] * N, tumor_size_mm=[35] * N)
    assert "'albumin_g_dl' is read by nothing, but 'albumin_g_l' is: g/dL are multiplied" in message
    assert "'tumor_size_mm' is read by nothing, but 'tumor_size_cm' is: mm are divided" in message
    # beside the right one, or as a variable of the user's own, it is deliberate
    check([], albumin_g_dl=[3.5] * N, albumin_g_l=[35.0] * N)
    check(number("albumin_g_l"), albumin_g_dl=[3.5] * N, albumin_g_l=[35.0] * N)
    check(number("albumin_g_dl"), albumin_g_dl=[3.5] * N)


def test_a_word_that_became_a_date_is_named():
    message = refused(factor("gene", "BRCA1"), gene=["BRCA1", "2024-09-02", "TP53"] * 8)
    assert "column 'gene': 2024-09-02 beside" in message
    assert "SEPT2" in message


def test_a_reference_that_does_not_occur_is_named_with_the_levels():
    message = refused(factor("grade", "G4"), grade=["G1", "G2"] * 12)
    assert "the reference 'G4' of 'grade' does not occur among its levels (G1, G2)" in message
    assert "did you mean 'low'" in refused(factor("risk", "lowe"), risk=["low", "high"] * 12)
    # a study of men
    check(factor("sex", "female"), sex="male")
    # substages are derived from other columns
    derived = {"child_pugh_score": [8, 5] * 12, "tumor_number": 9, "tumor_size_cm": 8.0}
    assert "the reference '1'" in refused(factor("bclc_b_substage", 1), **derived)
    check(factor("bclc_b_substage", 2), **derived)


def test_an_infinite_number_is_named():
    assert "P03 (row 5) holds inf" in refused(
        number("platelets"), platelets=[1.0, 2.0, 3.0, float("inf")] + [4.0] * 20
    )


def batches(by, features=None, **columns):
    table = pd.DataFrame({"patient_id": [f"P{number}" for number in range(4)]} | columns)
    config = {"radiomics": {"harmonise": {"by": by}}, "tables": {"features": features}}
    check_batches(config, table, "patients.xlsx")


def test_scanners_and_centres_are_a_column_or_the_headers():
    batches(None)
    batches("centre", centre=["a", "a", "b", "b"])
    batches("manufacturer")
    batches("manufacturer", features="ready.csv", manufacturer=["a", "a", "b", "b"])
    with pytest.raises(InputError, match="'center' is no column of the table; did you mean 'cent"):
        batches("center", centre=["a", "a", "b", "b"])
    with pytest.raises(InputError, match="'manufacturer' is no column of the table"):
        batches("manufacturer", features="ready.csv")
    with pytest.raises(InputError, match="'Bonn' and 'bonn' are one level"):
        batches("centre", centre=["Bonn", "bonn", "Ulm", "Ulm"])


def test_a_centre_that_differs_from_the_trainings_by_capitals_is_named():
    config = {"radiomics": {"harmonise": {"by": "centre"}}, "tables": {"features": None}}
    table = pd.DataFrame({"patient_id": ["P1", "P2"], "centre": ["bonn", "Köln"]})
    check_batches(config, table, "patients.xlsx", ["Ulm"])
    with pytest.raises(InputError, match="'Bonn' and 'bonn' are one level"):
        check_batches(config, table, "patients.xlsx", ["Bonn", "Ulm"])


def test_new_patients_are_compared_in_what_features_are_harmonised_by():
    variables = [{"column": "sex", "label": "Sex", "reference": "f"}]

    def compared(by):
        return compared_variables(
            {"survival": {"variables": variables}, "radiomics": {"harmonise": {"by": by}}}
        )

    assert compared(None) == compared("sex") == variables
    assert compared("centre")[:-1] == variables
    assert compared("centre")[-1]["column"] == "centre"
    # levels, whatever they are called
    assert compared("centre")[-1]["reference"] is not None
