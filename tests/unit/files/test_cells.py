"""Cells as plain values."""

import ast
import math

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.files.cells import as_numbers, as_word, plain_value, records
from taceflow.files.schemas import validate_table


def test_numbers_are_read_in_one_way(root):
    found = 0
    for file in sorted((root / "src").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", "")
            options = {key.arg: ast.unparse(key.value) for key in call.keywords}
            where = f"{file.relative_to(root)}:{call.lineno}"
            assert name != "to_numeric", where
            if name == "read_excel":
                assert options["dtype"] == "object", where
            elif name == "read_csv":
                text = options.get("dtype") == "str"
                assert text or options.get("float_precision") == "'round_trip'", where
            found += name == "read_csv"
    assert found > 2


@pytest.mark.parametrize(
    ("cell", "plain", "word"),
    [
        (7.0, 7, "7"),
        (np.float64(7.5), 7.5, "7.5"),
        (np.int64(7), 7, "7"),
        (np.bool_(False), False, "False"),
        ("07", "07", "07"),
        ("nan", "nan", "nan"),
        *((missing, None, None) for missing in (None, math.nan, pd.NA, pd.NaT, np.nan)),
    ],
)
def test_a_cell_is_a_plain_value_and_a_word(cell, plain, word):
    assert plain_value(cell) == plain
    assert type(plain_value(cell)) is type(plain)
    assert as_word(cell) == word


def test_a_row_is_what_its_cells_hold():
    frame = pd.DataFrame({"reader": [1, None], "roi": [None, "x"], "size": pd.array([1, pd.NA])})
    assert records(frame) == [{"reader": 1, "size": 1}, {"roi": "x"}]
    assert records(frame.head(0)) == []


def test_what_is_no_number_is_missing_among_numbers():
    texts = pd.Series(["1.5", 2, "<5", "5_8", "1e3217425081", None])
    np.testing.assert_array_equal(
        as_numbers(texts), [1.5, 2, math.nan, math.nan, math.inf, math.nan]
    )


def test_infinity_is_no_number_of_a_table():
    sheet = pd.DataFrame({"patient_id": ["P1"], "time_months": [math.inf], "event": [1]})
    with pytest.raises(InputError, match="time_months: 'infinite' is no number"):
        validate_table(sheet, "patients", source="patients.tsv")
