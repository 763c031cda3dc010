"""A table of features holds the panel's columns, in order and finite."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.radiomics.columns import check_columns


@pytest.fixture
def table(panel):
    values = np.arange(2.0 * len(panel.columns)).reshape(2, -1)
    made = pd.DataFrame(values, columns=panel.columns)
    made.insert(0, "patient_id", ["P1", "P2"])
    made.insert(1, "diagnostics_Versions_PyRadiomics", "3.1.0")
    return made


def test_the_panels_columns_pass_beside_ids_and_diagnostics(table, panel):
    check_columns(table, panel)


def test_a_column_that_is_missing_or_too_many_is_named(table, panel):
    count = len(panel.columns)
    with pytest.raises(InputError, match=f"{count - 1} features instead .* {count}.*_Energy"):
        check_columns(table.drop(columns="original_firstorder_Energy"), panel)
    with pytest.raises(InputError, match=f"{count + 1} features .* is age_years"):
        check_columns(table.assign(age_years=60), panel)


def test_another_order_is_no_panel(table, panel):
    turned = table[[*table.columns[:2], *panel.columns[::-1]]]
    with pytest.raises(InputError, match="is their order"):
        check_columns(turned, panel)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_names_patient_and_column(table, panel, value):
    table.loc[1, panel.columns[5:7]] = value
    with pytest.raises(InputError) as caught:
        check_columns(table, panel, "features.parquet")
    assert caught.value.patient == "P2"
    assert f"2 features are not finite, the first is {panel.columns[5]}" in str(caught.value)
