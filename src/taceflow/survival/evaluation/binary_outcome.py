"""Survival as yes or no at a horizon, for methods that know no censoring."""

import numpy as np


def death_by(time: np.ndarray, event: np.ndarray, horizon_months: float) -> np.ndarray:
    """Return who had died by a horizon, as far as it is known.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.

    Returns
    -------
    ndarray of float, shape (n,)
        1 died at or before the horizon, 0 was alive at it, NaN was censored before it.
    """
    time = np.asarray(time, dtype=float)
    died = np.asarray(event).astype(bool)
    known = np.where(died & (time <= horizon_months), 1.0, 0.0)
    return np.where(~died & (time < horizon_months), np.nan, known)
