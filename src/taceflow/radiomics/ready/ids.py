"""The ids of a ready table of features: taken out of a column, and matched with the sheet's."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.files.sheets.ids import id_key

_MOST_NAMED = 5


def ids_of(table: pd.DataFrame, path: str, column: str, pattern: str | None) -> pd.Series:
    """Return the id in each row of a table.

    Parameters
    ----------
    table : DataFrame
        As it was read.
    path : str
        Its file, for messages.
    column : str
        The column that holds the ids.
    pattern : str or None
        A regular expression whose first match in that column is the id.

    Returns
    -------
    Series of str
        In the order of the table.

    Raises
    ------
    InputError
        Without the column, or if a row has no id.
    """
    if column not in table:
        raise InputError(
            f"has no column '{column}' (its first are {', '.join(table.columns[:_MOST_NAMED])})",
            file=path,
            remedy="Name the column of the patients' ids: tables.features_id",
        )
    ids = table[column].astype("string").str.strip()
    if pattern is not None:
        ids = ids.map(lambda text: _first_match(pattern, text), na_action="ignore")
    unclear = np.flatnonzero(ids.isna() | (ids == ""))
    if len(unclear):
        where = f"row {table.index[unclear[0]]} of '{column}'"
        reason = f"matches '{pattern}' nowhere" if pattern else "is empty"
        raise InputError(
            f"{where} {reason}", file=path, remedy="Every row needs the id of its patient"
        )
    return ids.astype(object)


def match_forms(ids: pd.Series, patients: Collection[str], path: str) -> tuple[pd.Series, int]:
    """Return ids as the sheet writes them where their form alone differs: 1, 1.0 and 001.

    Spreadsheets take leading zeros off, and a column of numbers with a gap gets decimals; capitals
    and signs (HCC_007, hcc-7) do not count either. Who is in the sheet as written stays.

    Parameters
    ----------
    ids : Series of str
        Of the table of features.
    patients : collection of str
        Of the sheet.
    path : str
        The table's file, for messages.

    Returns
    -------
    ids : Series of str
    count : int
        Patients whose id was written otherwise.

    Raises
    ------
    InputError
        If the sheet has two such patients, or the table the same one in two forms.
    """
    strangers = set(ids) - set(patients)
    known = Counter(map(id_key, patients))
    as_written = {id_key(patient): patient for patient in patients}
    found: dict[str, str] = {}
    for stranger in sorted(strangers):
        core = id_key(stranger)
        if core not in as_written:
            continue
        patient = as_written[core]
        if known[core] > 1 or patient in set(ids) or patient in found.values():
            raise InputError(
                "more than one id of this table or of the table of patients is the patient's, but "
                "for leading zeros, decimals, capitals or signs",
                patient=patient,
                file=path,
                remedy="Write the ids alike in both tables",
            )
        found[stranger] = patient
    return ids.replace(found), len(found)


def longer_by_a_prefix(strangers: Iterable[str], absent: Iterable[str]) -> tuple[int, int]:
    """Return how many ids of either table are an id of the other behind other characters.

    Parameters
    ----------
    strangers : iterable of str
        Ids of the table of features that are none of the sheet.
    absent : iterable of str
        Ids of the sheet that are none of the table of features.

    Returns
    -------
    in_table, in_sheet : int
        Ids that have the characters before them in the table of features, and in the sheet.
    """
    ours, theirs = set(absent), set(strangers)
    return _with_prefix(theirs, ours), _with_prefix(ours, theirs)


def _with_prefix(longer: set[str], shorter: set[str]) -> int:
    cores = {id_key(one) for one in shorter if one[-1].isdigit()}
    numbers = [re.search(r"(?<=\D)0*(\d+)$", one) for one in longer]
    return sum(found is not None and found[1] in cores for found in numbers)


def _first_match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[0] if found else None
