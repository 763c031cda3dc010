"""Survival between the breaks of a network's intervals."""

from collections.abc import Sequence

import numpy as np


def interpolated_survival(
    curves: np.ndarray,
    breaks_months: Sequence[float],
    months: Sequence[float],
    *,
    starts_at_one: bool = True,
) -> np.ndarray:
    """Interpolate survival curves linearly between the breaks.

    From the first inner break on this is what the loss's authors do (``nnet_pred_surv``). Before
    it their code holds the value of the first inner break; here S(0) = 1 unless asked otherwise.
    Beyond the last break the curve stays level.

    Parameters
    ----------
    curves : numpy.ndarray of shape (patients, intervals)
        Survival at the end of each interval.
    breaks_months : sequence of float, intervals + 1 of them
    months : sequence of float
        When.
    starts_at_one : bool
        False gives the authors' values within the first interval.

    Returns
    -------
    numpy.ndarray of shape (patients, months)
    """
    breaks = np.asarray(breaks_months, dtype=float)
    if starts_at_one:
        curves = np.column_stack([np.ones(len(curves)), curves])
    else:
        breaks = breaks[1:]
    times = np.asarray(months, dtype=float)
    found = [np.interp(times, breaks, curve) for curve in curves]
    return np.array(found).reshape(len(curves), len(times))
