"""How messages name rows, lists and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 10
ROW = "row"
"""Name of the index of a user's table: the rows as the program that made it counts them."""


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return the first names, and how many more there are.

    >>> listed(["a", "b"])
    'a, b'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean ...?`` with the known names that are most alike, or nothing.

    >>> nearest("Age_year", ["age_years", "sex"])
    "; did you mean 'age_years'?"
    """
    plain = {one.lower(): one for one in map(str, known)}
    found = difflib.get_close_matches(name.lower(), plain, n=2)
    return f"; did you mean {' or '.join(repr(plain[one]) for one in found)}?" if found else ""


def plain_name(name: object) -> str:
    """Return a column's name without capitals, spaces and signs.

    >>> plain_name("Time (months)")
    'timemonths'
    """
    return re.sub(r"[\W_]", "", str(name)).lower().replace("tumour", "tumor")


def is_slip(name: str, known: str) -> bool:
    """Say whether a name is a known one but for one slip of the hand in one of its words.

    That is a letter too many, too few, wrong or swapped. Of a word of four letters or fewer, such
    as a unit or an enzyme, and of a digit more, it may be another name.

    >>> [is_slip(one, "cohort") for one in ("cohrt", "cohorts", "chort", "cohrot", "cohort2")]
    [True, True, True, True, False]
    >>> [is_slip(one, "alt_u_l") for one in ("alp_u_l", "alt_g_l")]
    [False, False]
    """
    words = re.split(r"[\W_]+", name.lower()), re.split(r"[\W_]+", known.lower())
    different = [pair for pair in zip(*words, strict=False) if pair[0] != pair[1]]
    return (
        len(words[0]) == len(words[1])
        and len(different) == 1
        and max(map(len, different[0])) > 4
        and _is_one_letter_off(*different[0])
    )


def _is_one_letter_off(word: str, known: str) -> bool:
    pairs = enumerate(zip(word, known, strict=False))
    start = next((place for place, (a, b) in pairs if a != b), min(len(word), len(known)))
    own, other = word[start:], known[start:]
    swapped = own[:2] == other[1::-1] and own[2:] == other[2:]
    return not own[:1].isdigit() and (swapped or own[1:] in (other, other[1:]) or own == other[1:])


def is_users(table: pd.DataFrame | pd.Series) -> bool:
    """Say whether a table is a user's, indexed by the rows that the user sees."""
    return table.index.name == ROW


def row_number(table: pd.DataFrame | pd.Series, label: int) -> str:
    """Return `` (row 17)`` of a user's table; of any other table nothing."""
    return f" (row {label})" if is_users(table) else ""
