"""Standard errors, p values and confidence limits after Wald."""

from dataclasses import dataclass

import numpy as np
from scipy import special

UPPER = 0.975
"""Quantile at which a two-sided 95% interval ends."""


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """Coefficients of a model, on the log scale of a ratio.

    A fit that inherits has their ``covariance`` too, shape (p, p).

    Attributes
    ----------
    names : tuple of str
        Columns of the design, without an intercept.
    coefficients : ndarray, shape (p,)
        Log hazard or odds ratios.
    n, events : int
        Patients, and those who died.
    unbounded : tuple of str
        Columns whose coefficient has no finite estimate, see `empty_levels`.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    n: int
    events: int
    unbounded: tuple[str, ...] = ()

    @property
    def standard_errors(self) -> np.ndarray:
        """Standard error of each coefficient, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def wald_p(self) -> np.ndarray:
        """Two-sided Wald p of each coefficient, shape (p,)."""
        return 2 * self._lower_tail(-np.abs(self.coefficients / self.standard_errors))

    @property
    def ratios(self) -> np.ndarray:
        """Hazard or odds ratio, lower and upper 95% Wald limit of each column, shape (p, 3)."""
        reach = self._quantile(UPPER) * self.standard_errors
        centre = self.coefficients
        with np.errstate(over="ignore"):
            return np.exp(np.stack([centre, centre - reach, centre + reach], axis=1))

    def _lower_tail(self, deviation: np.ndarray) -> np.ndarray:
        """Probability of less than each of some standardised coefficients, shape (p,)."""
        return special.ndtr(deviation)

    def _quantile(self, probability: float) -> np.ndarray | float:
        return special.ndtri(probability)
