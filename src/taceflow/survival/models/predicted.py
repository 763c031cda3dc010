"""What a model says of some patients: a risk, and survival at any time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from taceflow.survival.regression.cox import predicted_survival


@dataclass(frozen=True)
class Predicted:
    """What a model says of some patients.

    Attributes
    ----------
    risk : ndarray, shape (n,)
        Higher = worse.
    log_hazard : ndarray, shape (n,)
        On the scale of a Cox model, for the calibration slope.
    survival : callable
        Times (months) to survival, shape (n, times).
    last_months : float
        Until when it is known.
    """

    risk: np.ndarray
    log_hazard: np.ndarray
    survival: Callable[[np.ndarray], np.ndarray]
    last_months: float


def predicted_by_cox(risk: np.ndarray, stored: Mapping[str, Any]) -> Predicted:
    """Return what a stored Cox model says of patients with these linear predictors."""
    baseline = stored["baseline"]
    last = baseline["last_follow_up_months"]
    times = np.array(baseline["times_months"])
    log_hazard = np.array(baseline["log_cumulative_hazard"])

    def survival(months: np.ndarray) -> np.ndarray:
        return predicted_survival(risk, times, log_hazard, last, months)

    return Predicted(risk, risk, survival, last)
