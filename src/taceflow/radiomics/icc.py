"""Intraclass correlation of many features at once, with intervals.

Sources: Shrout & Fleiss 1979, Psychol Bull 86:420; McGraw & Wong 1996, Psychol Methods 1:30.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

MINIMUM_REPEATS = 3
"""Fewer patients with a repeat count as none: an ICC of two patients says nothing."""

TAIL = 1 - (1 - 0.95) / 2
"""Up to where the distribution goes that bounds an interval of 95%."""

Icc = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Estimate, lower and upper bound of its 95% interval, each of shape (n_features,)."""


def icc_agreement(readings: np.ndarray) -> Icc:
    """Return ICC(2,1), two-way random, absolute agreement, single measurement, with its interval.

    Shrout & Fleiss 1979; interval after McGraw & Wong 1996 (ICC(A,1)), as R's psych and irr
    compute it. For readings that are told apart, as those of two readers.

    Parameters
    ----------
    readings : ndarray, shape (n_patients, n_readings, n_features)
        Measurements without gaps.

    Returns
    -------
    icc, lower, upper : ndarray, shape (n_features,)
        NaN where a feature does not vary at all; 1 with an interval of no width where all
        readings are identical.

    Raises
    ------
    ValueError
        With fewer than two patients or two readings.
    """
    values, n, k = _centred(readings)
    ms_rows = k * np.square(values.mean(axis=1)).sum(axis=0) / (n - 1)
    ms_columns = n * np.square(values.mean(axis=0)).sum(axis=0) / (k - 1)
    residual = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True)
    ms_error = np.square(residual).sum(axis=(0, 1)) / ((n - 1) * (k - 1))

    with np.errstate(divide="ignore", invalid="ignore"):
        icc = (ms_rows - ms_error) / (
            ms_rows + (k - 1) * ms_error + k * (ms_columns - ms_error) / n
        )
        spread = n * (1 + (k - 1) * icc) - k * icc
        freedom = (
            (k - 1)
            * (n - 1)
            * (k * icc * ms_columns + spread * ms_error) ** 2
            / ((n - 1) * (k * icc * ms_columns) ** 2 + (spread * ms_error) ** 2)
        )
        f_upper = stats.f.ppf(TAIL, n - 1, freedom)
        f_lower = stats.f.ppf(TAIL, freedom, n - 1)
        others = k * ms_columns + (k * n - k - n) * ms_error
        lower = n * (ms_rows - f_upper * ms_error) / (f_upper * others + n * ms_rows)
        upper = n * (f_lower * ms_rows - ms_error) / (others + n * f_lower * ms_rows)
    identical = np.maximum(ms_error, ms_columns) <= 1e-24 * ms_rows
    return _settled((icc, lower, upper), readings, identical)


def icc_one_way(readings: np.ndarray) -> Icc:
    """Return ICC(1,1), one-way random, single measurement, with its interval.

    Shapes and errors as for `icc_agreement`. Shrout & Fleiss 1979. For readings that are
    exchangeable, as random perturbations of one mask (Zwanenburg et al. 2019, Sci Rep 9:614,
    measure robustness by it).
    """
    values, n, k = _centred(readings)
    means = values.mean(axis=1, keepdims=True)
    ms_rows = k * np.square(means).sum(axis=(0, 1)) / (n - 1)
    ms_within = np.square(values - means).sum(axis=(0, 1)) / (n * (k - 1))
    f_lower = 1 / stats.f.ppf(TAIL, n - 1, n * (k - 1))
    f_upper = stats.f.ppf(TAIL, n * (k - 1), n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = ms_rows / ms_within
        found = tuple(
            (ratio * factor - 1) / (ratio * factor + k - 1) for factor in (1, f_lower, f_upper)
        )
    return _settled(found, readings, ms_within <= 1e-24 * ms_rows)


def icc_of_complete(
    readings: np.ndarray, estimator: Callable[[np.ndarray], Icc]
) -> tuple[Icc, np.ndarray]:
    """Return each feature's ICC over the patients in whom all its readings are finite.

    Parameters
    ----------
    readings : ndarray, shape (n_patients, n_readings, n_features)
        Measurements, possibly with gaps.
    estimator : callable
        `icc_agreement` or `icc_one_way`.

    Returns
    -------
    icc : tuple of ndarray, each of shape (n_features,)
        Estimate and interval; NaN with fewer than `MINIMUM_REPEATS` patients.
    n : ndarray, shape (n_features,)
        Patients that count.
    """
    complete = np.isfinite(readings).all(axis=1)
    found = np.full((3, readings.shape[2]), np.nan)
    patterns, which = np.unique(complete, axis=1, return_inverse=True)
    for number, rows in enumerate(patterns.T):
        columns = which.ravel() == number
        if rows.sum() >= MINIMUM_REPEATS:
            found[:, columns] = estimator(readings[rows][:, :, columns])
    return tuple(found), complete.sum(axis=0)


def _centred(readings: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Take off a common shift, lest a large mean eat the digits of the squares, and the unit."""
    n, k, _ = readings.shape
    if n < 2 or k < 2:
        raise ValueError(f"an ICC needs two patients and two readings, not {n} and {k}")
    values = readings - readings.mean(axis=(0, 1))
    # An ICC has no unit, and the fourth powers of 1e-90 would be 0.
    largest = np.abs(values).max(axis=(0, 1))
    return values / np.where(largest > 0, largest, 1.0), n, k


def _settled(found: Icc, readings: np.ndarray, identical: np.ndarray) -> Icc:
    """Return 1 for identical readings, and nothing where there is nothing but rounding.

    Nor is there more than 1: the last digit of a bound beside a value of 1e6 may say so.
    """
    flat = np.ptp(readings, axis=(0, 1)) <= 1e-10 * np.abs(readings).max(axis=(0, 1))
    return tuple(
        np.where(flat, np.nan, np.where(identical, 1.0, np.minimum(value, 1.0))) for value in found
    )
