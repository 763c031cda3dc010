"""A table of features holds the panel's columns, in order and finite."""

import numpy as np
import pytest

from taceflow.errors import InputError
from taceflow.radiomics.columns import check_columns, check_finite


def test_the_panels_columns_pass(panel):
    check_columns(panel.columns, panel, "P1", "features.tsv.gz")


def test_a_column_that_is_missing_or_too_many_is_named(panel):
    count = len(panel.columns)
    less = [name for name in panel.columns if name != "original_firstorder_Energy"]
    with pytest.raises(InputError, match=f"{count - 1} features instead .* {count}.*_Energy"):
        check_columns(less, panel, "P1", "features.tsv.gz")
    with pytest.raises(InputError, match=f"{count + 1} features .* is age_years"):
        check_columns([*panel.columns, "age_years"], panel, "P1", "features.tsv.gz")


def test_another_order_is_no_panel(panel):
    with pytest.raises(InputError, match="is their order"):
        check_columns(panel.columns[::-1], panel, "P1", "features.tsv.gz")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_names_patient_and_column(panel, value):
    features = dict.fromkeys(panel.columns, 1.0) | dict.fromkeys(panel.columns[5:7], value)
    with pytest.raises(InputError) as caught:
        check_finite(features, "P2", "features.tsv.gz")
    assert caught.value.patient == "P2"
    assert f"2 features are not finite, the first is {panel.columns[5]}" in str(caught.value)
