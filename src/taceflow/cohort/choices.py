"""The answers to `private/candidates.tsv`: which series somebody chose for whom."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.sheets.read import read_sheet

_NOT_MARKED = (
    *("", "0", "0.0", "no", "not", "n", "-", "–", "false", "nan", "none", "<na>", "✗", "✘", "☐"),
    *("nein", "nicht", "falsch", "non", "faux", "falso", "não", "nee", "onwaar", "нет", "否"),
)


def is_marked(table: pd.DataFrame) -> pd.Series:
    """Say of each row of the table of choices whether somebody has marked it in ``use``."""
    return ~table["use"].map(lambda mark: str(mark).strip().lower()).isin(_NOT_MARKED)


def read_choices(path: str, patients: Collection[str]) -> dict[str, str]:
    """Read a filled-in table of candidates.

    Parameters
    ----------
    path : str
        The table with a mark in the column ``use``.
    patients : collection of str
        Ids of the table of patients.

    Returns
    -------
    dict of str to str
        ``series_uid`` by patient.

    Raises
    ------
    InputError
        If nothing is marked, several series of one patient are, or a patient is unknown.
    """
    table = read_sheet(path, "choices")
    marked = table[is_marked(table)]
    if marked.empty:
        raise InputError(
            "no row is marked",
            file=path,
            remedy="Write x into the column use of the series to take, one a patient",
        )
    for patient, rows in marked.groupby("patient_id", sort=False):
        if patient not in patients:
            raise InputError(
                "is not in the table of patients",
                patient=str(patient),
                file=path,
                remedy="Take the mark out, or add the patient there",
            )
        if len(rows) > 1:
            raise InputError(
                f"{len(rows)} series are marked", patient=str(patient), file=path, remedy="Mark one"
            )
    return dict(zip(marked["patient_id"], marked["series_uid"].str.strip(), strict=True))


def with_choices(
    scans: dict[str, dict[str, Any]], choices: dict[str, str], absent: dict[str, str], path: str
) -> dict[str, dict[str, Any]]:
    """Return the scans of the phase with the chosen series.

    Parameters
    ----------
    scans : dict
        ``image`` and ``series_uid`` by patient, from the table of scans.
    choices : dict
        From `read_choices`.
    absent : dict
        The scan of a patient of whom that table has none.
    path : str
        The table of choices, for the message.

    Returns
    -------
    dict
        Also of patients whose scan an archive holds.

    Raises
    ------
    InputError
        If the table of scans names another series.
    """
    found = dict(scans)
    for patient, uid in choices.items():
        scan = scans.get(patient, absent)
        if scan["series_uid"] not in ("", uid):
            raise InputError(
                "the table of scans names another series_uid than the one that is marked",
                patient=patient,
                file=path,
                remedy="Empty the one that is wrong",
            )
        found[patient] = scan | {"series_uid": uid}
    return found
