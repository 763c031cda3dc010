"""Columns of clinical sheets."""

import numpy as np
import pytest

from taceflow.errors import InputError


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sheet: sheet.drop(index=3), "104 patients, published are 105"),
        (
            lambda sheet: sheet.assign(Death_1_StillAliveorLostToFU_0=1),
            "105 deaths, published are 93",
        ),
        (
            lambda sheet: sheet.drop(columns="Death_1_StillAliveorLostToFU_0"),
            "no column 'Death_1_StillAliveorLostToFU_0'",
        ),
    ],
)
def test_another_sheet_is_refused(hcc_sheet, hcc_table, change, words):
    with pytest.raises(InputError, match=words):
        hcc_table(change(hcc_sheet))


def test_what_is_no_number_or_no_code_becomes_empty_and_is_counted(hcc_sheet, hcc_table, caplog):
    hcc_sheet["AFP"] = hcc_sheet["AFP"].astype(object)
    hcc_sheet.loc[[4, 5], "AFP"] = ">1000"
    hcc_sheet.loc[6, "OS"] = 0
    hcc_sheet.loc[7, "Diabetes"] = 9
    patients = hcc_table(hcc_sheet)
    assert patients["afp_ng_ml"].isna().sum() == 2
    assert np.isnan(patients["time_months"][6])
    assert np.isnan(patients["diabetes"][7])
    assert "column 'AFP': 2 values" in caplog.text
    assert "column 'OS': 1 value" in caplog.text
    assert "column 'Diabetes': 1 value" in caplog.text
