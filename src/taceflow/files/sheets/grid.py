"""Rows of a table as its file has them: its header, and columns of numbers or words."""

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.files.cells import MISSING, as_word
from taceflow.wording.counts import counted
from taceflow.wording.messages import ROW, listed, plain_name

_BLANK = (
    " \t\r\n\f\v\u00a0\u2007\u2009\u202f\u3000\u200b\u200c\u200d\ufeff"
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u00ad"
)
"""What is trimmed from both ends: spaces of all kinds, and characters of no width."""

_RETURN = "_x000D_"
"""What workbooks write for half of a line's end, and programs that read them leave standing."""

DEEPEST_HEADER = 25
"""Rows among which the header is looked for, below a title."""

_MISSING = frozenset(MISSING)
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_YES = "true wahr vrai verdadero vero verdadeiro waar prawda doğru истина 真"
_NO = "false falsch faux falso onwaar fałsz yanlış ложь 假"
_TRUTH = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)
"""TRUE and FALSE as spreadsheets write them in their user's language."""

MOST_DIGITS = 15
"""Of a number in a spreadsheet: further digits become 0."""


@dataclass(frozen=True)
class Grid:
    """The rows of a table that hold anything.

    Attributes
    ----------
    where : str
        The file, and the sheet of a workbook.
    rows : list of (int, list)
        Number of each row as the program that made it shows it, and its trimmed cells; None is an
        empty one.
    """

    where: str
    rows: list[tuple[int, list[Any]]]


def trimmed(value: Any) -> Any:
    """Return a cell without the spaces around its text; None if nothing or a word for it is left.

    >>> trimmed(" arterial ")
    'arterial'
    """
    if not isinstance(value, str):
        return value
    text = value.replace(_RETURN, "").strip(_BLANK)
    return None if text in _MISSING else text


def header_place(rows: Sequence[tuple[int, Sequence[Any]]], needed: Collection[str]) -> int:
    """Return which row is the header: the first with all needed names, else the most like it.

    0 if no row has any.
    """
    names = {plain_name(name) for name in needed}
    found = [len(names & {plain_name(cell) for cell in cells}) for _, cells in rows]
    return int(np.argmax(found)) if found else 0


def table_of(grid: Grid, needed: Collection[str], texts: Collection[str]) -> pd.DataFrame:
    """Return the table that stands in a grid.

    Parameters
    ----------
    grid : Grid
        All rows.
    needed : collection of str
        Names by which the header is found below a title.
    texts : collection of str
        Columns that stay text, beside all that end in ``_id``.

    Returns
    -------
    pandas.DataFrame
        Indexed by the numbers of the rows.

    Raises
    ------
    InputError
        If there is nothing, a column stands twice or has values and no name, a row is a header
        again, or an id is a number of too many digits.
    """
    if not grid.rows:
        raise InputError("the table is empty", file=grid.where, remedy="Check its path")
    place = header_place(grid.rows[:DEEPEST_HEADER], needed)
    head, body = grid.rows[place][1], grid.rows[place + 1 :]
    _check_one_table(head, body, grid.where)
    # a header over two lines of its cell is one name
    names = ["" if name is None else " ".join(str(name).split()) for name in head]
    _check_twice(names, grid.where)
    width = max([len(names), *(len(cells) for _, cells in body)])
    names += [""] * (width - len(names))
    columns = {}
    # a row of the full width makes them all as long
    full = zip_longest(*(cells for _, cells in body), range(width))
    for name, (*cells, _) in zip(names, full, strict=True):
        if name:
            if name.endswith("_id"):
                _check_digits(name, body, cells, grid.where)
            columns[name] = _column(cells, stays_text=name.endswith("_id") or name in texts)
        elif not _counts_rows(cells, first=not columns):
            _refuse_nameless(body, cells, len(columns), grid.where)
    index = pd.Index([number for number, _ in body], name=ROW, dtype=int)
    return pd.DataFrame({name: pd.Series(column, index) for name, column in columns.items()}, index)


def _check_twice(names: Sequence[str], where: str) -> None:
    doubled = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if doubled:
        raise InputError(
            "; ".join(f"column '{name}' stands twice" for name in doubled[:10]),
            file=where,
            remedy="Keep one of them, or give them different names",
        )


def _check_one_table(head: Sequence[Any], body: Sequence[tuple[int, Any]], where: str) -> None:
    """Refuse a row that is a header again: of files joined together, or of a table below."""
    ids = {name for name in head if isinstance(name, str) and name.endswith("_id")}
    for number, cells in body:
        if not ids.isdisjoint(cells):
            raise InputError(
                "the row is a header again: a second table begins, or files were joined",
                row=number,
                file=where,
                remedy="Take the row out; a second table goes on a sheet, or in a file, of its own",
            )


def _check_digits(
    name: str, body: Sequence[tuple[int, Any]], cells: Sequence[Any], where: str
) -> None:
    """Refuse an id that a spreadsheet took for a number of more digits than it keeps."""
    for (number, _), cell in zip(body, cells, strict=True):
        if isinstance(cell, int | float) and abs(cell) >= 10**MOST_DIGITS:
            raise InputError(
                f"{name}: a number of more than {MOST_DIGITS} digits, of which a spreadsheet has "
                "changed the last",
                row=number,
                file=where,
                remedy="Give the column the format Text, and write the ids again",
            )


def _counts_rows(cells: Sequence[Any], *, first: bool) -> bool:
    """Say whether a nameless column is empty, or the numbers that R and pandas put before rows."""
    held = [cell for cell in cells if cell is not None]
    numbers = [str(cell) for cell in held if re.fullmatch(r"\d+", str(cell))]
    return not held or (first and len(set(numbers)) == len(cells))


def _refuse_nameless(
    body: Sequence[tuple[int, Any]], cells: Sequence[Any], before: int, where: str
) -> None:
    rows = [number for (number, _), cell in zip(body, cells, strict=True) if cell is not None]
    raise InputError(
        f"more fields than the header: behind {counted(before, 'column with a name')} one without "
        f"holds values (rows {listed([str(row) for row in rows])})",
        file=where,
        remedy="Give every column a name, or empty the cells; text that holds the separator goes "
        "in quotation marks; from R write with row.names=FALSE",
    )


def _column(cells: Sequence[Any], *, stays_text: bool) -> Any:
    """Return a column: text, numbers if all cells hold one, 1 and 0 for TRUE and FALSE."""
    if stays_text:
        return np.array([as_word(cell) for cell in cells], dtype=object)
    held = [cell for cell in cells if cell is not None]
    if held and all(isinstance(cell, bool) or str(cell).lower() in _TRUTH for cell in held):
        cells = [None if cell is None else int(_TRUTH[str(cell).lower()]) for cell in cells]
    try:
        numbers = np.array([math.nan if cell is None else float(cell) for cell in cells])
    except (TypeError, ValueError):
        return pd.Series(cells, dtype=object).to_numpy()
    # Python reads 5_8 as 58
    if any("_" in cell for cell in held if isinstance(cell, str)):
        return pd.Series(cells, dtype=object).to_numpy()
    whole = len(held) == len(cells) > 0 and bool((numbers == np.floor(numbers)).all())
    if whole and all(isinstance(cell, int) or _WHOLE.fullmatch(str(cell)) for cell in cells):
        return numbers.astype(int)
    return numbers
