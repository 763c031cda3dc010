"""The scores that resamples of the training patients select, for the optimism of the Radscore."""

import numpy as np
import pandas as pd

from taceflow.radscore.resampling import draw_resample

COLUMNS = ["resample", "patient_id", "copies", "radscore"]


def resampled_scores(
    coefficients: np.ndarray,
    features: pd.DataFrame,
    *,
    drawn_by: np.ndarray,
    folds: int,
    seed: int,
) -> pd.DataFrame:
    """Return the score that each resample selected, of every patient, drawn into it or not.

    Parameters
    ----------
    coefficients : ndarray, shape (bootstraps, p)
        From `resampling.bootstrap_coefficients`; rows of NaN are passed over.
    features : DataFrame, shape (n, p)
        Raw features of the training patients, indexed by patient id.
    drawn_by : ndarray of {0, 1}, shape (n,)
        What the resamples were drawn by, see `resampling.draw_resample`.
    folds, seed : int
        As in the bootstrap.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: ``copies`` is how often the resample holds the patient.
    """
    values = features.to_numpy()
    parts = []
    for number in np.flatnonzero(np.isfinite(coefficients).all(axis=1)):
        drawn, _ = draw_resample(drawn_by, folds, seed, int(number))
        # Not a matrix product: its rounding depends on the number of patients.
        score = (values * coefficients[number]).sum(axis=1)
        copies = np.bincount(drawn, minlength=len(values))
        part = {"resample": int(number), "patient_id": features.index, "copies": copies}
        parts.append(pd.DataFrame(part | {"radscore": score}, columns=COLUMNS))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
