"""Survival between the breaks of a network's intervals."""

from collections.abc import Sequence

import numpy as np


def interpolated_survival(
    curves: np.ndarray, breaks_months: Sequence[float], months: Sequence[float]
) -> np.ndarray:
    """Interpolate survival curves linearly between the breaks.

    From the first inner break on this is what the loss's authors do (``nnet_pred_surv``). Before
    it their code holds the value of the first inner break; here S(0) = 1.
    Beyond the last break the curve stays level.

    Parameters
    ----------
    curves : numpy.ndarray of shape (patients, intervals)
        Survival at the end of each interval.
    breaks_months : sequence of float, intervals + 1 of them
    months : sequence of float
        When.

    Returns
    -------
    numpy.ndarray of shape (patients, months)
    """
    curves = np.column_stack([np.ones(len(curves)), curves])
    found = [np.interp(months, breaks_months, curve) for curve in curves]
    return np.array(found).reshape(len(curves), len(months))
