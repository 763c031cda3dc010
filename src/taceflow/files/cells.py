"""Cells of tables as plain values, words for missing ones, and texts that are numbers.

pandas is imported where it is used: whoever reads a YAML file reaches this module too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "<NA>", "#N/A")
"""Words for a missing value. "None" is not among them: it is the best level of many a factor."""


def as_numbers(column: pd.Series) -> pd.Series:
    """Return a column as numbers, missing where a value is none.

    Not by `pandas.to_numeric`, which ends the process on text such as ``1e3217425081``: its
    exponent overflows, and pandas 2.3 then reads beyond its table of powers of ten.

    >>> import pandas as pd
    >>> as_numbers(pd.Series(["1.5", 2, "<5", "5_8", "1e3217425081", None])).tolist()
    [1.5, 2.0, nan, nan, inf, nan]
    """
    import pandas as pd

    def number(value: Any) -> float:
        try:
            # Python reads 5_8 as 58
            return math.nan if isinstance(value, str) and "_" in value else float(value)
        except (TypeError, ValueError):
            return math.nan

    return column if pd.api.types.is_numeric_dtype(column) else column.map(number).astype(float)


def plain_value(value: Any) -> Any:
    """Return a cell as Python's own value: None if missing, 1 for 1.0 (of a column with gaps)."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() else value
    return value


def as_word(value: Any) -> str | None:
    """Return a cell as text, None if missing.

    >>> [as_word(value) for value in (7.0, 7, "07", 1.5, float("nan"))]
    ['7', '7', '07', '1.5', None]
    """
    plain = plain_value(value)
    return None if plain is None else str(plain)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values, without those that are missing."""
    columns = {name: [plain_value(value) for value in frame[name].array] for name in frame.columns}
    return [
        {name: values[row] for name, values in columns.items() if values[row] is not None}
        for row in range(len(frame))
    ]
