"""One table a reading, from the patients' own tables."""

import pandas as pd

from taceflow.tables import read_table, write_table


def collect_features(*, tables: list[str], reading: str, features: str) -> None:
    """Gather one reading of all patients.

    Parameters
    ----------
    tables : list of str
        The patients' tables.
    reading : str
        As ``reader1-1``.
    features : str
        Parquet file to be written, one row a patient, sorted.
    """
    gathered = pd.concat([read_table(table) for table in tables], ignore_index=True)
    chosen = gathered[gathered["reading"] == reading].drop(columns="reading")
    ordered = chosen.sort_values("patient_id", ignore_index=True)
    write_table(ordered, features, "features")
