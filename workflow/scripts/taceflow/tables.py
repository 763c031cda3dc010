"""Tables and JSON files: read and written whole, checked against a schema, never half there."""

import json
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from jsonschema import Draft202012Validator

from taceflow.errors import InputError

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
"""Folder of the row schemas (``<name>.schema.yaml``)."""

_MOST_PROBLEMS_SHOWN = 10


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its name only on success.

    Parameters
    ----------
    path : str or Path
        The file to be written; its folder is made if needed.

    Yields
    ------
    Path
        A temporary file in the same folder with the same suffixes.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", suffix=f"-{path.name}", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(content: Any, path: str | Path) -> None:
    """Write a JSON file whole, keys sorted.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has no word for it.
    """
    text = json.dumps(content, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    with atomic_path(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return the schema of one row of the table `name`."""
    return yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"))


def read_table(
    path: str | Path, schema: str | None = None, *, text: str = "patient_id"
) -> pd.DataFrame:
    """Read a table; every column that ends in ``_id`` stays text.

    Parameters
    ----------
    path : str or Path
        A ``.tsv``, ``.csv``, ``.xlsx`` or ``.parquet`` file.
    schema : str, optional
        Name of the row schema to check it against.
    text : str
        One more column that stays text.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    InputError
        If the file is missing, is no such table, or breaks the schema.
    """
    path = Path(path)
    readers = {
        ".tsv": lambda: _read_text(path, "\t", text),
        ".csv": lambda: _read_text(path, ",", text),
        ".xlsx": lambda: read_workbook(path, text=text),
        ".parquet": lambda: pd.read_parquet(path),
    }
    if path.suffix not in readers:
        raise InputError(
            f"cannot read a table from a file that ends in '{path.suffix}'",
            file=str(path),
            remedy=f"Save it as one of {', '.join(readers)}",
        )
    if not path.exists():
        raise InputError("the table does not exist", file=str(path), remedy="Check its path")
    try:
        frame = readers[path.suffix]()
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise InputError(f"cannot read the table: {error}", file=str(path)) from error
    if schema is not None:
        validate_table(frame, schema, source=str(path))
    return frame


def read_workbook(
    path: str | Path, sheet: str | int = 0, *, text: str = "patient_id"
) -> pd.DataFrame:
    """Read a sheet of an Excel workbook; every column that ends in ``_id`` stays text.

    Parameters
    ----------
    path : str or Path
        A ``.xlsx`` file.
    sheet : str or int
        Name or position.
    text : str
        One more column that stays text.

    Returns
    -------
    pandas.DataFrame
        A column of cells that all hold numbers, be it as text, is one of numbers.
    """
    # as the cells are: pandas' own search for numbers in text is what `as_numbers` must not use
    table = pd.read_excel(path, sheet_name=sheet, dtype=object).infer_objects()
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

    >>> as_numbers(pd.Series(["1.5", 2, "<5", "1e3217425081", None])).tolist()
    [1.5, 2.0, nan, inf, nan]
    """

    def number(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            return math.nan

    return column if pd.api.types.is_numeric_dtype(column) else column.map(number).astype(float)


def write_table(frame: pd.DataFrame, path: str | Path, schema: str) -> None:
    """Check a table against its schema and write it whole.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; its index is not written.
    path : str or Path
        A ``.tsv`` or ``.parquet`` file.
    schema : str
        Name of the row schema.

    Raises
    ------
    InputError
        If the table breaks its schema.
    """
    path = Path(path)
    validate_table(frame, schema, source=str(path))
    with atomic_path(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            frame.to_csv(
                temporary, sep="\t", index=False, float_format="%.17g", lineterminator="\n"
            )


def validate_table(frame: pd.DataFrame, schema: str, *, source: str) -> None:
    """Check every row of a table against its schema.

    Missing values are left out of a row, so that a required property means "never empty".
    Wide numeric tables are checked by column, since a row of 700 features says no more.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    schema : str
        Name of the row schema.
    source : str
        The file's name, for the message.

    Raises
    ------
    InputError
        With up to ten problems, each with patient and column.
    """
    rules = load_schema(schema)
    problems = _column_problems(frame, rules)
    if not problems:
        problems = _row_problems(frame, rules)
    if problems:
        shown = "; ".join(problems[:_MOST_PROBLEMS_SHOWN])
        more = len(problems) - _MOST_PROBLEMS_SHOWN
        raise InputError(
            shown + (f"; and {more} more" if more > 0 else ""),
            file=source,
            remedy=f"The columns are described in workflow/schemas/{schema}.schema.yaml",
        )


def _read_text(path: Path, separator: str, text: str) -> pd.DataFrame:
    """Read a text table; numbers come back as they were written, to the last bit."""
    names = pd.read_csv(path, sep=separator, nrows=0, encoding="utf-8-sig").columns
    return pd.read_csv(
        path,
        sep=separator,
        dtype={name: str for name in names if _stays_text(name, text)},
        encoding="utf-8-sig",
        # the faster ways end the process on some texts: see `as_numbers`
        float_precision="round_trip",
    )


def _stays_text(name: str, text: str) -> bool:
    return name.endswith("_id") or name == text


def _column_problems(frame: pd.DataFrame, rules: dict[str, Any]) -> list[str]:
    needed = set(rules.get("required", [])) | set(rules.get("x-columns", []))
    problems = [f"column '{name}' is missing" for name in sorted(needed - set(frame.columns))]
    problems += [
        f"column '{name}' stands twice" for name in frame.columns[frame.columns.duplicated()]
    ]
    key = rules.get("x-unique")
    if key and not problems and set(key) <= set(frame.columns):
        doubled = frame.loc[frame.duplicated(key), key].drop_duplicates()
        for row in doubled.itertuples(index=False):
            values = ", ".join(f"{name} {value}" for name, value in zip(key, row, strict=True))
            problems.append(f"more than one row for {values}")
    return problems


def _row_problems(frame: pd.DataFrame, rules: dict[str, Any]) -> list[str]:
    families = rules.get("patternProperties", {})
    listed = rules.get("properties", {})
    numeric = [
        name for name in frame.columns if name not in listed and families and _is_float(frame[name])
    ]
    narrow = frame.drop(columns=numeric)
    narrow_rules = {key: value for key, value in rules.items() if not key.startswith("x-")}
    validator = Draft202012Validator(narrow_rules)
    problems = []
    if numeric:
        probe = dict.fromkeys(numeric, 0.0) | _first_row(narrow)
        problems += [error.message for error in validator.iter_errors(probe)]
        bad = [name for name in numeric if not np.isfinite(frame[name].dropna().to_numpy()).all()]
        problems += [f"column '{name}' holds a value that is not finite" for name in bad]
    suspects = np.flatnonzero(_suspect_rows(narrow, rules))
    for position, row in zip(suspects, _records(narrow.iloc[suspects]), strict=True):
        for error in validator.iter_errors(row):
            where = f"patient {row['patient_id']}" if "patient_id" in row else f"row {position + 1}"
            column = ".".join(str(part) for part in error.absolute_path)
            problems.append(f"{where}: {f'{column}: ' if column else ''}{_in_words(error)}")
    return problems


def _suspect_rows(frame: pd.DataFrame, rules: dict[str, Any]) -> np.ndarray:
    """Return which rows hold a value that its own column's rules refuse, or lack one.

    Each distinct value is checked once, which in a table of 50,000 files is a tenth of the work.
    """
    suspect = np.zeros(len(frame), dtype=bool)
    for name in frame.columns:
        column = frame[name]
        if name in rules.get("required", []):
            suspect |= column.isna().to_numpy()
        if name not in rules.get("properties", {}):
            suspect |= column.notna().to_numpy()
            continue
        codes, values = pd.factorize(column)
        validator = Draft202012Validator(rules["properties"][name])
        refused = [not validator.is_valid(_plain(value)) for value in values]
        # a missing value has the code -1
        suspect |= np.array([*refused, False])[codes]
    return suspect


def _in_words(error: Any) -> str:
    """Say what a table's reader would understand; a missing key is an empty cell."""
    if error.validator == "required":
        name = error.message.split("'")[1]
        return f"'{name}' is empty"
    if error.validator == "additionalProperties":
        return error.message.replace("Additional properties are", "a column is").replace(
            "properties", "columns"
        )
    return error.message


def _is_float(column: pd.Series) -> bool:
    return pd.api.types.is_float_dtype(column)


def _first_row(frame: pd.DataFrame) -> dict[str, Any]:
    return next(iter(_records(frame.head(1))), {})


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values, integers in float columns (a column with gaps) as integers."""
    columns = {name: [_plain(value) for value in frame[name].array] for name in frame.columns}
    return [
        {name: values[row] for name, values in columns.items() if values[row] is not None}
        for row in range(len(frame))
    ]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "infinite"
        return int(value) if value.is_integer() else value
    return value
