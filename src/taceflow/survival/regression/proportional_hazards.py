"""Whether hazards are proportional: the score test of Grambsch and Therneau, as R's cox.zph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, special

from taceflow.survival.minimum_counts import of_survival, shortfall
from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.design import Term, encode
from taceflow.survival.regression.partial_likelihood import PartialLikelihood

GLOBAL = "GLOBAL"


@dataclass(frozen=True)
class HazardTest:
    """A test of proportional hazards.

    Attributes
    ----------
    statistic : float
        Chi-square.
    freedom : int
        Degrees of freedom.
    p : float
        P value.
    """

    statistic: float
    freedom: int
    p: float


def proportional_hazards(
    fit: CoxFit,
    time: np.ndarray,
    event: np.ndarray,
    design: np.ndarray,
    terms: Mapping[str, Sequence[str]],
) -> dict[str, HazardTest]:
    """Test each variable, and all together, for an effect that changes with time.

    The score test of adding the products of the covariates with g(t) to the model, as R's
    ``cox.zph(transform = "km", terms = TRUE)`` since survival 3.0 (Grambsch & Therneau 1994,
    Biometrika 81:515): g is 1 minus the Kaplan-Meier estimate just before each death, centred
    over the deaths; score and information of the products are sums over the deaths of g times
    Schoenfeld's residual and of g and g squared times the covariates' variance at risk.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died: those that it was fitted on.
    design : ndarray, shape (n, p)
        Their covariates.
    terms : mapping of str to sequence of str
        Names of the design's columns, by variable.

    Returns
    -------
    dict of str to HazardTest
        By variable, and `GLOBAL`. P is NaN where the information is singular: too few deaths.
    """
    time = np.asarray(time, dtype=float)
    event = np.asarray(event).astype(bool)
    design = np.asarray(design, dtype=float)
    scale = design.std(axis=0)
    problem = PartialLikelihood(time, event, (design - fit.centre) / scale)
    times, residuals, variances = problem.by_death(fit.coefficients * scale)
    g = 1 - _kaplan_meier_before(time, event, times)
    g = g - g.mean()
    score = g @ residuals
    plain = variances.sum(axis=0)
    crossed = np.tensordot(g, variances, axes=1)
    squared = np.tensordot(g**2, variances, axes=1)
    position = {name: place for place, name in enumerate(fit.names)}
    found = {}
    for name, columns in {**terms, GLOBAL: list(fit.names)}.items():
        tested = [position[column] for column in columns]
        # What the products can say beyond the covariates themselves
        rest = squared[np.ix_(tested, tested)]
        rest = rest - crossed[tested] @ linalg.pinvh(plain) @ crossed[:, tested]
        found[name] = _chi_square(score[tested], rest)
    return found


def hazards_p(
    tables: Sequence[pd.DataFrame], fits: Sequence[CoxFit], terms: Sequence[Term]
) -> dict[str, float]:
    """Return the p of the test by column of the table, and as `GLOBAL` that of all together.

    Parameters
    ----------
    tables : sequence of DataFrame
        One without gaps, or several imputed ones: the result is their median p (Eekhout, van de
        Wiel & Heymans 2017, BMC Med Res Methodol 17:129).
    fits : sequence of CoxFit
        The model of each table.
    terms : sequence of Term
        What is in it.

    Returns
    -------
    dict of str to float
        Empty without a fit; NaN with too few deaths, see `minimum_counts`.
    """
    columns = {term.column: term.design_columns for term in terms}
    outcomes = [[table[name].to_numpy() for name in ("time_months", "event")] for table in tables]
    if any(shortfall(of_survival(*outcome)) for outcome in outcomes):
        return dict.fromkeys([*columns, GLOBAL], float("nan"))
    found = [
        proportional_hazards(
            fit,
            table["time_months"].to_numpy(float),
            table["event"].to_numpy(int),
            encode(table, terms).to_numpy(),
            columns,
        )
        for table, fit in zip(tables, fits, strict=True)
    ]
    names = found[0] if found else ()
    return {name: float(np.median([test[name].p for test in found])) for name in names}


def _chi_square(score: np.ndarray, information: np.ndarray) -> HazardTest:
    freedom = len(score)
    try:
        statistic = float(score @ linalg.cho_solve(linalg.cho_factor(information), score))
    except linalg.LinAlgError:
        return HazardTest(float("nan"), freedom, float("nan"))
    return HazardTest(statistic, freedom, float(special.chdtrc(freedom, max(statistic, 0.0))))


def _kaplan_meier_before(time: np.ndarray, event: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the Kaplan-Meier estimate just before each of some times of death."""
    known = np.unique(times)
    at_risk = len(time) - np.searchsorted(np.sort(time), known, side="left")
    deaths = np.array([np.count_nonzero(event & (time == t)) for t in known])
    after = np.cumprod(1 - deaths / at_risk)
    return np.concatenate([[1.0], after[:-1]])[np.searchsorted(known, times)]
