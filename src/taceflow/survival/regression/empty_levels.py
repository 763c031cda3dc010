"""Levels of a factor in which nobody died: their ratio is 0, that of the others is as it is.

R's coxph and glm let such a coefficient run until the likelihood stands still, at some -20 with a
standard error of thousands. In that limit the level's patients weigh nothing in a risk set, and
add nothing to a logistic likelihood: the others are fitted without them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.design import Term
from taceflow.survival.regression.logistic import LogisticFit

FAR = 20.0
"""Log ratio that stands for an infinite one: where R's iteration ends, and beyond any other."""

Fit = TypeVar("Fit", CoxFit, LogisticFit)


def empty_levels(
    design: pd.DataFrame, terms: Sequence[Term], died: np.ndarray, *, both: bool = False
) -> dict[str, float]:
    """Return the columns of levels whose coefficient runs to infinity, and what stands for it.

    Parameters
    ----------
    design : DataFrame, shape (n, p)
        Encoded terms, without gaps.
    terms : sequence of Term
        Those with several levels beside their reference are looked at. If all of them are such
        levels, or the reference is one, the fit finds that the factor separates.
    died : ndarray of {0, 1}, shape (n,)
        The outcome.
    both : bool
        Whether a level without survivors is one too: in a logistic regression.

    Returns
    -------
    dict of str to float
        -`FAR` without deaths, `FAR` without survivors.
    """
    died = np.asarray(died).astype(bool)
    found: dict[str, float] = {}
    for term in terms:
        if len(term.levels) < 2:
            continue
        infinite = {}
        for name in term.design_columns:
            outcomes = died[design[name].to_numpy() == 1]
            if len(outcomes) and not outcomes.any():
                infinite[name] = -FAR
            elif both and len(outcomes) and outcomes.all():
                infinite[name] = FAR
        if len(infinite) < len(term.levels):
            found |= infinite
    return found


def fit_beside_empty(
    design: pd.DataFrame,
    empty: dict[str, float],
    fit: Callable[[np.ndarray, list[str]], Fit],
) -> Fit:
    """Fit a model with levels whose coefficients are infinite.

    Parameters
    ----------
    design, empty
        As for `empty_levels`, and from it.
    fit : callable
        From rows (bool) and columns to their model.

    Returns
    -------
    CoxFit or LogisticFit
        Of all rows and columns; ``unbounded`` names those of `empty`, whose variance is infinite.
    """
    names = [str(name) for name in design.columns]
    everybody = np.ones(len(design), dtype=bool)
    if not empty:
        return fit(everybody, names)
    bounded = [name for name in names if name not in empty]
    inside = fit((design[list(empty)] == 0).all(axis=1).to_numpy(), bounded)
    whole = fit(everybody, [])
    places = [names.index(name) for name in bounded]
    coefficients = np.array([empty.get(name, 0.0) for name in names])
    coefficients[places] = inside.coefficients
    covariance = np.diag([np.inf if name in empty else 0.0 for name in names])
    covariance[np.ix_(places, places)] = inside.covariance
    changed = {
        "names": tuple(names),
        "coefficients": coefficients,
        "covariance": covariance,
        "log_likelihood_null": whole.log_likelihood,
        "n": whole.n,
        "events": whole.events,
        "unbounded": tuple(empty),
    }
    if isinstance(inside, CoxFit):
        centre = np.zeros(len(names))
        centre[places] = inside.centre
        mean_at_risk = np.zeros((len(inside.times_months), len(names)))
        mean_at_risk[:, places] = inside.mean_at_risk
        changed |= {"centre": centre, "mean_at_risk": mean_at_risk}
        changed |= {"last_follow_up_months": whole.last_follow_up_months}
    return replace(inside, **changed)
