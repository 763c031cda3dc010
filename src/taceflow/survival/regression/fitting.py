"""One model on one table, or on several imputed ones: what screening and selection share."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from taceflow.errors import (
    CohortTooSmallError,
    CollinearityError,
    ConvergenceError,
    SeparationError,
)
from taceflow.survival.floor import shortfall
from taceflow.survival.regression.cox import CoxFit, fit_cox
from taceflow.survival.regression.design import Term, complete_cases, encode
from taceflow.survival.regression.empty_levels import empty_levels, fit_beside_empty
from taceflow.survival.regression.inference import likelihood_ratio_p
from taceflow.survival.regression.logistic import LogisticFit
from taceflow.survival.regression.pooling import PooledFit

Fit = CoxFit | LogisticFit

FIT_ERRORS = (SeparationError, CollinearityError, ConvergenceError, CohortTooSmallError)
"""Why a model of these patients may have no estimate."""


def tables_for(
    patients: pd.DataFrame, columns: Sequence[str], imputed: Sequence[pd.DataFrame]
) -> list[pd.DataFrame]:
    """Return the tables that a model is fitted on: one, unless there are gaps to be imputed.

    Parameters
    ----------
    patients : DataFrame
        Training patients.
    columns : sequence of str
        Of the model.
    imputed : sequence of DataFrame
        `patients` with gaps filled, several times.

    Returns
    -------
    list of DataFrame
    """
    complete = complete_cases(patients, columns)
    if not imputed or len(complete) == len(patients):
        return [complete]
    return list(imputed)


def fit_cox_terms(complete: pd.DataFrame, terms: Sequence[Term]) -> CoxFit:
    """Fit Cox's model of some terms to a table without gaps in them."""
    return cox_part_fitter(complete, terms)(list(terms))


def cox_part_fitter(
    complete: pd.DataFrame, terms: Sequence[Term]
) -> Callable[[list[Term]], CoxFit]:
    """Return a function that fits Cox's model of some of the terms to a table without gaps.

    As `fit_cox_terms`, but the table is encoded once: a selection fits hundreds of models.
    """
    design = encode(complete, terms)
    columns = {name: column.to_numpy() for name, column in design.items()}
    time, event = complete["time_months"].to_numpy(float), complete["event"].to_numpy(int)
    empty = empty_levels(design, terms, event)

    def fit(rows: np.ndarray, names: list[str]) -> CoxFit:
        values = np.array([columns[name][rows] for name in names]).reshape(len(names), rows.sum())
        return fit_cox(time[rows], event[rows], values.T, names)

    def fit_part(part: list[Term]) -> CoxFit:
        own = design[[name for term in part for name in term.design_columns]]
        return fit_beside_empty(own, {name: empty[name] for name in own if name in empty}, fit)

    return fit_part


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
        Kinds of the outcome, see `floor`.

    Returns
    -------
    dict of str to str
        Column of the design, and why: the kinds of the outcome, or less than the floor in the
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
    fit: Fit | PooledFit,
    terms: Sequence[Term],
    term: Term,
    refit: Callable[[list[Term]], Fit],
    few: Mapping[str, str],
) -> float:
    """Return Wald's p of a single column, or of leaving a factor out of the model.

    Parameters
    ----------
    fit : CoxFit, LogisticFit or PooledFit
        The model.
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
