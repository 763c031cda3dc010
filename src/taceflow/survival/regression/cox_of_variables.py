"""Cox's model of variables: on the complete cases of a table, or on imputed tables."""

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
from taceflow.survival.regression.empty_levels import empty_levels, fit_beside_empty

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
