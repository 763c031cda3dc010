"""Levels and references of factors."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import CollinearityError
from taceflow.survival.regression.design import (
    Term,
    Variable,
    as_levels,
    encode,
    make_term,
    sort_levels,
    variables_from,
)
from taceflow.survival.tables.table_1 import table_1


def test_levels():
    column = pd.Series([1.0, 2.0, np.nan, 10.0])
    assert as_levels(column).tolist() == ["1", "2", None, "10"]
    assert sort_levels(["10", "2", "1"]) == ["1", "2", "10"]
    term = make_term(pd.DataFrame({"x": column}), Variable("x", "X", "2"))
    assert term == Term("x", "2", ("1", "10"))
    design = encode(pd.DataFrame({"x": [2, 10, 7, np.nan]}), [term])
    np.testing.assert_array_equal(design, [[0, 0], [0, 1], [np.nan, np.nan], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("values", "reference", "level"),
    [
        ([1, 2], "01", "1"),
        ([1, 2], "1.0", "1"),
        ([1.0, np.nan, 2.0], 1.0, "1"),
        ([0, 1], False, "0"),
        ([0, 1], "FALSE", "0"),
        ([False, True], "FALSE", "False"),
        ([False, True], 0, "False"),
        (["no", "yes"], False, "no"),
        (["01", "1", "x"], "01", "01"),
    ],
)
def test_a_reference_is_read_as_its_column_is(values, reference, level):
    table = pd.DataFrame({"x": values, "cohort": "training"})
    (variable,) = variables_from([{"column": "x", "label": "X", "reference": reference}])
    assert make_term(table, variable).reference == level
    assert table_1(table, [variable])["level"].iloc[0] == level


@pytest.mark.parametrize(("values", "reference"), [(["01", "1.0"], "1"), (["a", "b"], "c")])
def test_a_reference_that_may_be_several_levels_or_none_does_not_occur(values, reference):
    with pytest.raises(CollinearityError, match=f"'{reference}' does not occur"):
        make_term(pd.DataFrame({"x": values}), Variable("x", "X", reference))
