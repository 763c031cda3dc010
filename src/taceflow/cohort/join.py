"""What another table of the run says of each patient."""

from collections.abc import Sequence

import pandas as pd

from taceflow.errors import DamagedFileError


def join_by_patient(
    patients: pd.DataFrame,
    table: pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    file: str,
) -> pd.DataFrame:
    """Return rows of patients with columns of another table that the run wrote.

    Parameters
    ----------
    patients : pandas.DataFrame
        With ``patient_id``; one row a patient or several.
    table : pandas.DataFrame
        One row a patient, in any order.
    columns : sequence of str, optional
        Its columns that are wanted, all by default; they take the place of any that `patients` has
        under the name.
    file : str
        Of `table`, for the message.

    Returns
    -------
    pandas.DataFrame
        A copy: rows, their order and index are those of `patients`.

    Raises
    ------
    DamagedFileError
        If the table has no row of a patient, or several.
    """
    ids = patients["patient_id"]
    absent = set(ids) - set(table["patient_id"])
    repeated = table.loc[table["patient_id"].duplicated() & table["patient_id"].isin(ids)]
    if absent or len(repeated):
        raise DamagedFileError(
            f"the table has {'no row' if absent else 'several rows'} of the patient",
            patient=min(absent) if absent else min(repeated["patient_id"]),
            file=file,
            remedy="Delete it and run again: it is made anew for the patients of the cohort",
        )
    place = pd.Index(table["patient_id"]).get_indexer(ids)
    found = {name: table[name].to_numpy()[place] for name in columns or table}
    return patients.assign(**found)
