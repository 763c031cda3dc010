"""One table a reading, from the patients' own tables."""

from pathlib import Path

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.tables import read_table, write_table
from taceflow.radiomics.columns import check_columns
from taceflow.radiomics.panel import read_panel


def collect_features(*, tables: list[str], panel: str, reading: str, features: str) -> None:
    """Gather one reading of all patients.

    Parameters
    ----------
    tables : list of str
        The tables of the patients who have the reading.
    panel : str
        The panel's file.
    reading : str
        As ``reader1-1``.
    features : str
        Parquet file to be written, one row a patient, sorted.

    Raises
    ------
    InputError
        If a table lacks the reading, or does not hold the panel's features, all finite.
    """
    recipe = read_panel(panel)
    rows = []
    for file in tables:
        table = read_table(file)
        check_columns(table, recipe, file)
        row = table[table["reading"] == reading]
        if len(row) != 1:
            raise InputError(
                f"the table holds {len(row)} rows of {reading}, not one",
                patient=table["patient_id"].iloc[0] if len(table) else None,
                file=file,
                remedy=f"Delete the folder volumes/{Path(file).stem} of this run and run again",
            )
        rows.append(row.drop(columns="reading"))
    gathered = pd.concat(rows, ignore_index=True)
    write_table(gathered.sort_values("patient_id", ignore_index=True), features, "features")
