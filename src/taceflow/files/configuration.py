"""The configuration: every key known, every value checked, before any job starts."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from taceflow.errors import ConfigurationError
from taceflow.files.paths import refused_in
from taceflow.files.places import SCHEMAS
from taceflow.wording.messages import nearest
from taceflow.wording.schema_words import in_words

SCHEMA = SCHEMAS / "config.schema.yaml"

_PATHS = {
    "tables": ("patients", "scans", "segmentations", "features"),
    "archive": ("root", "ids"),
    "public_cohort": ("folder",),
    "radiomics": ("panel",),
    "dlopctr": ("backbone",),
}
"""Keys of files and folders that the workflow's rules take as they are."""

_NO_VARIABLES = ("patient_id", "cohort", "time_months", "event")
"""Columns of the table of patients that say who, where and how it ended."""


def validate_configuration(config: dict[str, Any], schema: Path = SCHEMA) -> None:
    """Check the configuration against its schema.

    Parameters
    ----------
    config : dict
        The merged configuration.
    schema : Path
        The JSON schema, as YAML.

    Raises
    ------
    ConfigurationError
        Naming each key that is unknown, missing or of the wrong kind, each path with a brace, and
        each variable that stands twice or can be none.
    """
    validator = Draft202012Validator(
        yaml.safe_load(schema.read_text(encoding="utf-8")),
        format_checker=FormatChecker(["regex"]),
    )
    problems = [_in_words(error) for error in sorted(validator.iter_errors(config), key=str)]
    if not problems:
        problems += _beyond_schema(config)
    if problems:
        raise ConfigurationError(
            "the configuration cannot be used: "
            + "; ".join(problems)
            + ". Every key is described in config/README.md"
        )


def plain_paths(config: dict[str, Any]) -> None:
    """Take ``./`` and doubled slashes out of the paths: Snakemake warns of each, for each file."""
    for section, keys in _PATHS.items():
        given = config.get(section) or {}
        given |= {key: str(Path(given[key])) for key in keys if given.get(key)}


def _beyond_schema(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a schema cannot say, of the sections that there are."""
    for key, value in _numbers(config):
        if not math.isfinite(value):
            yield f"'{key}': {value} is no finite number"
    if "patch" in config:
        low, high = config["patch"]["window_hu"]
        if low >= high:
            yield f"'patch.window_hu': {low} is not below {high}"
    for section, keys in _PATHS.items():
        given = config.get(section) or {}
        for key in keys:
            if refused := refused_in(given.get(key) or ""):
                yield (
                    f"'{section}.{key}': '{given[key]}' {refused}: write the path that is meant, "
                    "or rename the file or folder"
                )
    if "survival" in config:
        columns = [one["column"] for one in config["survival"]["variables"]]
        for column in dict.fromkeys(columns):
            if column in _NO_VARIABLES:
                yield (
                    f"'survival.variables': column '{column}' is no variable, but the patient's "
                    "id, cohort or outcome: take it out"
                )
            elif columns.count(column) > 1:
                yield f"'survival.variables': column '{column}' stands twice: keep one"


def _numbers(content: Any, path: Sequence[Any] = ()) -> Iterator[tuple[str, float]]:
    """Yield each number of a configuration with the path of its key."""
    if isinstance(content, float):
        yield _named(path), content
    elif isinstance(content, Mapping | list):
        named = content.items() if isinstance(content, Mapping) else enumerate(content)
        for name, value in named:
            yield from _numbers(value, [*path, name])


def _named(path: Iterable[Any]) -> str:
    """Return the key of a path, entries of a list counted from 1."""
    parts = [f" entry {part + 1}" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).lstrip(".")


def _in_words(error: Any) -> str:
    key = _named(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(map(str, set(error.instance) - set(known)))
        meant = nearest(unknown[0], known)
        if any(name.isdigit() for name in unknown):
            meant = "; a decimal comma? Numbers are written with a point"
        names = ", ".join(f"'{key}.{name}'".replace("'.", "'") for name in unknown)
        return f"unknown key {names} (known here: {', '.join(known) or 'none'}){meant}"
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"'{key or 'configuration'}': the key '{missing}' is missing"
    if error.validator in {"oneOf", "anyOf"}:
        meant = _meant_form(error)
        if meant:
            return "; ".join(_in_words(one) for one in meant)
        return f"'{key}': {error.instance!r} fits none of the allowed forms{_hint(error.instance)}"
    return f"'{key}': {in_words(error)}{_hint(error.instance)}"


def _meant_form(error: Any) -> Sequence[Any]:
    """Return what is wrong with the only form of the value's own kind; nothing if there is none."""
    forms: dict[int, list[Any]] = {}
    for one in sorted(error.context, key=str):
        forms.setdefault(one.schema_path[0], []).append(one)
    fitting = [
        problems
        for problems in forms.values()
        if not any(one.validator in {"type", "const"} and not one.path for one in problems)
    ]
    return fitting[0] if len(fitting) == 1 else []


def _hint(value: Any) -> str:
    """Tell what YAML makes of 1e-4: a text."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    written = int(number) if number.is_integer() else number
    return (
        f" (it is text here: write {written!r} without quotation marks, in a file; on the command "
        "line numbers inside braces are text)"
    )
