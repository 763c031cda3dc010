"""Inverse-probability-of-censoring weights, and whether a horizon can be judged at all."""

import numpy as np
from sksurv.nonparametric import CensoringDistributionEstimator
from sksurv.util import Surv

_BEFORE_MONTHS = 1e-12
"""More than the rounding within which scikit-survival takes two times for one."""


def horizon_problem(time: np.ndarray, event: np.ndarray, horizon_months: float) -> str:
    """Say why survival at a horizon cannot be judged in a cohort, or return an empty text.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    """
    died = np.asarray(event).astype(bool)
    if not np.any(time > horizon_months):
        longest = time.max() if len(time) else 0.0
        return f"nobody followed beyond {horizon_months:g} months (longest {longest:.1f})"
    if not np.any(died & (time <= horizon_months)):
        return f"no death up to {horizon_months:g} months"
    return ""


def just_before_deaths(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return follow-up whose deaths scikit-survival weighs as R does.

    A death weighs by the chance of not being censored before it, and who is censored at its very
    time was at risk of it. scikit-survival takes that chance after the censorings of that time:
    so every death is put the least bit earlier. With times in half-years a Brier score differs in
    its second digit.

    Parameters
    ----------
    time, event
        As for `horizon_problem`.

    Returns
    -------
    structured ndarray, shape (n,)
        For the patients to be judged; the censoring distribution needs the true times.
    """
    died = np.asarray(event).astype(bool)
    return Surv.from_arrays(died, np.maximum(time - _BEFORE_MONTHS * died, 0))


def censoring_weights(time: np.ndarray, event: np.ndarray, horizon_months: float) -> np.ndarray:
    """Return 1 / P(not censored before the death) for those who died by a horizon, 0 for others.

    Parameters and shape as for `horizon_problem`; somebody must be followed beyond the horizon.
    """
    outcome = Surv.from_arrays(np.asarray(event).astype(bool), time)
    censoring = CensoringDistributionEstimator().fit(outcome)
    return censoring.predict_ipcw(just_before_deaths(time, event)) * (time <= horizon_months)
