"""Who was left out before the workflow: the boxes of Figure S1 above the table of patients."""

from collections.abc import Collection

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.sheets.ids import first_rows, id_key
from taceflow.files.sheets.read import read_sheet
from taceflow.wording.cell_hints import word_meant
from taceflow.wording.counts import agreeing

SCREENED = "screened"
"""Reason of the row that tells how many were looked at, if there is one: all must add up to it."""


def read_screening(path: str, patients: Collection[str]) -> list[tuple[str, int]]:
    """Read the table of those who were left out before the study.

    Parameters
    ----------
    path : str
        The user's: a row a reason with ``n``, or a row a person with ``patient_id``.
    patients : collection of str
        Ids of the table of patients.

    Returns
    -------
    list of (str, int)
        Each reason with the number of patients, in the table's order. Ids go no further.

    Raises
    ------
    InputError
        If the table breaks its schema, a row has neither ``n`` nor ``patient_id`` or both, a reason
        is counted twice, somebody was left out twice or is in the study, or the numbers do not add
        up.
    """
    table = read_sheet(path, "screening").reindex(columns=["reason", "n", "patient_id"])
    table["reason"] = table["reason"].str.strip()
    _check_rows(table, path)
    _check_ids(table, patients, path)
    named = table.assign(n=table["n"].fillna(1))
    counts = {str(why): int(n) for why, n in named.groupby("reason", sort=False)["n"].sum().items()}
    total = [why for why in counts if why.casefold() == SCREENED]
    screened = counts.pop(total[0]) if total else None
    left = len(patients) + sum(counts.values())
    if screened not in (None, left):
        raise InputError(
            f"{screened} {agreeing(screened, 'was', 'were')} screened and {left - len(patients)} "
            f"left out, and the table of patients has {len(patients)}, not "
            f"{screened - left + len(patients)}",
            file=path,
            remedy=f"Correct a number, or take out the row '{total[0]}': it is then added up",
        )
    return list(counts.items())


def _check_rows(table: pd.DataFrame, path: str) -> None:
    """Refuse a sum, a row that counts in no way or in two, and a reason that is counted twice."""
    for row, reason in table["reason"].dropna().items():
        if word_meant(reason) == SCREENED:
            raise InputError(
                f"'{reason}' is no reason to be left out",
                row=row,
                file=path,
                remedy=f"Call the row of all who were looked at '{SCREENED}', or take it out",
            )
    is_count = table["n"].notna()
    for row in table.index[is_count == table["patient_id"].notna()]:
        has = "both n and" if is_count[row] else "neither n nor"
        remedy = "Write how many there were in n, or a row for each with patient_id"
        raise InputError(f"the row has {has} a patient_id", row=row, file=path, remedy=remedy)
    again = table["reason"].duplicated(keep=False)
    for row in table.index[again & table["reason"].isin(table.loc[is_count, "reason"])]:
        raise InputError(
            f"the reason '{table['reason'][row]}' is counted in more than one row",
            row=row,
            file=path,
            remedy="Give each reason one n, or a row for each patient and no n",
        )


def _check_ids(table: pd.DataFrame, patients: Collection[str], path: str) -> None:
    """Refuse somebody who is in the study too, or was left out twice.

    An id that is not the study's may be a hospital's: no message has it.
    """
    in_study = {id_key(patient): patient for patient in patients}
    for name, row in first_rows(table).items():
        if id_key(name) in in_study:
            raise InputError(
                "was left out before the study, and is in the table of patients",
                patient=in_study[id_key(name)],
                row=row,
                file=path,
                remedy="Take the row out of one of the two tables",
            )
    twice = (
        table["patient_id"].notna()
        & table["patient_id"].map(id_key, na_action="ignore").duplicated()
    )
    for row in table.index[twice]:
        raise InputError(
            "the patient_id of this row stands in one above it",
            row=row,
            file=path,
            remedy="Keep the reason that came first: each patient is counted once",
        )
