"""Cox models of one variable, and of several with the unusable ones named and left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import pandas as pd

from taceflow.errors import (
    CohortTooSmallError,
    CollinearityError,
    ConvergenceError,
    SeparationError,
)
from taceflow.scores import parts_beside_scores
from taceflow.survival.minimum_counts import FEWEST, of_survival
from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.cox_of_variables import FIT_ERRORS, fit_cox_terms, tables_for
from taceflow.survival.regression.design import (
    Term,
    Variable,
    complete_cases,
    is_available,
    make_term,
)
from taceflow.survival.regression.pooling import PooledFit, pool
from taceflow.survival.regression.variable_p import term_p, too_few

Fitted = TypeVar("Fitted")


@dataclass(frozen=True)
class Screened:
    """A univariate model.

    Attributes
    ----------
    variable : Variable
        The variable.
    term : Term or None
        How it was coded; None if it could not be.
    fit : CoxFit, PooledFit or None
        None if there is no estimate.
    p : float
        Wald p of a single column, likelihood-ratio p of a factor with several (Wald's if pooled);
        NaN without a fit, or of too few patients.
    n, events : int
        Patients and deaths among them.
    note : str
        Why there is no estimate.
    few : dict of str to str
        Columns of too few patients for an interval and a test, see `variable_p.too_few`.
    tables, fits : tuple of DataFrame, tuple of CoxFit
        What was fitted to what: several that are pooled in `fit` if tables are imputed.
    """

    variable: Variable
    term: Term | None
    fit: CoxFit | PooledFit | None
    p: float
    n: int
    events: int
    note: str
    few: dict[str, str] = field(default_factory=dict)
    tables: tuple[pd.DataFrame, ...] = ()
    fits: tuple[CoxFit, ...] = ()


@dataclass(frozen=True)
class Joint:
    """A multivariate model.

    Attributes
    ----------
    variables : tuple of Variable
        Those that are in it.
    terms : tuple of Term
        Their coding.
    fit : CoxFit, PooledFit or None
        None if nothing could be fitted.
    p : dict of str to float
        By column of the table: Wald p of a single column, likelihood-ratio p of a factor (Wald's
        if pooled).
    dropped : dict of str to str
        Column of each variable left out, and why.
    few, tables, fits : dict of str to str, tuple of DataFrame, tuple of CoxFit
        As of `Screened`.
    """

    variables: tuple[Variable, ...]
    terms: tuple[Term, ...]
    fit: CoxFit | PooledFit | None
    p: dict[str, float]
    dropped: dict[str, str]
    few: dict[str, str] = field(default_factory=dict)
    tables: tuple[pd.DataFrame, ...] = ()
    fits: tuple[CoxFit, ...] = ()


def screen(
    patients: pd.DataFrame, variables: Sequence[Variable], imputed: Sequence[pd.DataFrame] = ()
) -> list[Screened]:
    """Fit Cox's model to each variable alone.

    Parameters
    ----------
    patients : DataFrame
        Training patients: ``time_months``, ``event`` and the variables' columns.
    imputed : sequence of DataFrame
        `patients` with gaps filled, several times: the fits are pooled. Without any, each
        variable is fitted on its complete cases.

    """
    return [_screen_one(patients, variable, imputed) for variable in variables]


def entering(screened: Sequence[Screened], p_enter: float) -> list[Variable]:
    """Return the variables whose p lies below `p_enter`."""
    return [one.variable for one in screened if one.fit is not None and one.p < p_enter]


def fit_jointly(
    patients: pd.DataFrame, variables: Sequence[Variable], imputed: Sequence[pd.DataFrame] = ()
) -> Joint:
    """Fit Cox's model to several variables, on their complete cases or on imputed tables.

    A variable that separates, or that the others explain, is left out and named, and the rest
    is fitted again. The parts of an established score that is in the model are left out too
    (`parts_beside_scores`): beside albumin and bilirubin the coefficient of ALBI, made of both,
    changes its sign for no clinical reason.

    Parameters
    ----------
    patients : DataFrame
        Training patients: ``time_months``, ``event`` and the variables' columns.
    imputed : sequence of DataFrame
        As for `screen`.
    """
    used, terms, found, dropped = usable_together(patients, variables, _fit_tables, imputed)
    if found is None:
        return Joint((), (), None, {}, dropped)
    fit, p, *parts = found
    return Joint(used, terms, fit, p, dropped, *parts)


def usable_together(
    patients: pd.DataFrame,
    variables: Sequence[Variable],
    fit: Callable[[list[pd.DataFrame], list[Term]], Fitted],
    imputed: Sequence[pd.DataFrame] = (),
) -> tuple[tuple[Variable, ...], tuple[Term, ...], Fitted | None, dict[str, str]]:
    """Fit a model to as many of the variables as can be in one.

    Parameters
    ----------
    patients, variables, imputed
        As for `fit_jointly`.
    fit : callable
        From tables without gaps and terms to what was fitted. Its `SeparationError` and
        `CollinearityError` name a column as ``variable``, whose owner is left out.

    Returns
    -------
    used : tuple of Variable
    terms : tuple of Term
    fitted : what `fit` returned, None if nothing could be fitted
    dropped : dict of str to str
        Column of each variable left out, and why.
    """
    refused: dict[str, str] = {}
    while True:
        able = [variable for variable in variables if variable.column not in refused]
        # anew each time: the parts of a score that cannot be in the model may be
        beside = parts_beside_scores([variable.column for variable in able])
        remaining = [variable for variable in able if variable.column not in beside]
        dropped = {
            part: f"{part}: left out beside {score}, which is made of it"
            for part, score in beside.items()
        } | refused
        if not remaining:
            return (), (), None, dropped
        tables = tables_for(patients, [variable.column for variable in remaining], imputed)
        unusable = None if imputed else _costliest(patients, remaining)
        terms = []
        for variable in remaining if unusable is None else ():
            try:
                terms.append(make_term(tables[0], variable))
            except CollinearityError as error:
                unusable = (variable, str(error))
                break
        if unusable is None:
            try:
                return tuple(remaining), tuple(terms), fit(tables, terms), dropped
            except (SeparationError, CollinearityError) as error:
                unusable = (_owner(error.variable, remaining, terms), str(error))
            except (ConvergenceError, CohortTooSmallError) as error:
                reasons = {variable.column: str(error) for variable in remaining}
                return (), (), None, dropped | reasons
        refused[unusable[0].column] = unusable[1]


def _costliest(
    patients: pd.DataFrame, variables: Sequence[Variable]
) -> tuple[Variable, str] | None:
    """Return the variable whose gaps leave too few deaths to fit a model, and why it is left out.

    None if there are at least `FEWEST` among the complete cases, or if nothing would be gained.
    """
    columns = [variable.column for variable in variables]
    complete = complete_cases(patients, columns)
    if len(variables) < 2 or complete["event"].sum() >= FEWEST:
        return None

    def deaths_without(variable: Variable) -> int:
        others = [column for column in columns if column != variable.column]
        return int(complete_cases(patients, others)["event"].sum())

    # of two that cost as much the later goes, which whoever listed them holds for less
    worst = max(reversed(variables), key=deaths_without)
    left = deaths_without(worst)
    if left <= complete["event"].sum():
        return None
    return worst, (
        f"{worst.column}: left out, since only {len(complete)} of {len(patients)} patients have a "
        f"value of it and of all the others ({int(complete['event'].sum())} deaths; {left} without "
        "it). survival.missing: impute fills the gaps"
    )


def _screen_one(
    patients: pd.DataFrame, variable: Variable, imputed: Sequence[pd.DataFrame]
) -> Screened:
    if not is_available(patients, variable):
        note = f"{variable.column}: no value in the cohort table"
        return Screened(variable, None, None, float("nan"), 0, 0, note)
    tables = tables_for(patients, [variable.column], imputed)
    n, events = len(tables[0]), int(tables[0]["event"].sum())
    term = None
    try:
        term = make_term(tables[0], variable)
        fit, p, *parts = _fit_tables(tables, [term])
    except FIT_ERRORS as error:
        return Screened(variable, term, None, float("nan"), n, events, str(error))
    return Screened(variable, term, fit, p[variable.column], n, events, "", *parts)


def _fit_tables(
    tables: list[pd.DataFrame], terms: list[Term]
) -> tuple[
    CoxFit | PooledFit,
    dict[str, float],
    dict[str, str],
    tuple[pd.DataFrame, ...],
    tuple[CoxFit, ...],
]:
    """Return a model of one or several tables, p of each variable, `too_few`, tables and fits."""
    fits = tuple(fit_cox_terms(table, terms) for table in tables)
    fit = fits[0] if len(fits) == 1 else pool(fits)
    refit = partial(fit_cox_terms, tables[0])
    time, event = (tables[0][name].to_numpy() for name in ("time_months", "event"))
    few = too_few(tables[0], terms, of_survival(time, event))
    p = {term.column: term_p(fit, terms, term, refit, few) for term in terms}
    return fit, p, few, tuple(tables), fits


def _owner(column: str, variables: Sequence[Variable], terms: Sequence[Term]) -> Variable:
    """Return the variable that a column of the design belongs to."""
    return next(
        variable
        for variable, term in zip(variables, terms, strict=True)
        if column in term.design_columns
    )
