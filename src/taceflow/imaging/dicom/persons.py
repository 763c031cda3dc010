"""Whether images are one person's; who that is stays in memory."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import pydicom

_NO_NAMES = {
    *("anon", "anonym", "anonymous", "anonymized", "anonymised", "deidentified", "de"),
    *("identified", "removed", "unknown", "none", "no", "name", "noname", "patient", "subject"),
    *("na", "n", "a", "x", "xx", "xxx"),
}
_NO_DATES = {"19000101", "19010101", "00000000", "00010101", "11111111"}
"""What tools of de-identification write in place of a name and a date of birth."""


class Person(NamedTuple):
    """What a header tells of a person, made comparable; "" and nothing where it is empty."""

    number: str
    names: frozenset[str]
    birth_date: str


def person_of(header: pydicom.Dataset) -> Person:
    """Return whose image it is, as far as PatientID, PatientName and PatientBirthDate tell."""
    number = str(header.get("PatientID") or "").strip().casefold()
    name = str(header.get("PatientName") or "").strip(" ^").casefold()
    names = frozenset(re.split(r"[\W_]+", name)) - {""}
    if name == number or names <= _NO_NAMES:
        names = frozenset()
    birth_date = re.sub(r"\D", "", str(header.get("PatientBirthDate") or ""))
    if birth_date in _NO_DATES:
        birth_date = ""
    return Person(number.lstrip("0") or number, names, birth_date)


def count_persons(headers: Iterable[pydicom.Dataset]) -> list[int]:
    """Count the images of each person, most first: one number where nothing speaks against it."""
    groups: list[tuple[Person, int]] = []
    for person, count in Counter(map(person_of, headers)).most_common():
        for index, (known, so_far) in enumerate(groups):
            if not _differ(known, person):
                groups[index] = (_joined(known, person), so_far + count)
                break
        else:
            groups.append((person, count))
    return sorted((count for _, count in groups), reverse=True)


def _differ(one: Person, other: Person) -> bool:
    """Tell whether two headers name two persons: what is empty says nothing."""
    if one.number and other.number and one.number != other.number:
        return True
    if one.birth_date and other.birth_date:
        if one.birth_date != other.birth_date:
            return True
        if one.number and other.number:
            return False  # a name is written in many ways, and changes
    return bool(one.names and other.names) and one.names.isdisjoint(other.names)


def _joined(one: Person, other: Person) -> Person:
    return Person(
        one.number or other.number, one.names | other.names, one.birth_date or other.birth_date
    )
