"""What is kept of headers in place of what identifies a person."""

import hashlib
import re
from collections.abc import Iterable

NAMING_TAGS = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "AccessionNumber",
    "OtherPatientIDs",
    "InstitutionName",
    "ReferringPhysicianName",
    "OperatorsName",
    "PerformingPhysicianName",
)
"""Where a header names persons and places."""

_WORD = re.compile(r"[^\W_]+")
_LONG_NUMBER = re.compile(r"\d{6,}")
_DATE = re.compile(r"\b(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2\d{4})\b")

_LEAST_LETTERS = 2
"""An initial identifies nobody, and would take the A out of "phase A"."""

_LEAST_LETTERS_INSIDE = 4
"""From this length on a name is also looked for inside longer words."""


def opaque_key(original: str) -> str:
    """Return ``uid-`` and the first 16 hexadecimal digits of the SHA-256 of a UID.

    Digits alone, such as 12e4567890123456, a spreadsheet would take for a number.
    """
    return f"uid-{hashlib.sha256(original.encode()).hexdigest()[:16]}"


def scrub_description(description: str, names: Iterable[str]) -> str:
    """Drop from a description, on one line, what the header itself shows to be identifying.

    Dropped are the words that occur in `names`, whatever their case (from four letters on also
    the words that contain them), words with a run of six or more digits, and dates. What remains
    is still free text: a name that stands nowhere else in the header cannot be recognised.

    Parameters
    ----------
    description : str
        SeriesDescription.
    names : iterable of str
        Values of `NAMING_TAGS`.
    """
    named = {word.casefold() for name in names for word in _WORD.findall(name)}
    named = {word for word in named if len(word) >= _LEAST_LETTERS}
    inside = [word for word in named if len(word) >= _LEAST_LETTERS_INSIDE]

    def keep(match: re.Match[str]) -> str:
        word = match[0].casefold()
        is_named = word in named or any(name in word for name in inside)
        return "" if is_named or _LONG_NUMBER.search(word) else match[0]

    kept = _WORD.sub(keep, _DATE.sub("", description))
    return " ".join("".join(one if one.isprintable() else " " for one in kept).split())
