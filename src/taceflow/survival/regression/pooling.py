"""Cox models of several imputed tables, pooled by Rubin's rules."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.wald import Estimates


@dataclass(frozen=True, kw_only=True)
class PooledFit(Estimates):
    """Several fits of one model as one: coefficients are their means.

    A column is ``unbounded`` if it is in one of the tables.

    Attributes
    ----------
    within, between : ndarray, shape (p, p)
        Mean covariance, and covariance of the coefficients between the tables.
    imputations : int
        Number of tables.
    """

    within: np.ndarray
    between: np.ndarray
    imputations: int

    @property
    def covariance(self) -> np.ndarray:
        """Total covariance of the coefficients, shape (p, p)."""
        return self.within + (1 + 1 / self.imputations) * self.between

    @property
    def degrees_of_freedom(self) -> np.ndarray:
        """Barnard and Rubin's (1999, Biometrika 86:948), shape (p,).

        The complete data have deaths less coefficients, as R's mice takes them for coxph.
        """
        complete = self._complete_degrees_of_freedom
        total = self.standard_errors**2
        share = (1 + 1 / self.imputations) * np.diag(self.between) / total
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        with np.errstate(divide="ignore"):
            inverse = share**2 / (self.imputations - 1) + 1 / observed
        return 1 / inverse

    @property
    def _complete_degrees_of_freedom(self) -> int:
        return max(self.events - len(self.names), 1)

    def joint_p(self, columns: Sequence[str]) -> float:
        """Return the p of several columns together: D1, as R's mice.

        The statistic is Li, Raghunathan and Rubin's (1991, JASA 86:1065); its degrees of freedom
        are Reiter's (2007, Biometrika 94:502), which few deaths bound as they do those of one
        column: the older ones can exceed the number of patients.

        Parameters
        ----------
        columns : sequence of str
            Names of the columns.
        """
        places = [self.names.index(one) for one in columns if one not in self.unbounded]
        if not places:
            return float("nan")
        k, m = len(places), self.imputations
        estimate = self.coefficients[places]
        inverse = np.linalg.inv(self.within[np.ix_(places, places)])
        between = self.between[np.ix_(places, places)]
        increase = (1 + 1 / m) * float(np.trace(between @ inverse)) / k
        statistic = float(estimate @ inverse @ estimate) / (k * (1 + increase))
        if increase == 0:
            return float(special.chdtrc(k, k * statistic))
        freedom = _reiters_freedom(k * (m - 1), increase, self._complete_degrees_of_freedom)
        return float(special.fdtrc(k, freedom, statistic))

    def _lower_tail(self, deviation: np.ndarray) -> np.ndarray:
        return special.stdtr(self.degrees_of_freedom, deviation)

    def _quantile(self, probability: float) -> np.ndarray:
        return special.stdtrit(self.degrees_of_freedom, probability)


def _reiters_freedom(between: int, increase: float, complete: int) -> float:
    """Return the denominator's degrees of freedom of D1.

    At least 4, where the approximation ends: with too few deaths or tables for it. `between` is
    columns times (tables less one), `increase` the relative one of variance by the gaps,
    `complete` the degrees of freedom without gaps.
    """
    if between <= 4:
        return 4.0
    a = increase * between / (between - 2)
    observed = complete * (complete + 1) / (complete + 3)
    c0, c1, c2 = 1 / (between - 4), observed - 2 * (1 + a), observed - 4 * (1 + a)
    if c2 <= 0:
        return 4.0
    inverse = 1 / c2 + c0 * (
        a**2 * c1 / ((1 + a) ** 2 * c2)
        + 8 * a**2 * c1 / ((1 + a) * c2**2)
        + 4 * a**2 / ((1 + a) * c2)
        + 4 * a**2 / (c2 * c1)
        + 16 * a**2 * c1 / c2**3
        + 8 * a**2 / c2**2
    )
    return 4 + 1 / inverse


def pool(fits: Sequence[CoxFit]) -> PooledFit:
    """Pool fits of one model to several imputed tables of the same patients.

    Parameters
    ----------
    fits : sequence of CoxFit
        Two or more.
    """
    estimates = np.array([fit.coefficients for fit in fits])
    return PooledFit(
        names=fits[0].names,
        coefficients=estimates.mean(axis=0),
        within=np.mean([fit.covariance for fit in fits], axis=0),
        between=np.atleast_2d(np.cov(estimates, rowvar=False)),
        imputations=len(fits),
        n=fits[0].n,
        events=fits[0].events,
        unbounded=tuple(dict.fromkeys(name for fit in fits for name in fit.unbounded)),
    )
