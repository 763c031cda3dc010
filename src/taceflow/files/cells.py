"""Words for missing values, and texts that are numbers."""

import math
from typing import Any

import pandas as pd

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "<NA>", "#N/A")
"""Words for a missing value. "None" is not among them: it is the best level of many a factor."""


def as_numbers(column: pd.Series) -> pd.Series:
    """Return a column as numbers, missing where a value is none.

    Not by `pandas.to_numeric`, which ends the process on text such as ``1e3217425081``: its
    exponent overflows, and pandas 2.3 then reads beyond its table of powers of ten.

    >>> as_numbers(pd.Series(["1.5", 2, "<5", "5_8", "1e3217425081", None])).tolist()
    [1.5, 2.0, nan, nan, inf, nan]
    """

    def number(value: Any) -> float:
        try:
            # Python reads 5_8 as 58
            return math.nan if isinstance(value, str) and "_" in value else float(value)
        except (TypeError, ValueError):
            return math.nan

    return column if pd.api.types.is_numeric_dtype(column) else column.map(number).astype(float)
