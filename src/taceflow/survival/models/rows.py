"""The rows of ``survival/predictions.tsv``."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.survival.horizons import horizon_column


def prediction_rows(
    name: str,
    rows: pd.DataFrame,
    risk: np.ndarray,
    survival: np.ndarray,
    groups: np.ndarray,
    horizons_months: Sequence[float],
) -> pd.DataFrame:
    """Return rows of ``survival/predictions.tsv``.

    Parameters
    ----------
    name : str
        Name of the model.
    rows : DataFrame
        patient_id and cohort of the patients.
    risk : ndarray, shape (n,)
        Higher = worse.
    survival : ndarray, shape (n, horizons)
    groups : ndarray of str, shape (n,)
        ``high`` or ``low``.
    horizons_months : sequence of float

    Returns
    -------
    DataFrame
    """
    table = pd.DataFrame(
        {
            "patient_id": rows["patient_id"].to_numpy(),
            "cohort": rows["cohort"].to_numpy(),
            "model": name,
            "risk": risk,
            "risk_group": groups,
        }
    )
    for j, horizon in enumerate(horizons_months):
        table[horizon_column(horizon)] = survival[:, j]
    return table
