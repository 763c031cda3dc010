"""Workbooks of Excel and LibreOffice (``.xlsx``): which sheet, and its cells as they are shown."""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.errors import InputError, TaceflowError
from taceflow.files.cells import MISSING
from taceflow.files.sheets.grid import DEEPEST_HEADER, Grid, header_place, trimmed
from taceflow.files.sheets.layout import check_layout, filled_rows
from taceflow.wording.messages import plain_name

_EMPTY_FILL = re.compile(rb"<((?:\w+:)?)fill\s*(?:/>|>\s*</(?:\w+:)?fill>)")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def workbook_grid(path: Path, name: str, needed: Collection[str], known: Collection[str]) -> Grid:
    """Read the rows of the sheet that holds a table.

    Parameters
    ----------
    path : Path
        A ``.xlsx`` file.
    name : str
        What the table is called; a visible sheet of that name is taken.
    needed : collection of str
        Columns by which else the sheet is found among the visible ones.
    known : collection of str
        All columns that the table may have, if it may have no others: they decide between several.

    Raises
    ------
    InputError
        If it is no workbook, several sheets could be meant, cells are merged, rows hidden, a column
        mixes percentages with other numbers, or a cell holds an error or a formula that was never
        calculated.
    """
    with _reading(path):
        with _opened(path, data_only=False) as file:
            sheet, head = _choose_sheet(file.book.worksheets, name, needed, known, path)
            where = f"{path} (sheet '{sheet.title}')"
            check_layout(sheet, head, where)
            rows, formulas = _read(sheet, where)
        if formulas:
            with _opened(path, data_only=True) as file:
                rows, _ = _read(file.book[sheet.title], where)
            _check_calculated(rows, formulas, where)
    return Grid(where, rows)


def filled_sheets(path: Path) -> dict[str, str]:
    """Return the titles, by plain name, of a workbook's visible sheets with more than a header.

    Raises
    ------
    InputError
        If it is no workbook.
    """
    with _reading(path), _opened(path, data_only=False) as file:
        return {
            plain_name(sheet.title): sheet.title
            for sheet in file.book.worksheets
            if sheet.sheet_state == "visible" and len(list(islice(filled_rows(sheet), 2))) == 2
        }


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say in one way that a workbook cannot be read, be it found out late."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == _OLD_EXCEL:
            raise ValueError("it is protected by a password, or of Excel 97")
        if path.name.startswith("~$"):
            raise ValueError("Excel's mark that a workbook is open: name the one without ~$")
        if start[:2] != b"PK":
            raise ValueError("it is text or another file, whatever its name says")
        with warnings.catch_warnings():
            # it warns of what it would lose in saving, such as lists to choose from
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            yield
    except TaceflowError:
        raise
    except Exception as error:  # openpyxl names no closed set of errors for a damaged file
        if isinstance(error, OSError) and error.strerror:
            raise InputError(
                f"cannot open the workbook ({error.strerror})",
                file=str(path),
                remedy="Close it where it is open, and see that you may read it",
            ) from error
        raise InputError(
            f"cannot read the workbook ({_why_unread(error)})",
            file=str(path),
            remedy="Open it in Excel and save it as .xlsx without a password, or as CSV",
        ) from error


def _why_unread(error: Exception) -> str:
    if isinstance(error, zipfile.BadZipFile):
        return "it is damaged, or was not copied to its end"
    # of what is no system's error openpyxl makes an OSError of its own
    if isinstance(error, KeyError | OSError):
        return "inside it is no .xlsx: a renamed file of LibreOffice (.ods), Numbers or Word, .xlsb"
    return str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"


def _opened(path: Path, *, data_only: bool) -> pd.ExcelFile:
    # by pandas: of the jobs that read tables, few have openpyxl in their environment
    how = {"data_only": data_only, "read_only": True}
    try:
        return pd.ExcelFile(path, engine="openpyxl", engine_kwargs=how)
    except TypeError:
        return pd.ExcelFile(_with_fills(path), engine="openpyxl", engine_kwargs=how)


def _with_fills(path: Path) -> io.BytesIO:
    """Return a workbook with a pattern in each fill that is empty, at which openpyxl stops.

    Instruments and registers write such.
    """
    copy = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/styles.xml":
                content = _EMPTY_FILL.sub(rb"<\1fill><\1patternFill/></\1fill>", content)
            target.writestr(name, content)
    copy.seek(0)
    return copy


def _check_calculated(
    rows: list[tuple[int, list[Any]]], formulas: dict[tuple[int, int], str], where: str
) -> None:
    places = ((number, place, cell) for number, cells in rows for place, cell in enumerate(cells))
    stored = {(number, place) for number, place, cell in places if cell is not None}
    # an empty text is stored as nothing: only where all are, nothing was calculated
    if not stored & formulas.keys():
        first = next(iter(formulas.values()))
        raise InputError(
            f"the formula in cell {first} has no stored value (formulas: {len(formulas)})",
            file=where,
            remedy="Open it in Excel, which calculates, and save it",
        )


def _choose_sheet(
    sheets: list[Any], name: str, needed: Collection[str], known: Collection[str], path: Path
) -> tuple[Any, int]:
    """Return the sheet that holds the table, and the number of its header's row."""
    if not sheets:
        raise InputError(
            "the workbook has no sheet that can be read",
            file=str(path),
            remedy="Save it as 'Excel Workbook (.xlsx)', not as 'Strict Open XML'",
        )
    heads = {}
    for sheet in sheets:
        rows = filled_rows(sheet) if sheet.sheet_state == "visible" else ()
        if top := list(islice(rows, DEEPEST_HEADER)):
            values = [(number, [trimmed(cell.value) for cell in row]) for number, row in top]
            number, cells = values[header_place(values, needed)]
            heads[sheet] = number, {str(cell) for cell in cells if cell is not None}
    if not heads:
        raise InputError(
            "no visible sheet holds anything",
            file=str(path),
            remedy="Fill a sheet in, or show the one that is hidden",
        )
    fitting = [sheet for sheet, (_, names) in heads.items() if needed and set(needed) <= names]
    named = [sheet for sheet in heads if plain_name(sheet.title) == plain_name(name)]
    exact = [sheet for sheet in fitting if known and heads[sheet][1] <= set(known)]
    for found in (named, fitting, exact):
        if len(found) == 1:
            return found[0], heads[found[0]][0]
    if len(fitting) > 1:
        raise InputError(
            f"several sheets hold such a table ({', '.join(sheet.title for sheet in fitting)})",
            file=str(path),
            remedy=f"Call the right one '{name}', or hide the others",
        )
    first = next(iter(heads))
    return first, heads[first][0]


def _read(sheet: Any, where: str) -> tuple[list[tuple[int, list[Any]]], dict[tuple[int, int], str]]:
    """Return the rows of values, and the places of formulas with the names of their cells."""
    rows, formulas = [], {}
    percent: dict[int, set[bool]] = {}
    for number, row in filled_rows(sheet):
        cells: list[Any] = []
        for place, cell in enumerate(row):
            value = trimmed(cell.value)
            if value is None:
                cells.append(None)
                continue
            if cell.data_type == "f":
                formulas[number, place] = cell.coordinate
            elif cell.data_type == "e" and value not in MISSING:
                raise InputError(
                    f"cell {cell.coordinate} holds the error {value}",
                    file=where,
                    remedy="Mend its formula, or empty the cell",
                )
            elif isinstance(value, int | float) and not isinstance(value, bool):
                shown = cell.number_format
                percent.setdefault(place, set()).add("%" in shown)
                value = _as_shown(value, shown)
            cells.append(_text_or_number(value))
        while cells and cells[-1] is None:
            cells.pop()
        rows.append((number, cells))
    mixed = [place for place, kinds in percent.items() if len(kinds) > 1]
    if mixed:
        name = next((cells[mixed[0]] for _, cells in rows if len(cells) > mixed[0]), "")
        raise InputError(
            f"column '{name}' shows some numbers as percentages, which are a hundredth of what is "
            "shown, and others plainly",
            file=where,
            remedy="Give the whole column one format, and check its numbers",
        )
    return rows, formulas


def _as_shown(value: float, shown: str) -> Any:
    """Return a number with what a format such as 000, or "P"000, shows at its front."""
    found = re.fullmatch(r'(?:"([^"]+)")?(0+|General)', shown)
    if found is None or not value == int(value) >= 0:
        return value
    start, digits = found[1] or "", found[2].count("0")
    return f"{start}{int(value):0{digits}d}" if start or digits > 1 else value


def _text_or_number(value: Any) -> Any:
    """Return text or a number; a date without a time of day as a date."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return str(value.date())
    return value if isinstance(value, str | int | float) else str(value)
