"""One model on one table, or on several imputed ones: what screening and selection share."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from taceflow.errors import (
    CohortTooSmallError,
    CollinearityError,
    ConvergenceError,
    SeparationError,
)
from taceflow.survival.regression.cox import CoxFit, fit_cox
from taceflow.survival.regression.design import Term, complete_cases, encode
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


def fit_terms(complete: pd.DataFrame, terms: Sequence[Term]) -> CoxFit:
    """Fit Cox's model of some terms to a table without gaps in them."""
    design = encode(complete, terms)
    return fit_cox(
        complete["time_months"].to_numpy(float),
        complete["event"].to_numpy(int),
        design.to_numpy(),
        list(design.columns),
    )


def part_fitter(complete: pd.DataFrame, terms: Sequence[Term]) -> Callable[[list[Term]], CoxFit]:
    """Return a function that fits Cox's model of some of the terms to a table without gaps.

    As `fit_terms`, but the table is encoded once: a selection fits hundreds of models.
    """
    design = encode(complete, terms)
    columns = {name: column.to_numpy() for name, column in design.items()}
    time, event = complete["time_months"].to_numpy(float), complete["event"].to_numpy(int)

    def fit(part: list[Term]) -> CoxFit:
        names = [name for term in part for name in term.design_columns]
        values = np.array([columns[name] for name in names]).reshape(len(names), len(time))
        return fit_cox(time, event, values.T, names)

    return fit


def term_p(
    fit: Fit | PooledFit,
    terms: Sequence[Term],
    term: Term,
    refit: Callable[[list[Term]], Fit],
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

    Returns
    -------
    float
    """
    columns = term.design_columns
    if len(columns) == 1:
        return float(fit.wald_p[fit.names.index(columns[0])])
    if isinstance(fit, PooledFit):
        return fit.joint_p(columns)
    without = refit([other for other in terms if other != term])
    return likelihood_ratio_p(fit.log_likelihood, without.log_likelihood, len(columns))
