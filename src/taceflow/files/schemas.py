"""Schemas of tables, and what of a table breaks them."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from jsonschema import Draft202012Validator

from taceflow.errors import InputError
from taceflow.files.cells import plain_value, records
from taceflow.files.folders import SCHEMAS
from taceflow.wording.messages import MOST_NAMED, is_slip, is_users, listed, nearest, plain_name
from taceflow.wording.schema_words import in_words

if TYPE_CHECKING:
    import pandas as pd

_YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The first is ten times as fast; PyYAML lacks it where it was built without libyaml."""


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return the schema of one row of the table `name`."""
    text = (SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8")
    return _YamlLoader(text).get_single_data()


def validate_table(
    frame: pd.DataFrame, schema: str, *, source: str, optional: Collection[str] = ()
) -> None:
    """Check every row of a table from a file `source` against its schema.

    Missing values are left out of a row, so that a required property means "never empty".
    Wide numeric tables are checked by column, since a row of 700 features says no more. Columns
    of `optional` may be missing.

    Raises
    ------
    InputError
        With up to ten problems, each with patient and column.
    """
    if problems := _first_problems(frame, schema, optional):
        remedy = "Mend the table; what is not known is an empty cell"
        raise InputError(problems, file=source, remedy=remedy)


def schema_problems(frame: pd.DataFrame, schema: str, optional: Collection[str] = ()) -> str:
    """Say how a table breaks its schema, or return an empty text."""
    return "; ".join(_first_problems(frame, schema, optional))


def _first_problems(frame: pd.DataFrame, schema: str, optional: Collection[str]) -> list[str]:
    rules = load_schema(schema)
    problems = _column_problems(frame, rules, optional) or _row_problems(frame, rules)
    more = len(problems) - MOST_NAMED
    return problems[:MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])


def needed_columns(rules: dict[str, Any]) -> set[str]:
    """Return the columns without which a table is none of its kind."""
    return {*rules.get("required", []), *rules.get("x-columns", [])}


def _column_problems(
    frame: pd.DataFrame, rules: dict[str, Any], optional: Collection[str]
) -> list[str]:
    properties = rules.get("properties", {})
    absent = {plain_name(name): name for name in properties if name not in frame.columns}
    own = [name for name in map(str, frame.columns) if name not in properties]
    nearly = {name: absent[plain] for name in own if (plain := plain_name(name)) in absent}
    if is_users(frame):
        free = set(absent.values()) - set(nearly.values())
        nearly |= {name: known for name in own for known in free if is_slip(name, known)}
    problems = [f"column '{name}' is nearly '{near}': rename it" for name, near in nearly.items()]
    needed = needed_columns(rules) - set(optional)
    missing = sorted(needed - set(frame.columns) - set(nearly.values()))
    if missing:
        found = ", ".join(map(str, frame.columns[:MOST_NAMED])) or "none"
        problems += [
            f"column '{name}' is missing{nearest(name, own) or _other_name(name, own)}"
            for name in missing
        ]
        problems[-1] += f" (found: {found})"
    if rules.get("additionalProperties") is False and "patternProperties" not in rules:
        strange = [name for name in map(str, frame.columns) if name not in {*properties, *nearly}]
        problems += [
            f"column '{name}' has no place here (known: {', '.join(properties)})"
            f"{nearest(name, absent.values())}"
            for name in strange
        ]
    twice = frame.columns[frame.columns.duplicated()]
    problems += [f"column '{name}' stands twice" for name in twice]
    key = rules.get("x-unique")
    if key and not problems and set(key) <= set(frame.columns):
        for values, same in frame[frame.duplicated(key, keep=False)].groupby(key, dropna=False):
            names = ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))
            rows = f" (rows {listed(list(map(str, same.index)))})" if is_users(frame) else ""
            problems.append(f"more than one row for {names}{rows}{_repeats(frame)}")
    return problems


_OTHER_NAMES = {
    "patient_id": "recordid subjectid participantid usubjid subjid studyid caseid pid id patient",
    "time_months": "osmonths survivalmonths followupmonths monthsfollowup os",
    "event": "status death dead died deceased osevent osstatus vitalstatus",
}
"""What registers and other programs call a column that is needed, in plain names."""


def _other_name(name: str, own: Collection[str]) -> str:
    names = _OTHER_NAMES.get(name, "").split()
    found = next((one for one in own if plain_name(one) in names), "")
    if not found and name == "event" and "censored" in map(plain_name, own):
        return "; 'censored' says the opposite: 1 here is who died"
    return f"; did you mean '{found}'?" if found else ""


def _repeats(frame: pd.DataFrame) -> str:
    is_redcap = any(str(name).startswith("redcap_") for name in frame.columns)
    return ": REDCap repeats an instrument or event; export a row a patient" if is_redcap else ""


def _row_problems(frame: pd.DataFrame, rules: dict[str, Any]) -> list[str]:
    import pandas as pd

    families = rules.get("patternProperties", {})
    properties = rules.get("properties", {})
    numeric = [
        name
        for name in frame.columns
        if name not in properties and families and pd.api.types.is_float_dtype(frame[name])
    ]
    narrow = frame.drop(columns=numeric)
    narrow_rules = {key: value for key, value in rules.items() if not key.startswith("x-")}
    validator = Draft202012Validator(narrow_rules)
    problems = []
    if numeric:
        # names alone: what a row lacks is said of the row, and a table may have none
        of_names = Draft202012Validator({**narrow_rules, "required": []})
        probe = dict.fromkeys(numeric, 0.0) | next(iter(records(narrow.head(1))), {})
        problems += [error.message for error in of_names.iter_errors(probe)]
        bad = [name for name in numeric if not np.isfinite(frame[name].dropna().to_numpy()).all()]
        problems += [f"column '{name}' holds a value that is not finite" for name in bad]
    suspects = np.flatnonzero(_suspect_rows(narrow, rules))
    where: dict[str, list[tuple[str, str]]] = {}
    for position, row in zip(suspects, records(narrow.iloc[suspects]), strict=True):
        number = frame.index[position] if is_users(frame) else position + 1
        for error in validator.iter_errors({name: _finite(cell) for name, cell in row.items()}):
            column = ".".join(str(part) for part in error.absolute_path)
            problem = f"{f'{column}: ' if column else ''}{in_words(error, of_cell=True)}"
            named = "patient_id" in row and column != "patient_id"
            patient = f"patient {row['patient_id']}" if named else ""
            where.setdefault(problem, []).append((patient, f"row {number}"))
    for problem, ((patient, row), *others) in where.items():
        shown = [f"{name} ({place})" if name else place for name, place in others]
        more = f"; the same in {listed(shown, 3)}" if others else ""
        known = f" ({row})" if patient and is_users(frame) else ""
        problems.append(f"{patient or row}: {problem}{known}{more}")
    return problems


def _suspect_rows(frame: pd.DataFrame, rules: dict[str, Any]) -> np.ndarray:
    """Return which rows hold a value that its own column's rules refuse, or lack one.

    Each distinct value is checked once, which in a table of 50,000 files is a tenth of the work.
    """
    import pandas as pd

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
        refused = [not validator.is_valid(_finite(plain_value(value))) for value in values]
        # a missing value has the code -1
        suspect |= np.array([*refused, False])[codes]
    return suspect


def _finite(value: Any) -> Any:
    """Return a value that a schema can refuse: infinity is a number to it."""
    return "infinite" if isinstance(value, float) and math.isinf(value) else value
