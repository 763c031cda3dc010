"""Whether numbers are in the unit that their column's name says."""

import pandas as pd

from taceflow.errors import InputError


def check_median(
    values: pd.Series, lowest: float, highest: float, unit: str, *, file: str, remedy: str
) -> None:
    """Raise an `InputError` if the median of a column shows that it is in another unit."""
    median = values.median()
    if not lowest <= median <= highest:
        raise InputError(
            f"column '{values.name}': its median {median:g} is no value in {unit}",
            file=file,
            remedy=remedy,
        )
