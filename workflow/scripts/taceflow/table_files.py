"""Files of tables as people make them, text and Excel workbooks: read without guessing."""

import io
import math
import re
import warnings
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.errors import InputError

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "<NA>", "#N/A")
"""Words for a missing value. "None" is not among them: it is the best level of many a factor."""

_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_MOST_NAMED = 10
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_text(path: Path, separator: str, text: str) -> pd.DataFrame:
    """Read a text table; numbers come back as they were written, to the last bit.

    Parameters
    ----------
    path : Path
        UTF-8, with or without a byte order mark; empty lines count for nothing.
    separator : str
    text : str
        A column that stays text, beside all that end in ``_id``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    InputError
        If it is no such text, a row has more fields than the header, a column stands twice, or a
        quotation mark is not closed.
    """
    # rows of nothing but separators become empty lines, so that numbers of lines stay right
    content = re.sub(rf"(?m)^[{separator} ]+(?=\r?$)", "", _decoded(path))
    options: dict[str, Any] = {
        "sep": separator,
        "keep_default_na": False,
        "na_values": list(MISSING),
    }
    try:
        head = pd.read_csv(io.StringIO(content), header=None, nrows=1, dtype=str, **options)
        names = head.iloc[0].fillna("").tolist()
        _check_header(names, separator, path)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.StringIO(content),
                dtype={name: str for name in names if _stays_text(name, text)},
                # else a field too many in each row would move all columns by one
                index_col=False,
                # the faster ways end the process on some texts: see `as_numbers`
                float_precision="round_trip",
                **options,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(
            f"a row has more fields than the header ({str(error).strip()})",
            file=str(path),
            remedy="Give every column a name; text that holds the separator goes in quotation "
            "marks; from R write with row.names=FALSE",
        ) from error
    except ValueError as error:
        raise InputError(
            f"cannot read the table: {error}", file=str(path), remedy="Save it again as UTF-8 text"
        ) from error
    _check_quotes(table, separator, path)
    return _without_nameless(_truth_as_numbers(table))


def read_workbook(
    path: Path, *, text: str = "patient_id", needed: Collection[str] = ()
) -> pd.DataFrame:
    """Read a sheet of an Excel workbook; every column that ends in ``_id`` stays text.

    Parameters
    ----------
    path : Path
        A ``.xlsx`` file.
    text : str
        One more column that stays text.
    needed : collection of str
        Columns by which the sheet is found among the visible ones; else it is the first.

    Returns
    -------
    pandas.DataFrame
        A column of cells that all hold numbers, be it as text, is one of numbers.

    Raises
    ------
    InputError
        If it is no workbook, several sheets have the needed columns, a column stands twice, cells
        are merged, or a cell holds an error or a formula that was never calculated.
    """
    chosen = _choose_sheet(_opened(path, data_only=False).worksheets, needed, path)
    where = f"{path} (sheet '{chosen.title}')"
    if merged := [str(cells) for cells in chosen.merged_cells.ranges]:
        raise InputError(
            f"cells are merged ({', '.join(merged[:_MOST_NAMED])}): only the first has a value",
            file=where,
            remedy="Unmerge them and give every row its own value",
        )
    values = _calculated(chosen, path, where)
    rows = [row for row in values if any(value is not None for value in row)]
    names = ["" if name is None else str(name) for name in rows[0]] if rows else []
    _check_header(names, None, where)
    names = [name or f"Unnamed: {place}" for place, name in enumerate(names)]
    table = with_numbers(pd.DataFrame(rows[1:], columns=names, dtype=object), text)
    return _without_nameless(_truth_as_numbers(table))


def with_numbers(cells: pd.DataFrame, text: str = "patient_id") -> pd.DataFrame:
    """Return a table of cells with numbers in each column that holds nothing else.

    Parameters
    ----------
    cells : pandas.DataFrame
        Of Python's objects.
    text : str
        A column that stays text, beside all that end in ``_id``.

    Returns
    -------
    pandas.DataFrame
    """
    table = cells.infer_objects()
    for name, column in table.items():
        if _stays_text(str(name), text):
            table[name] = column.map(str, na_action="ignore")
        elif column.dtype == object and not (as_numbers(column).isna() & column.notna()).any():
            table[name] = as_numbers(column)
    return table


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


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        if b"\0" in content:
            raise InputError(
                "the file holds zero bytes, as UTF-16 does",
                file=str(path),
                remedy="Save it as UTF-8 text",
            )
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the file is no UTF-8 text (byte {error.start})",
            file=str(path),
            remedy="Save it as UTF-8 text: in Excel 'CSV UTF-8'",
        ) from error


def _check_header(names: Sequence[str], separator: str | None, where: str | Path) -> None:
    for other, word in _SEPARATORS.items():
        if separator and len(names) == 1 and other != separator and other in names[0]:
            raise InputError(
                f"its columns are separated by {word}, expected is {_SEPARATORS[separator]}",
                file=str(where),
                remedy="Save it with that separator, or as .xlsx",
            )
    doubled = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if doubled:
        raise InputError(
            "; ".join(f"column '{name}' stands twice" for name in doubled[:_MOST_NAMED]),
            file=str(where),
            remedy="Keep one of them, or give them different names",
        )


def _check_quotes(table: pd.DataFrame, separator: str, path: Path) -> None:
    """Refuse a cell that holds whole rows: those between two quotation marks that open cells."""
    for name, column in table.select_dtypes(object).items():
        for row, value in column.items():
            lines = value.split("\n")[1:] if isinstance(value, str) else []
            if any(line.count(separator) == len(table.columns) - 1 > 0 for line in lines):
                raise InputError(
                    f"a cell of column '{name}' holds whole rows: a quotation mark opens it and is "
                    "not closed",
                    patient=table["patient_id"][row] if "patient_id" in table else None,
                    file=str(path),
                    remedy="Take the quotation mark out",
                )


def _opened(path: Path, *, data_only: bool) -> Any:
    try:
        if path.read_bytes()[:4] == _OLD_EXCEL:
            raise ValueError("it is protected by a password, or of Excel 97")
        # by pandas: of the jobs that read tables, few have openpyxl in their environment
        how = {"data_only": data_only, "read_only": False}
        return pd.ExcelFile(path, engine="openpyxl", engine_kwargs=how).book
    except Exception as error:  # openpyxl names no closed set of errors for a damaged file
        raise InputError(
            f"cannot read the workbook ({type(error).__name__}: {error})",
            file=str(path),
            remedy="Open it in Excel and save it as .xlsx without a password, or as CSV",
        ) from error


def _choose_sheet(sheets: Sequence[Any], needed: Collection[str], path: Path) -> Any:
    filled = [
        sheet for sheet in sheets if sheet.sheet_state == "visible" and sheet.dimensions != "A1:A1"
    ]
    if not filled:
        raise InputError("no visible sheet holds a table", file=str(path))
    fitting = [sheet for sheet in filled if needed and set(needed) <= _first_row(sheet)]
    if len(fitting) > 1:
        raise InputError(
            f"several sheets hold such a table ({', '.join(sheet.title for sheet in fitting)})",
            file=str(path),
            remedy="Hide or delete all but one",
        )
    return (fitting or filled)[0]


def _first_row(sheet: Any) -> set[Any]:
    rows = sheet.iter_rows(values_only=True)
    return set(next((row for row in rows if any(value is not None for value in row)), ()))


def _calculated(sheet: Any, path: Path, where: str) -> list[list[Any]]:
    """Return the values of all cells, those of formulas as Excel left them."""
    formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    if formulas:
        stored = _opened(path, data_only=True)[sheet.title]
        # an empty text is stored as nothing: only where all are, nothing was calculated
        if all(stored[cell.coordinate].value is None for cell in formulas):
            raise InputError(
                f"the formula in cell {formulas[0].coordinate} has no stored value "
                f"(formulas: {len(formulas)})",
                file=where,
                remedy="Open it in Excel, which calculates, and save it",
            )
        sheet = stored
    values = []
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "e" and cell.value not in MISSING:
                raise InputError(
                    f"cell {cell.coordinate} holds the error {cell.value}",
                    file=where,
                    remedy="Mend its formula, or empty the cell",
                )
        values.append([_plain(cell.value) for cell in row])
    return values


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, str) and value in MISSING):
        return None
    return value if isinstance(value, str | int | float) else str(value)


def _truth_as_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return columns of TRUE and FALSE as 1 and 0."""
    for name, column in table.items():
        if column.dtype == bool or (
            column.dtype == object and column.dropna().map(type).eq(bool).all() and column.any()
        ):
            table[name] = column.astype(float if column.isna().any() else int)
    return table


def _without_nameless(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the empty columns that have no name."""
    empty = [
        name for name in table if str(name).startswith("Unnamed: ") and table[name].isna().all()
    ]
    return table.drop(columns=empty)


def _stays_text(name: str, text: str) -> bool:
    return name.endswith("_id") or name == text
