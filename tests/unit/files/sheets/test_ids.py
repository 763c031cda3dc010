"""Ids of one patient that are written in two ways."""

import pytest

from taceflow.errors import InputError
from taceflow.files.sheets.ids import check_alike, check_known


def test_ids_that_a_spreadsheet_changed_are_one_message():
    known = [f"{number:03d}" for number in range(1, 121)]
    rows = {str(number): number + 1 for number in range(1, 121)}
    with pytest.raises(InputError) as raised:
        check_known(rows, known, "scans.xlsx")
    message = str(raised.value)
    assert "99 ids are written otherwise than in the table of patients" in message
    assert "'1' (row 2) is '001' there" in message
    assert "format Text" in message
    check_known({"121": 2, "100": 3}, known, "scans.xlsx")
    with pytest.raises(InputError, match=r"'p-7' \(row 3\) is 'P007' there"):
        check_known({"p-7": 3}, ["P007"], "scans.xlsx")


def test_two_ids_that_can_be_mixed_up_are_refused():
    with pytest.raises(InputError, match=r"'1' \(row 2\) and '01' \(row 3\)"):
        check_alike({"1": 2, "01": 3, "2": 4}, "patients.xlsx")
    with pytest.raises(InputError, match=r"the id '2024-03-01' is a date.*row 3\]"):
        check_alike({"MAR2": 2, "2024-03-01": 3}, "patients.xlsx")
    with pytest.raises(InputError, match=r"'Mean' is a sum or mean of the rows above.*row 4\]"):
        check_alike({"P1": 2, "P2": 3, "Mean": 4}, "patients.xlsx")
    # centre and patient
    check_alike({"1-11": 2, "11-1": 3, "P1": 4, "P10": 5}, "patients.xlsx")
