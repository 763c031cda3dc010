"""The columns of predicted survival in ``survival/predictions.tsv``."""

import re

import pandas as pd


def horizon_column(horizon_months: float) -> str:
    """Return the column that holds predicted survival at a horizon.

    >>> horizon_column(12.0)
    'survival_12_months'
    """
    return f"survival_{horizon_months:g}_months"


def horizon_columns(frame: pd.DataFrame) -> list[tuple[float, str]]:
    """Return horizons (months) and their columns, in the order of time."""
    found = [(re.fullmatch(r"survival_([0-9.]+)_months", name), name) for name in frame.columns]
    return sorted((float(match.group(1)), name) for match, name in found if match)
