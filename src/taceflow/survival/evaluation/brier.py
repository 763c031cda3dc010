"""The Brier score of predicted survival, integrated over time."""

from collections.abc import Sequence

import numpy as np
from sksurv.metrics import integrated_brier_score
from sksurv.util import Surv

from taceflow.survival.evaluation.bootstrap_intervals import Estimate, with_interval
from taceflow.survival.evaluation.censoring import horizon_problem, just_before_deaths
from taceflow.survival.minimum_counts import at_horizon, shortfall


def integrated_brier(
    time: np.ndarray,
    event: np.ndarray,
    survival: np.ndarray,
    times_months: np.ndarray,
    *,
    bootstraps: int,
    generator: np.random.Generator,
) -> Estimate:
    """Return the Brier score of predicted survival, weighted for censoring, averaged over time.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    survival : ndarray, shape (n, m)
        Predicted survival.
    times_months : ndarray, shape (m,)
        Its times, rising, within follow-up.
    bootstraps, generator
        As for `with_interval`.
    """
    if len(times_months) < 2:
        return Estimate(note="follow-up reaches fewer than two times of the prediction")

    def measure(rows: np.ndarray) -> np.ndarray:
        outcome = Surv.from_arrays(event[rows].astype(bool), time[rows])
        judged = just_before_deaths(time[rows], event[rows])
        try:
            score = integrated_brier_score(outcome, judged, survival[rows], times_months)
        except ValueError:
            # A resample whose follow-up is too short for these times.
            return np.array([np.nan])
        return np.array([score])

    few = shortfall(at_horizon(time, event, float(times_months[-1])))
    return with_interval(measure, len(time), [few], bootstraps, generator)[0]


def brier_times(
    time: np.ndarray, event: np.ndarray, horizons_months: Sequence[float]
) -> tuple[np.ndarray, str]:
    """Return the months over which Brier scores are averaged, up to the last horizon within reach.

    Parameters
    ----------
    time, event, horizons_months
        As for `time_dependent_auc`.

    Returns
    -------
    times_months : ndarray
        Whole months (empty if no horizon is within reach).
    note : str
        Why it is empty.
    """
    reached = [h for h in horizons_months if not horizon_problem(time, event, h)]
    if not reached:
        return np.array([]), horizon_problem(time, event, min(horizons_months))
    months = np.arange(1.0, max(reached) + 1e-9)
    return months[(months >= time.min()) & (months < time.max())], ""
