"""Ids of one patient that two tables write in two ways."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

import pandas as pd

from taceflow.errors import InputError
from taceflow.wording.cell_hints import number_hint
from taceflow.wording.messages import listed

_REMEDY = (
    "Write each id alike in all tables: spreadsheets drop the zeros before a number, so give the "
    "column the format Text before the ids are filled in"
)


_SUMS = (
    *("total", "sum", "subtotal", "mean", "average", "median", "mittelwert", "durchschnitt"),
    *("summe", "gesamt", "moyenne", "somme", "media", "totale", "suma", "promedio", "平均", "合计"),
)
_MOST_SUMS = 4
"""Rows below a table that programs and people add to it."""


def id_key(patient: str) -> str:
    """Return what is left of an id that was typed, padded or calculated with.

    >>> [id_key(name) for name in ("001", "1", "1.0", "P-01", "p1", "1-11", "11_1")]
    ['1', '1', '1', 'p1', 'p1', '1-11', '11-1']
    """
    plain = re.sub(r"^(\d+)\.0+$", r"\1", patient.strip()).casefold()
    # between two numbers, such as those of centre and patient, a sign parts them
    plain = re.sub(r"(?<=\d)[\s._-]+(?=\d)", "/", plain)
    plain = re.sub(r"[\s._-]", "", plain).replace("/", "-")
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain)


def first_rows(table: pd.DataFrame) -> dict[str, int]:
    """Return each id of a user's table with the first row in which it stands."""
    rows: dict[str, int] = {}
    for row, patient in table["patient_id"].dropna().items():
        rows.setdefault(patient, row)
    return rows


def check_alike(rows: Mapping[str, int], source: str) -> None:
    """Refuse two ids of one table that are one patient's but for zeros, capitals or signs.

    Parameters
    ----------
    rows : mapping of str to int
        Ids of the table of patients, and the row of each.
    source : str
        Its file.

    Raises
    ------
    InputError
    """
    dates = [name for name in rows if number_hint(name).startswith("a date")]
    if 0 < len(dates) < len(rows):
        raise InputError(
            f"the id '{dates[0]}' is a date, and others are not: a spreadsheet has changed it",
            row=rows[dates[0]],
            file=source,
            remedy="Give the column the format Text, and write the id again",
        )
    sums = [name for name in list(rows)[-_MOST_SUMS:] if name.casefold() in _SUMS]
    if sums:
        raise InputError(
            f"'{sums[0]}' is a sum or mean of the rows above, and no patient",
            row=rows[sums[0]],
            file=source,
            remedy="Take the row out",
        )
    groups = defaultdict(list)
    for patient in rows:
        groups[id_key(patient)].append(patient)
    same = [group for group in groups.values() if len(group) > 1]
    if same:
        names = [" and ".join(f"'{name}' (row {rows[name]})" for name in group) for group in same]
        raise InputError(
            f"ids differ by zeros, capitals, points or signs alone: {listed(names)}",
            file=source,
            remedy="Two patients need ids that cannot be mixed up; one patient has one row",
        )


def check_known(rows: Mapping[str, int], patients: Collection[str], source: str) -> None:
    """Refuse ids that the table of patients writes in another way.

    Parameters
    ----------
    rows : mapping of str to int
        Ids of a table, and the first row of each.
    patients : collection of str
        Ids of the table of patients.
    source : str
        The table's file.

    Raises
    ------
    InputError
        That names both ways of writing.
    """
    there = {id_key(patient): patient for patient in patients}
    known = set(patients)
    twins = {
        name: there[id_key(name)] for name in rows if name not in known and id_key(name) in there
    }
    if twins:
        names = [f"'{name}' (row {rows[name]}) is '{twin}' there" for name, twin in twins.items()]
        raise InputError(
            f"{len(twins)} {'id is' if len(twins) == 1 else 'ids are'} written otherwise than in "
            f"the table of patients: {listed(names)}",
            file=source,
            remedy=_REMEDY,
        )
