"""One table a reading, from the patients' own tables."""

from pathlib import Path

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.tables import write_table
from taceflow.radiomics.columns import VERSION, check_columns, check_finite
from taceflow.radiomics.panel import Panel, read_panel
from taceflow.radiomics.patient_table import read_patient_table
from taceflow.wording.counts import counted

_FIRST = ("patient_id", "reading", VERSION)
"""The columns before the features."""


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
    rows = [_row(file, recipe, reading) for file in tables]
    gathered = pd.DataFrame(rows).drop(columns="reading")
    write_table(gathered.sort_values("patient_id", ignore_index=True), features, "features")


def _row(file: str, panel: Panel, reading: str) -> dict[str, str | float]:
    """Return a patient's row of a reading, checked."""
    table = read_patient_table(file)
    patient = table[0]["patient_id"] if table else None
    rows = [row for row in table if row["reading"] == reading]
    if len(rows) != 1:
        raise InputError(
            f"the table holds {counted(len(rows), 'row')} of {reading}, not one",
            patient=patient,
            file=file,
            remedy=f"Delete the folder volumes/{Path(file).name.removesuffix('.tsv.gz')} of this "
            "run and run again",
        )
    first = {name: rows[0].pop(name) for name in _FIRST}
    check_columns(list(rows[0]), panel, first["patient_id"], file)
    found = {name: float(cell or "nan") for name, cell in rows[0].items()}
    check_finite(found, first["patient_id"], file)
    return first | found
