"""Inverse-probability-of-censoring weights, and whether a horizon can be judged at all."""

import numpy as np
from sksurv.nonparametric import CensoringDistributionEstimator
from sksurv.util import Surv


def horizon_problem(time: np.ndarray, event: np.ndarray, horizon_months: float) -> str:
    """Say why survival at a horizon cannot be judged in a cohort, or return an empty text.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    horizon_months : float
        The horizon.

    Returns
    -------
    str
    """
    died = np.asarray(event).astype(bool)
    if not np.any(time > horizon_months):
        longest = time.max() if len(time) else 0.0
        return f"nobody followed beyond {horizon_months:g} months (longest {longest:.1f})"
    if not np.any(died & (time <= horizon_months)):
        return f"no death up to {horizon_months:g} months"
    return ""


def deaths_until(time: np.ndarray, event: np.ndarray, last_months: float) -> np.ndarray:
    """Return follow-up as scikit-survival takes it, with the deaths up to a time as the only ones.

    Later deaths are nobody's cases, but one at the very time of the last censoring would have an
    infinite weight, and scikit-survival then refuses the whole cohort.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    last_months : float
        The last time at which cases are counted.

    Returns
    -------
    structured ndarray, shape (n,)
    """
    return Surv.from_arrays(np.asarray(event).astype(bool) & (time <= last_months), time)


def censoring_weights(time: np.ndarray, event: np.ndarray, horizon_months: float) -> np.ndarray:
    """Return 1 / P(not censored before the death) for those who died by a horizon, 0 for others.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    horizon_months : float
        The horizon; somebody must be followed beyond it.

    Returns
    -------
    ndarray, shape (n,)
    """
    outcome = Surv.from_arrays(np.asarray(event).astype(bool), time)
    censoring = CensoringDistributionEstimator().fit(outcome)
    return censoring.predict_ipcw(deaths_until(time, event, horizon_months))
