"""Calibration: predicted against observed survival, in groups and as a slope."""

import numpy as np
import pandas as pd
from sksurv.nonparametric import kaplan_meier_estimator

from taceflow.survival.evaluation.bootstrap_intervals import Estimate
from taceflow.survival.evaluation.normal_intervals import normal_interval
from taceflow.survival.regression.cox import fit_cox

PATIENTS_PER_GROUP = 10
MOST_GROUPS = 5


def calibration_slope(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> Estimate:
    """Return the coefficient of the predicted log hazard in a Cox model of the cohort itself.

    It is 1 if predicted risks are neither too far apart nor too close.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    risk : ndarray, shape (n,)
        Predicted log hazard, up to a constant.

    Returns
    -------
    Estimate
        With the 95% Wald interval.

    Raises
    ------
    CohortTooSmallError, CollinearityError, SeparationError, ConvergenceError
        If there is no estimate.
    """
    fit = fit_cox(time, event, risk[:, None], ["predicted risk"])
    estimate = float(fit.coefficients[0])
    return Estimate(estimate, *normal_interval(estimate, float(fit.standard_errors[0])))


def calibration_groups(
    time: np.ndarray, event: np.ndarray, predicted: np.ndarray, horizon_months: float
) -> pd.DataFrame:
    """Return mean predicted and Kaplan-Meier survival at a horizon in groups of rising prediction.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    predicted : ndarray, shape (n,)
        Predicted survival at the horizon.

    Returns
    -------
    DataFrame
        ``group`` (1 = lowest predicted survival), ``n``, ``predicted``, ``observed``, ``lower``
        and ``upper`` (95%, log-log), ``note``; observed is NaN where a group is not followed to
        the horizon.
    """
    count = int(np.clip(len(time) // PATIENTS_PER_GROUP, 1, MOST_GROUPS))
    # Equal predictions must share a group, so groups follow values, not ranks.
    edges = np.unique(np.quantile(predicted, np.arange(1, count) / count))
    group = np.searchsorted(edges, predicted, side="left")
    rows = []
    for number, members in enumerate(np.unique(group), start=1):
        inside = group == members
        observed, lower, upper = observed_survival(time[inside], event[inside], horizon_months)
        rows.append(
            {
                "group": number,
                "n": int(inside.sum()),
                "predicted": float(predicted[inside].mean()),
                "observed": observed,
                "lower": lower,
                "upper": upper,
                "note": "" if np.isfinite(observed) else "follow-up ends before the horizon",
            }
        )
    return pd.DataFrame(rows)


def observed_survival(
    time: np.ndarray, event: np.ndarray, horizon_months: float
) -> tuple[float, float, float]:
    """Return Kaplan-Meier survival at a horizon with its 95% log-log limits.

    NaN where follow-up ends before; no limits where everybody lives, or nobody.
    """
    died = np.asarray(event).astype(bool)
    times, survival, limits = kaplan_meier_estimator(died, time, conf_type="log-log")
    # With the last patient dead the curve is 0 and stays so; otherwise it ends with follow-up.
    if time.max() < horizon_months and survival[-1] > 0:
        return np.nan, np.nan, np.nan
    position = np.searchsorted(times, horizon_months, side="right") - 1
    alive = float(survival[position]) if position >= 0 else 1.0
    if alive in (0.0, 1.0):
        return alive, np.nan, np.nan
    return alive, float(limits[0, position]), float(limits[1, position])
