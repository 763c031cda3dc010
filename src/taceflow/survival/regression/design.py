"""From a cohort table to the columns of a model: numbers as they are, factors by their levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import CollinearityError, ConfigurationError, InputError
from taceflow.files.cells import as_word
from taceflow.models import MODELS

LARGEST = 1e100
"""Of a number in a model; no unit of a clinical variable needs more."""

_TRUTH = {"true": 1.0, "yes": 1.0, "on": 1.0, "false": 0.0, "no": 0.0, "off": 0.0}
"""Words that YAML or a reader of tables takes for true or false, and so for 1 or 0."""


@dataclass(frozen=True)
class Variable:
    """A clinical variable of the configuration.

    Attributes
    ----------
    column : str
        Its column in the cohort table.
    label : str
        As printed.
    reference : str or None
        Reference level of a factor; None for a number (0/1 included).
    """

    column: str
    label: str
    reference: str | None = None

    @property
    def is_factor(self) -> bool:
        """Whether the variable has levels."""
        return self.reference is not None


@dataclass(frozen=True)
class Term:
    """A variable as a model holds it, with the levels that the model knows.

    Attributes
    ----------
    column : str
        Column of the cohort table.
    reference : str or None
        Reference level of a factor.
    levels : tuple of str
        The other levels, in the order of the design's columns; empty for a number.
    """

    column: str
    reference: str | None = None
    levels: tuple[str, ...] = ()

    @property
    def design_columns(self) -> list[str]:
        """Names of the design's columns: ``age_years``, or ``tumor_location=right``."""
        if self.reference is None:
            return [self.column]
        return [f"{self.column}={level}" for level in self.levels]

    def as_json(self) -> dict[str, Any]:
        """Return the term as plain values."""
        return {"column": self.column, "reference": self.reference, "levels": list(self.levels)}


def term_from_json(content: Mapping[str, Any]) -> Term:
    """Return the term that `Term.as_json` wrote."""
    return Term(content["column"], content["reference"], tuple(content["levels"]))


def variables_from(entries: Sequence[Mapping[str, Any]]) -> list[Variable]:
    """Return the variables of the configuration's list ``survival.variables``."""
    return [
        Variable(
            entry["column"],
            entry["label"],
            None if entry.get("reference") is None else str(entry["reference"]),
        )
        for entry in entries
    ]


def own_score(column: str) -> Variable:
    """Return one of `taceflow.scores.OWN_SCORES` as a variable, under its model's name in print."""
    return Variable(column, MODELS[column].label)


def as_levels(column: pd.Series) -> pd.Series:
    """Return a column as text levels, None where it is empty.

    1.0, read from a column with gaps, is level ``1``.
    """
    return pd.Series(map(as_word, column.array), index=column.index, dtype=object)


def reference_level(variable: Variable, levels: Sequence[str]) -> str | None:
    """Return the level that is a factor's reference, however the configuration writes it.

    A table's 01 is read as the number 1, and FALSE as a truth value: so may the reference be.

    >>> reference_level(Variable("grade", "Grade", "01"), ["1", "2"])
    '1'

    Returns
    -------
    str or None
        One of `levels`, those that occur; None if none, or several, could be meant.
    """
    if variable.reference in levels:
        return variable.reference
    meant = _as_number(str(variable.reference))
    same = [level for level in levels if _as_number(level) == meant]
    return same[0] if len(same) == 1 else None


def _as_number(level: str) -> float:
    """Return the number that a level may stand for; NaN, which equals none, for other words."""
    word = level.strip().lower()
    try:
        return _TRUTH[word] if word in _TRUTH else float(word)
    except ValueError:
        return np.nan


def sort_levels(levels: Sequence[str]) -> list[str]:
    """Return levels in numeric order if they are numbers, else as words."""

    def key(level: str) -> tuple[int, float, str]:
        try:
            return (0, float(level), level)
        except ValueError:
            return (1, 0.0, level)

    return sorted(levels, key=key)


def is_available(frame: pd.DataFrame, variable: Variable) -> bool:
    """Say whether the table has the variable's column with at least one value."""
    return variable.column in frame.columns and bool(frame[variable.column].notna().any())


def complete_cases(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows in which no one of the columns is empty."""
    return frame.loc[frame[list(columns)].notna().all(axis=1)]


def make_term(frame: pd.DataFrame, variable: Variable) -> Term:
    """Return the term of a variable with the levels that occur in `frame`.

    Parameters
    ----------
    frame : DataFrame
        The patients that a model will be fitted on.

    Raises
    ------
    CollinearityError
        If a factor has one level only, or not its reference level.
    ConfigurationError
        If a column of words has no reference level.
    InputError
        If a number is infinite or too large to be squared.
    """
    values = frame[variable.column]
    if not variable.is_factor:
        if not pd.api.types.is_numeric_dtype(values):
            raise ConfigurationError(
                f"survival.variables: column '{variable.column}' holds words "
                f"({', '.join(sorted(set(values.dropna().astype(str)))[:4])}). "
                "Give it a `reference` level"
            )
        refuse_infinite(frame, variable)
        return Term(variable.column)
    levels = sort_levels([level for level in as_levels(values).unique() if level is not None])
    reference = reference_level(variable, levels)
    if reference is None:
        raise CollinearityError(
            f"{variable.column}: its reference level '{variable.reference}' does not occur "
            f"(found {', '.join(levels) or 'none'})"
        )
    if len(levels) < 2:
        raise CollinearityError(f"{variable.column}: has one level only, '{levels[0]}'")
    others = tuple(level for level in levels if level != reference)
    return Term(variable.column, reference, others)


def refuse_infinite(frame: pd.DataFrame, variable: Variable) -> None:
    """Raise an error if a number is infinite, or so large that sums of squares are.

    Factors and columns of words are passed over.

    Raises
    ------
    InputError
        With the patient, if the table has a ``patient_id``.
    """
    values = frame[variable.column]
    if variable.is_factor or not pd.api.types.is_numeric_dtype(values):
        return
    large = values.abs() > LARGEST
    if not large.any():
        return
    row = large.to_numpy().argmax()
    raise InputError(
        f"{variable.column} is {values.iloc[row]:g}",
        patient=str(frame["patient_id"].iloc[row]) if "patient_id" in frame else None,
        remedy=f"Leave it empty if it is not known; numbers may go up to {LARGEST:g}",
    )


def encode(frame: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Return the design of any patients for the terms of a model.

    Returns
    -------
    DataFrame of float, shape (n, p)
        NaN where a value is missing or a level is none that the terms know.
    """
    columns = {}
    for term in terms:
        if term.reference is None:
            columns[term.column] = frame[term.column].astype(float)
            continue
        values = as_levels(frame[term.column])
        known = values.isin([term.reference, *term.levels])
        for name, level in zip(term.design_columns, term.levels, strict=True):
            columns[name] = (values == level).astype(float).where(known, np.nan)
    return pd.DataFrame(columns, index=frame.index, dtype=float)
