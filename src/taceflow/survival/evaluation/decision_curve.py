"""Decision curves: what acting on a prediction is worth (Vickers & Elkin 2006)."""

import numpy as np

from taceflow.survival.evaluation.calibration import observed_survival

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
    thresholds : ndarray, shape (m,)
        Risks in (0, 1).

    Returns
    -------
    ndarray, shape (m,)
        0 where nobody is treated; NaN where those treated are not followed to the horizon.
    """
    benefit = np.zeros(len(thresholds))
    # The treated change only where a threshold passes a patient: most thresholds share a curve.
    known: dict[int, float] = {}
    for position, threshold in enumerate(thresholds):
        treated = probability >= threshold
        size = int(treated.sum())
        if size == 0:
            continue
        if size not in known:
            known[size] = 1.0 - observed_survival(time[treated], event[treated], horizon_months)[0]
        rate, share = known[size], size / len(time)
        odds = threshold / (1 - threshold)
        benefit[position] = share * (rate - (1 - rate) * odds)
    return benefit
