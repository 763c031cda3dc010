"""P of a variable in a model, and why a ratio has neither interval nor p."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import special

from taceflow.survival.minimum_counts import shortfall
from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.design import Term, encode
from taceflow.survival.regression.logistic import LogisticFit
from taceflow.survival.regression.pooling import PooledFit


def too_few(
    complete: pd.DataFrame, terms: Sequence[Term], outcome: Mapping[str, int]
) -> dict[str, str]:
    """Say of which ratios there are too few patients for an interval and a test.

    Parameters
    ----------
    complete : DataFrame
        A table without gaps, as it was fitted.
    terms : sequence of Term
        Of the model.
    outcome : mapping of str to int
        Kinds of the outcome, see `minimum_counts`.

    Returns
    -------
    dict of str to str
        Column of the design, and why: the kinds of the outcome, or too few in the
        smaller of two groups (a level and the reference), or off the commonest value of a number.
    """
    of_outcome = shortfall(outcome)
    found = {}
    for term in terms:
        design = encode(complete, [term])
        reference = (design == 0).all(axis=1) if term.reference is not None else True
        for column, values in design.items():
            counts = np.unique(values[(values != 0) | reference], return_counts=True)[1]
            off = int(counts.sum() - counts.max(initial=0))
            kind = "in the smaller group" if len(counts) == 2 else "off the commonest value"
            reason = of_outcome or shortfall({f"patient {kind}": off})
            if reason:
                found[str(column)] = reason
    return found


def term_p(
    fit: CoxFit | LogisticFit | PooledFit,
    terms: Sequence[Term],
    term: Term,
    refit: Callable[[list[Term]], CoxFit | LogisticFit],
    few: Mapping[str, str],
) -> float:
    """Return Wald's p of a single column, or of leaving a factor out of the model.

    Parameters
    ----------
    terms : sequence of Term
        All that are in it.
    term : Term
        One of them.
    refit : callable
        From terms to their model of the same patients, for the likelihood-ratio test of a
        factor; a pooled fit has a pooled Wald test instead.
    few : mapping of str to str
        From `too_few`.

    Returns
    -------
    float
        NaN if there are too few patients of all its columns.
    """
    columns = term.design_columns
    if all(column in few for column in columns):
        return float("nan")
    if len(columns) == 1:
        return float(fit.wald_p[fit.names.index(columns[0])])
    if isinstance(fit, PooledFit):
        return fit.joint_p(columns)
    without = refit([other for other in terms if other != term])
    return likelihood_ratio_p(fit.log_likelihood, without.log_likelihood, len(columns))


def likelihood_ratio_p(log_likelihood: float, without: float, columns: int) -> float:
    """Return the p of the likelihood-ratio test of some columns of a model.

    `without` is the log likelihood of the model without them, on the same patients.
    """
    return float(special.chdtrc(columns, max(2 * (log_likelihood - without), 0.0)))
