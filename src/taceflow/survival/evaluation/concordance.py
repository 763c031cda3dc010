"""Harrell's C with its standard error, and the comparison of two scores on the same patients."""

from dataclasses import dataclass

import numpy as np

from taceflow.survival.evaluation.normal_intervals import Difference, normal_interval, z_test

_BLOCK = 1000


@dataclass(frozen=True)
class Concordance:
    """Harrell's C.

    Attributes
    ----------
    estimate, standard_error : float
        NaN without a comparable pair.
    influence : ndarray, shape (n,)
        What each patient adds to the estimate; its squares sum to the variance.
    """

    estimate: float
    standard_error: float
    influence: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        """The normal interval, cut at 0 and 1."""
        return normal_interval(self.estimate, self.standard_error, 0, 1)


def concordance(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> Concordance:
    """Return Harrell's C with the infinitesimal-jackknife standard error of survival::concordance.

    A pair is comparable if the earlier of two times is a death; a death and a censoring at one
    time count as death first, two deaths at one time not at all. Equal risks count one half.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up; 1 = died.
    risk : ndarray, shape (n,)
        Higher = worse.
    """
    time = np.asarray(time, dtype=float)
    event = np.asarray(event).astype(bool)
    risk = np.asarray(risk, dtype=float)
    n = len(time)
    pairs, agreeing = np.zeros(n), np.zeros(n)
    # In blocks: a cohort of 10,000 would need gigabytes for all pairs at once.
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        later = (time[rows, None] < time) | ((time[rows, None] == time) & ~event)
        comparable = event[rows, None] & later
        agrees = comparable * ((risk[rows, None] > risk) + 0.5 * (risk[rows, None] == risk))
        pairs[rows] += comparable.sum(axis=1)
        agreeing[rows] += agrees.sum(axis=1)
        pairs += comparable.sum(axis=0)
        agreeing += agrees.sum(axis=0)
    total = pairs.sum() / 2
    if total == 0:
        return Concordance(float("nan"), float("nan"), np.full(n, np.nan))
    estimate = agreeing.sum() / 2 / total
    influence = (agreeing - estimate * pairs) / total
    return Concordance(float(estimate), float(np.sqrt(np.sum(influence**2))), influence)


def compare(first: Concordance, second: Concordance) -> Difference:
    """Compare two C, of the same patients in the same order, by their joint influence."""
    estimate = first.estimate - second.estimate
    error = float(np.sqrt(np.sum((first.influence - second.influence) ** 2)))
    return z_test(estimate, error)
