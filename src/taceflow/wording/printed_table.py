"""A table as it is printed: its rows, its footnotes, and the patients behind it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from taceflow.wording.names import with_labels
from taceflow.wording.printing import EN_DASH, as_text, p_value, typographic, with_interval


@dataclass(frozen=True)
class Line:
    """A row of a printed table.

    Attributes
    ----------
    cells : tuple of str
        One a column.
    indent : bool
        Whether the row is a level of the variable above it.
    part : bool
        Whether the row heads a part of the table: its first cell spans all columns.
    """

    cells: tuple[str, ...]
    indent: bool = False
    part: bool = False


@dataclass(frozen=True)
class PrintedTable:
    """A table as it is printed.

    Attributes
    ----------
    title : str
        Number and subject.
    columns : tuple of str
        Column heads.
    lines : tuple of Line
        Rows.
    notes : tuple of str
        Footnotes.
    groups : tuple of (str, int)
        Heads that span columns, over the column heads; empty if there are none.
    """

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    groups: tuple[tuple[str, int], ...] = ()


def part_head(text: str, columns: int) -> Line:
    """Return the row that heads a part of a table."""
    return Line((text, *[""] * (columns - 1)), part=True)


class Footnotes:
    """Footnotes in the order in which they are met, each text once, in the words of print.

    Parameters
    ----------
    labels : mapping of str to str
        Names in print of the sheet's columns.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._found: list[str] = []

    def mark(self, note: object) -> str:
        """Return the mark of a note, e.g. `` [1]``; empty if there is nothing to say."""
        text = as_text(note)
        if not text or text == "reference":
            return ""
        text = with_labels(text, self._labels)
        if text not in self._found:
            self._found.append(text)
        return f" [{self._found.index(text) + 1}]"

    @property
    def texts(self) -> tuple[str, ...]:
        """The footnotes with their marks."""
        return tuple(f"[{position + 1}] {text}" for position, text in enumerate(self._found))


def labels_of(table: pd.DataFrame) -> dict[str, str]:
    """Return the names in print of a table's variables, by column of the sheet."""
    return {row.variable: typographic(row.label) for row in table.itertuples()}


def ratio_cells(row: Mapping[str, Any], ratio: str) -> tuple[str, ...]:
    """Return a row's ratio with its interval, and p, alone and together with others."""
    cells: list[str] = []
    for model in ("uni", "multi"):
        values = (row[f"{key}_{model}"] for key in (ratio, "lower", "upper"))
        cells += [with_interval(*values, ratio=True), p_value(row[f"p_{model}"])]
    return tuple(cells)


def with_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of variables that any patient has a value of, by ``n`` or ``n_<cohort>``.

    The configuration may list variables that a study's sheet has never had: the tables with full
    precision say so, but in print nothing can be said of them.
    """
    counts = table[[name for name in table if name == "n" or name.startswith("n_")]]
    known = (counts.fillna(0) > 0).any(axis="columns")
    return table[known.groupby(table["variable"]).transform("any").astype(bool)]


def in_points(table: pd.DataFrame) -> pd.DataFrame:
    """Return ratios as they are read: of DLOP-CTR for 10 points of predicted survival.

    The tables with full precision have them for a survival of 1 against 0, whom no patient is.
    """
    rows = table["variable"] == "dlopctr"
    ratios = [name for name in table if re.fullmatch(r"(hr|or|lower|upper)_(uni|multi)", name)]
    read = table.copy()
    read.loc[rows, ratios] = table.loc[rows, ratios].astype(float) ** 0.1
    read.loc[rows, "label"] = table.loc[rows, "label"] + " (per 10 points)"
    return read


def of_network(table: pd.DataFrame) -> str:
    """Return what a note adds on DLOP-CTR's ratios, see `in_points`; "" of a table without it."""
    told = " (DLOP-CTR: for 10 percentage points more of predicted survival)"
    return told if (table["variable"] == "dlopctr").any() else ""


def patients_behind(table: pd.DataFrame, suffix: str) -> str:
    """Return ``n = 98–101, deaths 60–61``: those behind a column of a table.

    By ``n`` and ``events`` of each row's model, with ``_multi`` as suffix those of the
    multivariable one; a range where they differ by variable, and empty if no model was fitted.
    """
    counts = table[[f"n{suffix}", f"events{suffix}"]].dropna().astype(int)
    counts = counts[counts.iloc[:, 0] > 0]
    if counts.empty:
        return ""

    def span(values: pd.Series) -> str:
        low, high = values.min(), values.max()
        return f"{low}" if low == high else f"{low}{EN_DASH}{high}"

    return f"n = {span(counts.iloc[:, 0])}, deaths {span(counts.iloc[:, 1])}"
