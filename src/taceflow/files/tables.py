"""Tables and JSON files: read and written whole, checked against a schema, never half there."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taceflow.errors import OwnFaultError
from taceflow.files.atomic import atomic_path
from taceflow.files.cells import MISSING
from taceflow.files.stored_files import damaged, read_parquet, reading, write_parquet

if TYPE_CHECKING:
    import pandas as pd


def read_json(path: str | Path, *, output: str | Path | None = None) -> Any:
    """Read a JSON file that the run wrote, be it by itself or in a folder `output`.

    Raises
    ------
    DamagedFileError
        If it is cut, empty or missing, with what is to be deleted.
    """
    with reading(path, output=output):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(content: Any, path: str | Path) -> None:
    """Write a JSON file whole, keys sorted.

    Raises
    ------
    OwnFaultError
        As `json_text`.
    """
    text = json_text(content, path)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def json_text(content: Any, path: str | Path) -> str:
    """Return the text of a JSON file, keys sorted.

    Raises
    ------
    OwnFaultError
        If a number is not finite: JSON has no word for it.
    """
    try:
        text = json.dumps(content, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    except ValueError as error:
        raise OwnFaultError("a number is not finite", file=str(path)) from error
    return f"{text}\n"


def read_table(path: str | Path, schema: str | None = None) -> pd.DataFrame:
    """Read a table that a rule wrote; ids, and what the schema calls text, stay text.

    A ``.tsv`` or ``.parquet`` file. What a user brings is read by
    `taceflow.files.sheets.read.read_sheet`.

    Raises
    ------
    DamagedFileError
        If the file is missing or damaged, or breaks the schema that it was held against when it
        was written.
    """
    from taceflow.files.schemas import load_schema, schema_problems  # nor for them

    path = Path(path)
    listed_columns = load_schema(schema).get("properties", {}) if schema else {}
    texts = {name for name, rule in listed_columns.items() if rule.get("type") == "string"}
    if path.suffix == ".parquet":
        frame = read_parquet(path)
    else:
        with reading(path):
            frame = _read_tsv(path, texts)
    if schema is not None and (problems := schema_problems(frame, schema)):
        raise damaged(path, f"is not what was written ({problems})")
    return frame


def _read_tsv(path: Path, texts: set[str]) -> pd.DataFrame:
    """Read a text table; numbers come back as they were written, to the last bit."""
    import pandas as pd  # not for those who read a JSON file alone

    content = path.read_bytes()
    if not content.endswith(b"\n"):
        raise damaged(path, "ends in the middle of a row")
    names = content.partition(b"\n")[0].decode().rstrip("\r").split("\t")
    return pd.read_csv(
        BytesIO(content),
        sep="\t",
        dtype={name: str for name in names if name.endswith("_id") or name in texts},
        # the faster ways end the process on some texts: see `as_numbers`
        float_precision="round_trip",
        keep_default_na=False,
        na_values=list(MISSING),
    )


def write_table(frame: pd.DataFrame, path: str | Path, schema: str) -> None:
    """Check a table against its schema and write it whole, as ``.tsv`` or ``.parquet``.

    Its index is not written.

    Raises
    ------
    OwnFaultError
        If the table breaks its schema: what users bring was checked when it was read.
    """
    from taceflow.files.schemas import schema_problems

    path = Path(path)
    if problems := schema_problems(frame, schema):
        raise OwnFaultError(f"the table '{schema}' breaks its schema: {problems}", file=str(path))
    with atomic_path(path) as temporary:
        if path.suffix == ".parquet":
            write_parquet(frame, temporary)
        else:
            frame.to_csv(
                temporary, sep="\t", index=False, float_format=_shortest, lineterminator="\n"
            )


def _shortest(value: float) -> str:
    """Return the shortest text that reads back as the same number, 33.84 for 33.8400…003.

    A whole number has no point, so that a column of them is read back as whole numbers.
    """
    return f"{value:.17g}" if value.is_integer() else repr(float(value))
