"""What the interval of a predicted survival needs, so coarse that it tells nobody.

Exact means and variances of two models, one of them without a patient, would tell this patient.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from taceflow.survival.minimum_counts import at_horizon, shortfall

FEWEST_DIGITS, MOST_DIGITS = 2, 17
"""Of a variance."""

TOLERANCE = 0.05
"""By how much the variance of any patient's linear predictor may be wrong, as a share of it."""


def told_interval(
    model: Mapping[str, Any], months: Sequence[float], training: pd.DataFrame
) -> dict[str, Any] | None:
    """Return a stored Cox model's ``interval`` at the horizons alone, rounded.

    Parameters
    ----------
    model : mapping
        An entry of ``survival/models.json``.
    months : sequence of float
        Horizons between its first death and the end of its follow-up.
    training : DataFrame
        ``time_months`` and ``event`` of its training patients.

    Returns
    -------
    dict or None
        Variances to two digits, means in steps of a tenth of the spread or finer. No number at a
        horizon with fewer than five deaths before or five patients beyond it, where it would be a
        handful's; None if that is each of them.
    """
    interval, p = model["interval"], len(model["variables"])
    follow_up = training["time_months"].to_numpy(), training["event"].to_numpy()
    is_told = [not shortfall(at_horizon(*follow_up, month)) for month in months]
    if not any(is_told):
        return None
    covariance = np.array(interval["covariance"], dtype=float).reshape(p, p)
    steps = _steps(np.diag(covariance), model["events"])
    places = np.searchsorted(model["baseline"]["times_months"], months, side="right") - 1
    variances: list[float | None] = [None] * len(months)
    means: list[list[float | None]] = [[None] * p for _ in months]
    for k in np.flatnonzero(is_told):
        variances[k] = float(f"{interval['relative_variance'][places[k]]:.{FEWEST_DIGITS}g}")
        exact = interval["mean_at_risk"][places[k]]
        means[k] = [_in_steps(value, step) for value, step in zip(exact, steps, strict=True)]
    return {
        "covariance": rounded_covariance(covariance),
        "relative_variance": variances,
        "mean_at_risk": means,
    }


def rounded_covariance(covariance: np.ndarray) -> list[list[float | None]]:
    """Return a covariance (p, p) to two digits, or as many more as keep all variances right.

    Where covariates go together closely, two digits of each number could make the variance of a
    sum negative. Columns whose variance is not known (NaN) are None.

    Examples
    --------
    >>> rounded_covariance(np.array([[50.25, -49.75], [-49.75, 50.25]]))
    [[50.25, -49.75], [-49.75, 50.25]]
    """
    known = ~np.isnan(np.diag(covariance))
    exact = covariance[np.ix_(known, known)]
    scale = np.outer(*2 * [np.sqrt(np.diag(exact))])
    written: list[list[float | None]] = []
    for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1):
        written = [
            [None if np.isnan(value) else float(f"{value:.{digits}g}") for value in row]
            for row in covariance
        ]
        told = np.array(written, dtype=float).reshape(covariance.shape)[np.ix_(known, known)]
        # the variances of sums, where the exact ones are 1
        ratios = linalg.eigh(told / scale, exact / scale, eigvals_only=True) if known.any() else 1.0
        if np.abs(ratios - 1).max(initial=0.0) <= TOLERANCE:
            break
    return written


def _steps(variances: np.ndarray, events: int) -> np.ndarray:
    """Return 1, 2 or 5 times a power of ten each, at most a tenth of a covariate's spread.

    The spread is what the other covariates leave of it, by the variance of its coefficient.
    """
    tenth = np.nan_to_num(0.1 / np.sqrt(variances * events), nan=1.0)
    power = 10.0 ** np.floor(np.log10(tenth))
    times = np.array([1.0, 2.0, 5.0])
    return power * times[np.searchsorted(times[1:], tenth / power, side="right")]


def _in_steps(value: float, step: float) -> float:
    # no 63.300000000000004
    return float(f"{round(value / step) * step:.12g}")
