"""95% intervals and paired tests by the normal distribution."""

from typing import NamedTuple

import numpy as np
from scipy import special

from taceflow.survival.regression.wald import UPPER

NO_SPREAD = "no interval: no spread, since all pairs are ordered rightly or all risks are alike"
"""Of an estimate at its limit: the interval from x to x would say that it is certain."""

NO_TEST = "neither interval nor test: both order all pairs alike, or each is at its limit"
"""Of a difference, likewise."""


class Difference(NamedTuple):
    """Difference of two figures of merit of the same patients, first minus second.

    Attributes
    ----------
    estimate, lower, upper, p : float
        Normal interval and two-sided p of the test against zero, NaN of a difference without any
        spread. All NaN where one of the two is.
    """

    estimate: float
    lower: float
    upper: float
    p: float

    @property
    def note(self) -> str:
        """Why there is a difference, and no test."""
        return NO_TEST if np.isfinite(self.estimate) and np.isnan(self.p) else ""


def normal_interval(
    estimate: float, standard_error: float, lowest: float = -np.inf, highest: float = np.inf
) -> tuple[float, float]:
    """Return the interval of a number, cut at the lowest and the highest that it can be."""
    half = special.ndtri(UPPER) * standard_error
    lower, upper = np.clip([estimate - half, estimate + half], lowest, highest).tolist()
    return lower, upper


def z_test(estimate: float, standard_error: float) -> Difference:
    """Return a difference of two shares with its interval, cut at -1 and 1, and its test."""
    if standard_error == 0:
        return Difference(estimate, *3 * (float("nan"),))
    p = 2 * special.ndtr(-abs(estimate) / standard_error)
    return Difference(estimate, *normal_interval(estimate, standard_error, -1, 1), float(p))
