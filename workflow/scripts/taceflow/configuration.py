"""The configuration: every key known, every value checked, before any job starts."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from taceflow.errors import ConfigurationError

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.yaml"

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


def has_braces(path: str) -> bool:
    """Say whether a path holds what Snakemake takes for a wildcard."""
    return "{" in path or "}" in path


def _beyond_schema(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a schema cannot say, of the sections that there are."""
    if "patch" in config:
        low, high = config["patch"]["window_hu"]
        if low >= high:
            yield f"'patch.window_hu': {low} is not below {high}"
    for section, keys in _PATHS.items():
        given = config.get(section) or {}
        for key in keys:
            if has_braces(given.get(key) or ""):
                yield (
                    f"'{section}.{key}': '{given[key]}' has a brace, which Snakemake takes for a "
                    "wildcard: rename the file or folder"
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


def _in_words(error: Any) -> str:
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))
        names = ", ".join(f"'{key}.{name}'".replace("'.", "'") for name in unknown)
        return f"unknown key {names} (known here: {', '.join(known) or 'none'})"
    if error.validator == "required":
        return f"'{key or 'configuration'}': {error.message}"
    if error.validator in {"oneOf", "anyOf"}:
        meant = _meant_form(error)
        if meant:
            return "; ".join(_in_words(one) for one in meant)
        return f"'{key}': {error.instance!r} fits none of the allowed forms{_hint(error.instance)}"
    return f"'{key}': {error.message}{_hint(error.instance)}"


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
    return "" if math.isnan(number) else f" (YAML takes it for text: write {number!r})"
