"""Columns of a clinical sheet: into numbers, codes and months, and nothing lost in silence."""

import logging
from collections.abc import Mapping

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.cells import as_numbers
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

DAYS_PER_MONTH = 365.25 / 12
UMOL_PER_MG_BILIRUBIN = 17.1
"""One mg/dL of bilirubin in umol/L."""


def check_columns(sheet: pd.DataFrame, columns: list[str], file: str) -> None:
    """Raise an `InputError` if the sheet lacks a column."""
    missing = [name for name in columns if name not in sheet.columns]
    if missing:
        raise InputError(
            f"the sheet has no column {', '.join(map(repr, missing))}",
            file=file,
            remedy="It is not the version that docs/public_cohorts.md names",
        )


def check_count(found: int, published: int, what: str, file: str) -> None:
    """Raise an `InputError` if the sheet does not hold what was published."""
    if found != published:
        raise InputError(
            f"the sheet has {found} {what}, published are {published}",
            file=file,
            remedy="It is not the version that docs/public_cohorts.md names, or has been edited",
        )


def read_published(sheet: str, tab: str | int = 0) -> pd.DataFrame:
    """Read a published workbook, leniently: its columns and numbers are checked afterwards."""
    table = pd.read_excel(sheet, sheet_name=tab, dtype=object).infer_objects()
    for name, column in table.items():
        if str(name).endswith("_id"):
            table[name] = column.map(str, na_action="ignore")
        elif column.dtype == object and not (as_numbers(column).isna() & column.notna()).any():
            table[name] = as_numbers(column)
    return table


def numbers(column: pd.Series) -> pd.Series:
    """Return a column as numbers; what is none becomes empty and is counted in the log."""
    return _reported(column, as_numbers(column).astype(float))


def codes(column: pd.Series, meaning: Mapping[object, object]) -> pd.Series:
    """Return the meaning of each code; an unknown code becomes empty and is counted in the log."""
    return _reported(column, column.map(meaning))


def positive(column: pd.Series) -> pd.Series:
    """Return a column as numbers; what is not above 0 becomes empty and is counted in the log."""
    values = as_numbers(column).astype(float)
    return _reported(column, values.where(values > 0))


def months(column: pd.Series, days_per_unit: float) -> pd.Series:
    """Return times (of 1 day, 7 for weeks) in months of 365.25/12 days, empty where not above 0."""
    return positive(column) * days_per_unit / DAYS_PER_MONTH


def check_median(values: pd.Series, lowest: float, highest: float, unit: str, file: str) -> None:
    """Raise an `InputError` if the median shows that the source has changed a column's unit."""
    median = values.median()
    if not lowest <= median <= highest:
        raise InputError(
            f"column '{values.name}': its median {median:g} is no value in {unit}",
            file=file,
            remedy="The unit at the source has changed: see docs/public_cohorts.md",
        )


def _reported(column: pd.Series, values: pd.Series) -> pd.Series:
    lost = int((column.notna() & values.isna()).sum())
    if lost:
        told = counted(lost, "value")
        _LOG.warning("column '%s': %s empty, since not to be used", column.name, told)
    return values
