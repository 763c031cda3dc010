"""Cox models of several imputed tables, pooled by Rubin's rules."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.inference import Estimates


@dataclass(frozen=True)
class PooledFit(Estimates):
    """Several fits of one model as one.

    Attributes
    ----------
    names : tuple of str
        Columns of the design.
    coefficients : ndarray, shape (p,)
        Mean log hazard ratios.
    within, between : ndarray, shape (p, p)
        Mean covariance, and covariance of the coefficients between the tables.
    imputations : int
        Number of tables.
    n, events : int
        Patients and deaths of each.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    within: np.ndarray
    between: np.ndarray
    imputations: int
    n: int
    events: int

    @property
    def covariance(self) -> np.ndarray:
        """Total covariance of the coefficients, shape (p, p)."""
        return self.within + (1 + 1 / self.imputations) * self.between

    @property
    def degrees_of_freedom(self) -> np.ndarray:
        """Barnard and Rubin's (1999, Biometrika 86:948), shape (p,).

        The complete data have deaths less coefficients, as R's mice takes them for coxph.
        """
        complete = max(self.events - len(self.names), 1)
        total = self.standard_errors**2
        share = (1 + 1 / self.imputations) * np.diag(self.between) / total
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        with np.errstate(divide="ignore"):
            inverse = share**2 / (self.imputations - 1) + 1 / observed
        return 1 / inverse

    def joint_p(self, columns: Sequence[str]) -> float:
        """Return the p of several columns together: D1 of Li, Raghunathan and Rubin (1991).

        Parameters
        ----------
        columns : sequence of str
            Names of the columns.

        Returns
        -------
        float
        """
        places = [self.names.index(column) for column in columns]
        k, m = len(places), self.imputations
        estimate = self.coefficients[places]
        inverse = np.linalg.inv(self.within[np.ix_(places, places)])
        between = self.between[np.ix_(places, places)]
        increase = (1 + 1 / m) * float(np.trace(between @ inverse)) / k
        statistic = float(estimate @ inverse @ estimate) / (k * (1 + increase))
        if increase == 0:
            return float(special.chdtrc(k, k * statistic))
        t = k * (m - 1)
        if t > 4:
            freedom = 4 + (t - 4) * (1 + (1 - 2 / t) / increase) ** 2
        else:
            freedom = t * (1 + 1 / k) * (1 + 1 / increase) ** 2 / 2
        return float(special.fdtrc(k, freedom, statistic))

    def _lower_tail(self, deviation: np.ndarray) -> np.ndarray:
        return special.stdtr(self.degrees_of_freedom, deviation)

    def _quantile(self, probability: float) -> np.ndarray:
        return special.stdtrit(self.degrees_of_freedom, probability)


def pool(fits: Sequence[CoxFit]) -> PooledFit:
    """Pool fits of one model to several imputed tables of the same patients.

    Parameters
    ----------
    fits : sequence of CoxFit
        Two or more.

    Returns
    -------
    PooledFit
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
    )
