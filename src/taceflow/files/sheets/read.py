"""One way to read a table that a user brings, whatever its file."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.errors import DamagedFileError, InputError
from taceflow.files.cells import as_numbers
from taceflow.files.schemas import load_schema, needed_columns, validate_table
from taceflow.files.sheets.grid import table_of
from taceflow.files.sheets.text import text_grid
from taceflow.files.sheets.workbook import workbook_grid
from taceflow.files.stored_files import read_parquet
from taceflow.wording.messages import ROW
from taceflow.wording.path_hints import absence_hint, nearest_file

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
WORKBOOKS = (".xlsx", ".xlsm")


def read_sheet(
    path: str | Path,
    schema: str | None = None,
    *,
    text: str = "patient_id",
    called: str = "",
    optional: Collection[str] = (),
    prepare: Callable[[pd.DataFrame, str], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Read a table that a user brings; every column that ends in ``_id`` stays text.

    Parameters
    ----------
    path : str or Path
        A ``.tsv``, ``.csv``, ``.xlsx`` or ``.parquet`` file.
    schema : str, optional
        Name of the row schema to check it against; a sheet of that name, or with its columns, is
        taken of a workbook.
    text : str
        One more column that stays text, and by which the header is found without a schema.
    called : str
        Name of the sheet of a workbook, if not that of the schema.
    optional : collection of str
        Columns that the schema asks for, and this use of the table does not.
    prepare : callable, optional
        Given the table as it was read, and its file, it returns what the schema is asked of.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``row``, the rows' numbers as the program that made the table shows them.

    Raises
    ------
    InputError
        If the file is missing, is no such table, or breaks the schema.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if path.is_dir():
        raise InputError("the table is a folder", file=str(path), remedy="Name the file in it")
    if ending not in (*_SEPARATORS, *WORKBOOKS, ".parquet"):
        raise InputError(
            f"cannot read a table from a file that ends in '{path.suffix}'",
            file=str(path),
            remedy="Save it as .xlsx, or as .csv or .tsv in UTF-8",
        )
    if not path.is_file():
        problem = "is a pipe or a device" if path.exists() else "does not exist"
        problem += nearest_file(str(path))
        hint = absence_hint(str(path))
        raise InputError(f"the table {problem}", file=str(path), remedy=hint)
    rules = load_schema(schema) if schema else {}
    needed = needed_columns(rules) - set(optional) or {text}
    listed = rules.get("properties", {})
    texts = {text} | {name for name, rule in listed.items() if rule.get("type") == "string"}
    if ending == ".parquet":
        frame = _read_parquet(path)
    elif ending in _SEPARATORS:
        frame = table_of(text_grid(path, _SEPARATORS[ending]), needed, texts)
    else:
        known = {} if rules.get("additionalProperties", True) else rules["properties"]
        frame = table_of(workbook_grid(path, called or schema or "", needed, known), needed, texts)
    if prepare is not None:
        frame = prepare(frame, str(path))
    if schema is not None:
        _read_numbers_apart(frame, rules)
        validate_table(frame, schema, source=str(path), optional=optional)
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = read_parquet(path)
    except DamagedFileError as error:
        raise InputError(
            "cannot read the table: it is cut, damaged or no parquet file",
            file=str(path),
            remedy="Make or copy it again",
        ) from error
    return frame.set_index(pd.RangeIndex(1, len(frame) + 1, name=ROW))


def _read_numbers_apart(frame: pd.DataFrame, rules: dict[str, Any]) -> None:
    """Turn texts into the numbers they are where one bad cell made its whole column text."""
    for name, rule in rules.get("properties", {}).items():
        kinds = {type(value) for value in rule.get("enum", [])}
        is_number = rule.get("type") in ("number", "integer") or kinds == {int}
        if is_number and name in frame and frame[name].dtype == object:
            numbers = as_numbers(frame[name])
            frame[name] = frame[name].where(numbers.isna(), numbers)
