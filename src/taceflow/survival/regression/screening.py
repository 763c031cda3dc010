"""Cox models of one variable, and of several with the unusable ones named and left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

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
from taceflow.wording.counts import agreeing, counted

Model = TypeVar("Model")


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    """A Cox model of some variables, or of several imputed tables, pooled.

    Attributes
    ----------
    fit : CoxFit, PooledFit or None
        None if there is no estimate.
    few : dict of str to str
        Columns of too few patients for an interval and a test, see `variable_p.too_few`.
    tables, fits : tuple of DataFrame, tuple of CoxFit
        What was fitted to what: several that are pooled in `fit` if tables are imputed.
    """

    fit: CoxFit | PooledFit | None = None
    few: dict[str, str] = field(default_factory=dict)
    tables: tuple[pd.DataFrame, ...] = ()
    fits: tuple[CoxFit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Screened(_Fitted):
    """A univariate model.

    Attributes
    ----------
    variable, term : Variable, Term or None
        The variable, and how it was coded; None if it could not be.
    p : float
        See `variable_p.term_p`; NaN without a fit too.
    n, events : int
        Patients and deaths among them.
    note : str
        Why there is no estimate.
    """

    variable: Variable
    term: Term | None = None
    p: float = float("nan")
    n: int = 0
    events: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Joint(_Fitted):
    """A multivariable model.

    Attributes
    ----------
    variables, terms : tuple of Variable, tuple of Term
        Those that are in it, and their coding.
    p : dict of str to float
        By column of the table, see `variable_p.term_p`.
    dropped : dict of str to str
        Column of each variable left out, and why.
    """

    variables: tuple[Variable, ...] = ()
    terms: tuple[Term, ...] = ()
    p: dict[str, float] = field(default_factory=dict)
    dropped: dict[str, str]


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
    return Joint(variables=used, terms=terms, dropped=dropped, **(found or {}))


def usable_together(
    patients: pd.DataFrame,
    variables: Sequence[Variable],
    fit: Callable[[list[pd.DataFrame], list[Term]], Model],
    imputed: Sequence[pd.DataFrame] = (),
) -> tuple[tuple[Variable, ...], tuple[Term, ...], Model | None, dict[str, str]]:
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
        f"{worst.column}: left out, since only {len(complete)} of "
        f"{counted(len(patients), 'patient')} {agreeing(len(complete), 'has', 'have')} a value of "
        f"it and of all the others ({counted(int(complete['event'].sum()), 'death')}; {left} "
        "without it). survival.missing: impute fills the gaps"
    )


def _screen_one(
    patients: pd.DataFrame, variable: Variable, imputed: Sequence[pd.DataFrame]
) -> Screened:
    if not is_available(patients, variable):
        note = f"{variable.column}: no value in the cohort table"
        return Screened(variable=variable, note=note)
    tables = tables_for(patients, [variable.column], imputed)
    found = {"variable": variable, "n": len(tables[0]), "events": int(tables[0]["event"].sum())}
    try:
        found["term"] = make_term(tables[0], variable)
        fitted = _fit_tables(tables, [found["term"]])
    except FIT_ERRORS as error:
        return Screened(**found, note=str(error))
    return Screened(**found | fitted | {"p": fitted["p"][variable.column]})


def _fit_tables(tables: list[pd.DataFrame], terms: list[Term]) -> dict[str, Any]:
    """Return a model of one or several tables as the attributes of a `Joint`."""
    fits = tuple(fit_cox_terms(table, terms) for table in tables)
    fit = fits[0] if len(fits) == 1 else pool(fits)
    refit = partial(fit_cox_terms, tables[0])
    time, event = (tables[0][name].to_numpy() for name in ("time_months", "event"))
    few = too_few(tables[0], terms, of_survival(time, event))
    p = {term.column: term_p(fit, terms, term, refit, few) for term in terms}
    return {"fit": fit, "p": p, "few": few, "tables": tuple(tables), "fits": fits}


def _owner(column: str, variables: Sequence[Variable], terms: Sequence[Term]) -> Variable:
    """Return the variable that a column of the design belongs to."""
    return next(
        variable
        for variable, term in zip(variables, terms, strict=True)
        if column in term.design_columns
    )
