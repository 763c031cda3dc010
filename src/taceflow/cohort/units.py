"""Whether the numbers of the table of patients are in the unit that their columns' names say."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import ConfigurationError, InputError
from taceflow.files.schemas import load_schema
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.messages import listed, nearest, row_number

_FEWEST_FOR_A_MEDIAN = 5
_FEWEST_FOR_CLUSTERS = 10
_APART = 4.0
"""Ashman's D of two clusters: halves of a normal law reach 2.7, of a uniform one 3.5."""
_FACTOR_TOLERANCE = 0.3
"""By how much, in powers of ten, the clusters' distance may differ from that of two units."""

_OF_ALL_ROWS = frozenset({"years"})
"""Units that a part of a column is not searched for: early deaths come after as few months."""

_OLDEST_AT_THE_END = 105.0


def check_values(
    sheet: pd.DataFrame, source: str, checked: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Refuse a number that cannot be what its column's name says.

    The bounds of each value and of the median stand in ``patients.schema.yaml``.

    Parameters
    ----------
    sheet : pandas.DataFrame
        The table of patients.
    source : str
        Its file.
    checked : sequence of mapping
        The configuration's ``checked_values``: ``column`` and, unless all are meant, ``patients``
        whose values were compared with the records and are right.

    Raises
    ------
    InputError
        If a value or a median is out of bounds, or a column falls into two clusters that are as
        far apart as two units.
    ConfigurationError
        If `checked` names a column without bounds or an unknown patient.
    """
    rules = {
        name: rule
        for name, rule in load_schema("patients")["properties"].items()
        if "x-plausible" in rule
    }
    right = _checked_cells(sheet, rules, checked)
    problems = []
    for name, rule in rules.items():
        if name in sheet:
            problems += _of_column(sheet, sheet[name].where(~right[name]).dropna(), rule)
    problems += _of_last_age(sheet, right)
    if problems:
        raise InputError(
            problems,
            file=source,
            remedy="Mend them; an unknown value is an empty cell. What was compared with the "
            "records and is right goes into the configuration, as in checked_values: "
            "[{column: time_months, patients: [P001]}]",
        )


def _checked_cells(
    sheet: pd.DataFrame, rules: Mapping[str, Any], checked: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    right = pd.DataFrame(False, index=sheet.index, columns=list(rules))
    for one in checked:
        if one["column"] not in rules:
            raise ConfigurationError(
                f"'checked_values': column '{one['column']}' has no bounds"
                f"{nearest(one['column'], rules)}"
            )
        names = [str(patient) for patient in one.get("patients", sheet["patient_id"])]
        known = set(sheet["patient_id"])
        if unknown := [name for name in names if name not in known]:
            raise ConfigurationError(
                f"'checked_values': patient {unknown[0]} is not in the table of patients"
                f"{nearest(unknown[0], known)}; ids of digits go in quotation marks"
            )
        right[one["column"]] |= sheet["patient_id"].isin(names)
    return right


def _of_column(sheet: pd.DataFrame, values: pd.Series, rule: Mapping[str, Any]) -> list[str]:
    name, unit, bounds = values.name, rule["x-unit"], rule["x-plausible"]
    others = rule.get("x-other-units", {})
    lowest, highest = bounds.get("median", (-math.inf, math.inf))
    median = values.median()
    if len(values) >= _FEWEST_FOR_A_MEDIAN and not lowest <= median <= highest:
        meant = _fitting_units(median, (lowest, highest), others)
        hint = f" ({meant})" if meant else ""
        return [f"column '{name}': its median {_shown(median)} is no value in {unit}{hint}"]
    least, most = bounds["each"]
    odd = values[(values < least) | (values > most)]
    if len(odd):
        meant = _fitting_units(odd.median(), bounds["each"], others)
        return [
            f"column '{name}': {len(odd)} of {counted(len(values), 'value')} "
            f"{agreeing(len(odd), 'lies', 'lie')} beyond {_shown(least)} to {_shown(most)} {unit}: "
            f"{_cells(sheet, odd)}{f' ({meant})' if meant else ''}"
        ]
    found = _two_clusters(values, others, (lowest, highest))
    if found:
        other, few = found
        return [
            f"column '{name}': its values fall into two clusters, as if {len(few)} of "
            f"{len(values)} {agreeing(len(few), 'was', 'were')} in {other}: {_cells(sheet, few)} "
            f"({conversion(other, others[other])})"
        ]
    return []


def _of_last_age(sheet: pd.DataFrame, right: pd.DataFrame) -> list[str]:
    """Say whose age and follow-up together are beyond a human life: days or weeks for months."""
    if not {"age_years", "time_months"} <= set(sheet):
        return []
    last = sheet["age_years"] + sheet["time_months"] / 12
    asked = ~(right["age_years"] | right["time_months"])
    old = last[asked & (last > _OLDEST_AT_THE_END) & (sheet["time_months"] <= 400)].round(1)
    if old.empty:
        return []
    return [
        f"age_years and time_months together end beyond {_OLDEST_AT_THE_END:g} years: "
        f"{_cells(sheet, old)} (days are divided by 30.4375, weeks by 4.348)"
    ]


def _two_clusters(
    values: pd.Series, others: Mapping[str, float], usual: Sequence[float]
) -> tuple[str, pd.Series] | None:
    """Return the other unit and the values in it, if a part of them is so far from the rest.

    Early deaths lie as far below the rest in many a small cohort, and AFP of tumours that make none
    in any: the part itself must have a median that is none in the column's unit.

    Parameters
    ----------
    values : pandas.Series
        Numbers without gaps.
    others : mapping of str to float
        Other units, and by what their values are multiplied.
    usual : (float, float)
        Bounds of a median in the column's unit.

    Returns
    -------
    tuple of str and pandas.Series, or None

    Notes
    -----
    The two clusters are those of the least squares on the logarithms, of which there is one best
    cut on a line. D = |m1 - m2| / sqrt((s1^2 + s2^2) / 2): Ashman et al., Astron J 1994;108:2348.
    """
    logs = np.log10(values[values > 0]).sort_values()
    n, x = len(logs), logs.to_numpy()
    smallest = max(3, math.ceil(n / 20))
    if not others or n < max(_FEWEST_FOR_CLUSTERS, 2 * smallest):
        return None
    squares = [
        x[:cut].var() * cut + x[cut:].var() * (n - cut) for cut in range(smallest, n - smallest + 1)
    ]
    cut = smallest + int(np.argmin(squares))
    low, high = x[:cut], x[cut:]
    spread = math.sqrt((low.var() + high.var()) / 2)
    distance = high.mean() - low.mean()
    if distance < _APART * spread:
        return None
    for unit, factor in others.items():
        near = abs(abs(math.log10(factor)) - distance) < _FACTOR_TOLERANCE
        if near and unit not in _OF_ALL_ROWS:
            part = values.loc[sorted(logs.index[:cut] if factor > 1 else logs.index[cut:])]
            if not usual[0] <= part.median() <= usual[1]:
                return unit, part
    return None


def _fitting_units(value: float, bounds: Sequence[float], others: Mapping[str, float]) -> str:
    """Say how the other units are converted in which the value would be usual; else all."""
    fitting = {
        unit: factor for unit, factor in others.items() if bounds[0] <= value * factor <= bounds[1]
    }
    return ", ".join(conversion(*one) for one in (fitting or others).items())


def conversion(unit: str, factor: float) -> str:
    """Say how values in another unit are converted.

    >>> conversion("mm", 0.1)
    'mm are divided by 10'
    """
    if factor > 1:
        return f"{unit} are multiplied by {factor:g}"
    return f"{unit} are divided by {round(1 / factor, 4):g}"


def _cells(sheet: pd.DataFrame, values: pd.Series) -> str:
    """Name patients, rows and values."""
    return listed(
        [
            f"{sheet['patient_id'][row]}{row_number(values, row)} {_shown(value)}"
            for row, value in values.items()
        ]
    )


def _shown(value: float) -> str:
    """Return a number without a power of ten.

    >>> _shown(5795200.0)
    '5795200'
    """
    return f"{round(value, 4):.12g}"
