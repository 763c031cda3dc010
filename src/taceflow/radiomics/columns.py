"""The columns of a feature table, asserted wherever one is written or gathered."""

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.radiomics.mask_boxes import REMEDY
from taceflow.radiomics.panel import Panel


def check_columns(table: pd.DataFrame, panel: Panel, file: str | None = None) -> None:
    """Assert that a table holds exactly a panel's features, each with a finite value.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a reading, with ``patient_id`` and perhaps ``reading`` and ``diagnostics_*``.
    panel : Panel
        What was to be computed.
    file : str, optional
        Where the table stands.

    Raises
    ------
    InputError
        With the first column that is missing, too many or not finite, and the patient.
    """
    columns = panel.columns
    others = ("patient_id", "reading", "diagnostics_")
    found = [name for name in table.columns if not name.startswith(others)]
    if found != columns:
        odd = sorted(set(found) ^ set(columns)) or ["their order"]
        raise InputError(
            f"{len(found)} features instead of the panel's {len(columns)}, the first that differs "
            f"is {odd[0]}",
            patient=table["patient_id"].iloc[0] if len(table) else None,
            file=file,
            remedy="Delete the table and run again",
        )
    finite = np.isfinite(table[columns].to_numpy(dtype=float))
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise InputError(
            f"{np.count_nonzero(~finite[row])} features are not finite, the first is "
            f"{columns[column]}",
            patient=table["patient_id"].iloc[row],
            file=file,
            remedy=REMEDY,
        )
