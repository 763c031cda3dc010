"""The configuration: every key known, every value checked, before any job starts."""

import math
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from taceflow.errors import ConfigurationError

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.yaml"


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
        Naming each key that is unknown, missing or of the wrong kind.
    """
    validator = Draft202012Validator(
        yaml.safe_load(schema.read_text(encoding="utf-8")),
        format_checker=FormatChecker(["regex"]),
    )
    problems = [_in_words(error) for error in sorted(validator.iter_errors(config), key=str)]
    if not problems and "patch" in config:
        low, high = config["patch"]["window_hu"]
        if low >= high:
            problems.append(f"'patch.window_hu': {low} is not below {high}")
    if problems:
        raise ConfigurationError(
            "the configuration cannot be used: "
            + "; ".join(problems)
            + ". Every key is described in config/README.md"
        )


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
        return f"'{key}': {error.instance!r} fits none of the allowed forms{_hint(error.instance)}"
    return f"'{key}': {error.message}{_hint(error.instance)}"


def _hint(value: Any) -> str:
    """Tell what YAML makes of 1e-4: a text."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    return "" if math.isnan(number) else f" (YAML takes it for text: write {number!r})"
