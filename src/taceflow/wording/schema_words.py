"""What breaks a schema, in words: no regular expression, no term of JSON schemas."""

import json
import re
from typing import Any

from taceflow.wording.cell_hints import number_hint, truth_hint, word_meant
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.messages import nearest

_CODES = {-1, -9, -99, -999, -9999, 99, 999, 9999, 888, 777}
"""Numbers by which statistics programs mark a missing value."""

_INVISIBLE = re.compile(r"[^\S \n]|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Spaces that are none of the keyboard's, and characters of no width."""

_BOUNDS = {
    "minimum": "is below",
    "exclusiveMinimum": "is not above",
    "maximum": "is above",
    "exclusiveMaximum": "is not below",
}

_KINDS = {
    "number": "number",
    "integer": "whole number",
    "string": "text",
    "boolean": "truth value (true, false)",
    "array": "list ([a, b], or a line with '- ' for each)",
    "object": "section of keys (key: value)",
    "null": "null",
}


def shown(value: Any) -> str:
    """Return a value as a message shows it: text between quotation marks, as it was written.

    >>> shown("a\u200b1")
    "'a<U+200B>1'"
    """
    if isinstance(value, str):
        return f"'{_INVISIBLE.sub(lambda found: f'<U+{ord(found[0]):04X}>', value)}'"
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def in_words(error: Any, *, of_cell: bool = False) -> str:
    """Say what is wrong with a value.

    Parameters
    ----------
    error : jsonschema.ValidationError
        Of a value or of an empty cell; a file's keys have words of their own.
    of_cell : bool
        Whether it stands in a table, where it may be a code or written as a spreadsheet shows it.
    """
    value, rule, asked = error.instance, error.validator, error.validator_value
    if rule == "type":
        kinds = [asked] if isinstance(asked, str) else asked
        nouns = " or ".join(_KINDS[kind] for kind in kinds)
        return f"{shown(value)} is no {nouns}{_in_brackets(_hint(value, kinds, of_cell))}"
    if rule == "required":
        return "'{}' is empty".format(error.message.split("'")[1])
    if rule in ("enum", "const"):
        return _of_words(value, asked if rule == "enum" else [asked], error.schema, of_cell)
    if rule in _BOUNDS:
        hint = "a code for missing? Leave the cell empty" if of_cell and value in _CODES else ""
        return f"{shown(value)} {_BOUNDS[rule]} {asked}{_in_brackets(hint)}"
    if rule == "pattern":
        form = error.schema.get("x-form", "it has another form than this place needs")
        return f"{shown(value)} cannot stand here: {form}"
    if rule == "maxLength":
        return f"{shown(value)} has more than {counted(asked, 'character')}"
    if rule == "minLength":
        return "is empty"
    if rule == "format":
        return f"{shown(value)} is no regular expression ({_why_no_expression(value)})"
    if rule in ("minItems", "maxItems"):
        least = "at least" if rule == "minItems" else "at most"
        needed = f"{least} {asked} {agreeing(asked, 'is', 'are')} needed"
        return f"{shown(value)} has {counted(len(value), 'entry')}: {needed}"
    if rule == "uniqueItems":
        return f"{shown(value)} has an entry twice"
    return str(error.message)


def _hint(value: Any, kinds: list[str], of_cell: bool) -> str:
    if of_cell and isinstance(value, str) and {"number", "integer"} & set(kinds):
        return number_hint(value)
    if not of_cell and "string" in kinds and not isinstance(value, list | dict):
        return f'put it between quotation marks: "{shown(value)}"'
    return ""


def _of_words(value: Any, allowed: list[Any], schema: dict[str, Any], of_cell: bool) -> str:
    hint = ""
    if isinstance(value, str):
        numbers = all(isinstance(one, int) for one in allowed)
        hint = truth_hint(value) if set(allowed) == {0, 1} else ""
        hint = hint or (number_hint(value) if numbers else "")
    elif of_cell and value in _CODES:
        hint = "a code for missing? Leave the cell empty"
    meaning = schema.get("description", "")
    meaning = meaning if re.match(r"[01]:", meaning) else ""
    if of_cell and set(allowed) == {0, 1} and value == 2:
        hint = f"coded 1 and 2? Then the 1s change too: write {meaning or '1 for yes, 0 for no'}"
    names = [one for one in allowed if isinstance(one, str)]
    if of_cell and names and isinstance(value, int | float) and not isinstance(value, bool):
        hint = hint or "a code: write the word"
    meant = _meant(value, names) if isinstance(value, str) else ""
    if renamed := schema.get("x-renamed", {}).get(str(value)):
        meant = f"; it has another name now: write {renamed}"
    words = ", ".join("null" if one is None else str(one) for one in allowed)
    return f"{shown(value)} is none of {words}{_in_brackets(hint or meaning)}{meant}"


def _meant(value: str, names: list[str]) -> str:
    if (name := word_meant(value)) in names:
        return f"; did you mean '{name}'?"
    begun = [name for name in names if value and name.startswith(value.casefold())]
    return f"; did you mean '{begun[0]}'?" if len(begun) == 1 else nearest(value, names)


def _why_no_expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        return str(error)
    return ""


def _in_brackets(hint: str) -> str:
    return f" ({hint})" if hint else ""
