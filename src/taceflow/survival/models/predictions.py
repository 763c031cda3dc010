"""What a model says of some patients: a risk, and survival at any time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.survival.models.interpolation import interpolated_survival
from taceflow.survival.regression.cox import predicted_survival

_BREAK = re.compile(r"survival_at_[0-9.]+_months")


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


def predicted_by_network(score: Any, curves: np.ndarray, model: Mapping[str, Any]) -> Predicted:
    """Return what a network says of patients with these scores and curves (`curves_of`)."""
    risk = 1 - np.asarray(score, dtype=float)
    inside = np.clip(1 - risk, 1e-12, 1 - 1e-12)

    def survival(months: np.ndarray) -> np.ndarray:
        return interpolated_survival(curves, model["breaks_months"], months)

    # a network has no linear predictor; log(-log S) is what a Cox model's would be
    return Predicted(risk, np.log(-np.log(inside)), survival, model["breaks_months"][-1])


def curves_of(table: pd.DataFrame, model: Mapping[str, Any], path: str) -> np.ndarray:
    """Return survival at the end of each interval, shape (rows, intervals).

    Raises
    ------
    InputError
        If the table has not as many as the model.
    """
    columns = [name for name in table.columns if _BREAK.fullmatch(name)]
    if len(columns) != len(model["breaks_months"]) - 1:
        raise InputError(
            f"survival at {len(columns)} breaks, where breaks.json has "
            f"{len(model['breaks_months']) - 1} intervals",
            file=path,
            remedy="Delete the file and run again",
        )
    return table[columns].to_numpy(dtype=float)
