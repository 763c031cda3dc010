"""Decision curves: what acting on a prediction is worth (Vickers & Elkin 2006)."""

import numpy as np
from sksurv.nonparametric import kaplan_meier_estimator

THRESHOLDS = np.arange(1, 100) / 100
"""Risks of death at which one would act."""


def net_benefit(
    time: np.ndarray,
    event: np.ndarray,
    probability: np.ndarray,
    horizon_months: float,
    thresholds: np.ndarray = THRESHOLDS,
) -> np.ndarray:
    """Return the net benefit of treating all whose risk of death by a horizon reaches a threshold.

    The death rate among those treated is Kaplan-Meier's (Vickers et al. 2008, BMC Med Inform
    Decis Mak 8:53, as R's dcurves).

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    probability : ndarray, shape (n,)
        Predicted risk of death by the horizon; all ones is "treat all".
    horizon_months : float
        The horizon.
    thresholds : ndarray, shape (m,)
        Risks in (0, 1).

    Returns
    -------
    ndarray, shape (m,)
        0 where nobody is treated; NaN where those treated are not followed to the horizon.
    """
    benefit = np.empty(len(thresholds))
    # The treated change only where a threshold passes a patient: most thresholds share a curve.
    known: dict[int, float] = {}
    for position, threshold in enumerate(thresholds):
        treated = probability >= threshold
        size = int(treated.sum())
        if size not in known:
            known[size] = _death_rate(time[treated], event[treated], horizon_months)
        rate, share = known[size], size / len(time)
        odds = threshold / (1 - threshold)
        benefit[position] = 0.0 if size == 0 else share * (rate - (1 - rate) * odds)
    return benefit


def net_benefit_binary(
    outcome: np.ndarray, probability: np.ndarray, thresholds: np.ndarray = THRESHOLDS
) -> np.ndarray:
    """Return the net benefit for an outcome that is known for everybody.

    Parameters
    ----------
    outcome : ndarray of {0, 1}, shape (n,)
        What happened.
    probability : ndarray, shape (n,)
        Predicted risk.
    thresholds : ndarray, shape (m,)
        Risks in (0, 1).

    Returns
    -------
    ndarray, shape (m,)
    """
    treated = probability[:, None] >= thresholds
    happened = np.asarray(outcome).astype(bool)[:, None]
    true, false = (treated & happened).mean(axis=0), (treated & ~happened).mean(axis=0)
    return true - false * thresholds / (1 - thresholds)


def _death_rate(time: np.ndarray, event: np.ndarray, horizon_months: float) -> float:
    if len(time) == 0:
        return 0.0
    died = np.asarray(event).astype(bool)
    times, survival = kaplan_meier_estimator(died, time)
    # With the last patient dead the curve is 0 and stays so; otherwise it ends with follow-up.
    if time.max() < horizon_months and survival[-1] > 0:
        return float("nan")
    position = np.searchsorted(times, horizon_months, side="right") - 1
    return 1.0 - float(survival[position]) if position >= 0 else 0.0
