"""Inverse-probability-of-censoring weights, and whether a horizon can be judged at all."""

from collections.abc import Sequence

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


def brier_weights(
    time: np.ndarray, event: np.ndarray, horizons_months: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights with which patients enter Brier scores at horizons.

    The score of predicted survival S is the mean of died * S^2 + alive * (1 - S)^2 (Graf et al.,
    Stat Med 1999;18:2529).

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    horizons_months : sequence of float, length k

    Returns
    -------
    died, alive : ndarray, shape (n, k)
        Of those who died by a horizon, and of those followed beyond; NaN at a horizon that cannot
        be judged (`horizon_problem`).
    """
    horizons = np.asarray(horizons_months, dtype=float)
    judged = np.array([not horizon_problem(time, event, horizon) for horizon in horizons])
    died = np.full((len(time), len(horizons)), np.nan)
    alive = died.copy()
    if judged.any():
        censoring = CensoringDistributionEstimator()
        censoring.fit(Surv.from_arrays(np.asarray(event).astype(bool), time))
        before_death = censoring.predict_ipcw(just_before_deaths(time, event))[:, None]
        by_then = time[:, None] <= horizons[judged]
        died[:, judged] = before_death * by_then
        alive[:, judged] = ~by_then / censoring.predict_proba(horizons[judged])
    return died, alive
