"""The keys of a YAML file: each known, each value of its kind, or a message in words."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from taceflow.errors import ConfigurationError
from taceflow.files.schemas import load_schema
from taceflow.wording.messages import nearest
from taceflow.wording.schema_words import in_words


def check_keys(content: Any, schema: str) -> None:
    """Check keys and values against a schema.

    Parameters
    ----------
    content
        Of a YAML file.
    schema : str
        Its name, as `load_schema` takes it.

    Raises
    ------
    ConfigurationError
        Naming each key that is unknown, missing or of the wrong kind, and each number that is none.
    """
    validator = Draft202012Validator(load_schema(schema), format_checker=FormatChecker(["regex"]))
    places: dict[str, list[str]] = {}
    for path, _ in schema_keys(load_schema(schema)):
        places.setdefault(path[-1].removesuffix("[]"), []).append(_named_path(path))
    errors = sorted(validator.iter_errors(content), key=str)
    problems = [_of_key(error, places) for error in errors]
    infinite = [(key, value) for key, value in _numbers(content) if not math.isfinite(value)]
    refuse(problems or [f"'{key}': {value} is no finite number" for key, value in infinite])


def refuse(problems: Sequence[str]) -> None:
    """Raise a `ConfigurationError` of all problems, if there are any."""
    if problems:
        told = "; ".join(problems)
        end = "" if told.endswith("?") else "."
        raise ConfigurationError(
            f"the configuration cannot be used: {told}{end} Every key is described in "
            "config/README.md"
        )


def schema_keys(
    rules: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield the path of each key that a schema knows, and its rules; ``[]`` marks a list's entry.

    Parameters
    ----------
    rules : mapping
        The schema.
    path : tuple of str
        Of the section whose schema it is.

    Yields
    ------
    tuple of tuple of str and mapping
        Sections before their keys.
    """
    for name, rule in rules.get("properties", {}).items():
        yield (*path, name), rule
        yield from schema_keys(rule, (*path, name))
        yield from schema_keys(rule.get("items", {}), (*path, f"{name}[]"))


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


def _named_path(path: Sequence[str]) -> str:
    return ".".join(path).replace("[]", " entry")


def _of_key(error: Any, places: Mapping[str, Sequence[str]]) -> str:
    """Say what is wrong with a key or its value, and what was probably meant."""
    key = _named(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(map(str, set(error.instance) - set(known)))
        meant = "".join(dict.fromkeys(_place_of(name, known, places) for name in unknown))
        if any(name.isdigit() for name in unknown):
            meant = "; a decimal comma? Numbers are written with a point"
        names = ", ".join(f"'{key}.{name}'".replace("'.", "'") for name in unknown)
        return f"unknown key {names} (known here: {', '.join(known) or 'none'}){meant}"
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"'{key or 'configuration'}': the key '{missing}' is missing"
    if error.validator in {"oneOf", "anyOf"}:
        if meant := _meant_form(error):
            return "; ".join(_of_key(one, places) for one in meant)
        return f"'{key}': {error.instance!r} fits none of the allowed forms{_hint(error.instance)}"
    return f"'{key}': {in_words(error)}{_hint(error.instance)}"


def _place_of(name: str, known: Sequence[str], places: Mapping[str, Sequence[str]]) -> str:
    """Say where an unknown key belongs: under another section, or another name."""
    section, _, last = name.rpartition(".")
    there = [one for one in places.get(last, []) if not section or one.startswith(section)]
    if there:
        sections = [one.rpartition(".")[0] for one in there[:4]]
        below = [f"below '{one}'" if one else "at the start of a line" for one in sections]
        return f"; '{last}' belongs {' or '.join(below)}"
    return nearest(name, known) or nearest(name, places)


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
