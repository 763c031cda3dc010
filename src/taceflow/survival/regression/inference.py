"""What a fit says: standard errors, p and limits after Wald, likelihood-ratio tests."""

import numpy as np
from scipy import special


class Estimates:
    """Coefficients with a covariance, on the log scale of a ratio.

    For fits to inherit from, whose fields are ``coefficients``, shape (p,), and ``covariance``,
    shape (p, p).
    """

    coefficients: np.ndarray
    covariance: np.ndarray

    @property
    def standard_errors(self) -> np.ndarray:
        """Standard error of each coefficient, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def wald_p(self) -> np.ndarray:
        """Two-sided Wald p of each coefficient, shape (p,)."""
        return 2 * self._lower_tail(-np.abs(self.coefficients / self.standard_errors))

    def ratios(self, confidence: float = 0.95) -> np.ndarray:
        """Return hazard or odds ratio, lower and upper Wald limit of each column, shape (p, 3)."""
        reach = self._quantile(0.5 + confidence / 2) * self.standard_errors
        centre = self.coefficients
        with np.errstate(over="ignore"):
            return np.exp(np.stack([centre, centre - reach, centre + reach], axis=1))

    def _lower_tail(self, deviation: np.ndarray) -> np.ndarray:
        """Probability of less than each of some standardised coefficients, shape (p,)."""
        return special.ndtr(deviation)

    def _quantile(self, probability: float) -> np.ndarray | float:
        return special.ndtri(probability)


def likelihood_ratio_p(log_likelihood: float, without: float, columns: int) -> float:
    """Return the p of the likelihood-ratio test of some columns of a model.

    Parameters
    ----------
    log_likelihood, without : float
        Of the model, and of the one without the columns, on the same patients.
    columns : int
        Their number, the degrees of freedom; 0 has a p of 1.

    Returns
    -------
    float
    """
    if columns == 0:
        return 1.0
    return float(special.chdtrc(columns, max(2 * (log_likelihood - without), 0.0)))
