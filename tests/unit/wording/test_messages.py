"""How messages name rows and lists, and what was probably meant."""

import pandas as pd
import pytest

from taceflow.wording.messages import listed, nearest, plain_name, row_number


def test_a_long_list_says_how_many_more_there_are():
    assert listed(list("abc")) == "a, b, c"
    assert listed([str(n) for n in range(12)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert listed(list("abc"), 2) == "a, b and 1 more"


def test_what_was_probably_meant_keeps_its_own_spelling():
    known = ["age_years", "AFP_ng_ml", "sex"]
    assert nearest("Age_year", known) == "; did you mean 'age_years'?"
    assert nearest("afp_ng_mL", known) == "; did you mean 'AFP_ng_ml'?"
    assert nearest("SEX", known) == "; did you mean 'sex'?"
    assert nearest("platelets", known) == ""


@pytest.mark.parametrize("name", ["Tumour size (cm)", "tumor_size_cm", " TumorSize-CM "])
def test_names_that_differ_by_signs_are_one(name):
    assert plain_name(name) == "tumorsizecm"


def test_only_a_users_table_has_rows_to_name():
    table = pd.DataFrame({"event": [1, 0]}, index=pd.Index([4, 6], name="row"))
    assert row_number(table, 6) == " (row 6)"
    assert row_number(table["event"], 4) == " (row 4)"
    assert row_number(table.reset_index(drop=True), 1) == ""
