"""Cox models of one variable, and of several with the unusable ones named and left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from scipy import special

from taceflow.errors import (
    CohortTooSmallError,
    CollinearityError,
    ConvergenceError,
    SeparationError,
)
from taceflow.survival.cox import CoxFit, fit_cox
from taceflow.survival.design import (
    Term,
    Variable,
    complete_cases,
    encode,
    is_available,
    make_term,
)

COMPOSITES = {"albi_score": ("albumin_g_l", "bilirubin_umol_l")}
"""Scores that are computed from other variables, and those variables."""

FIT_ERRORS = (SeparationError, CollinearityError, ConvergenceError, CohortTooSmallError)


@dataclass(frozen=True)
class Screened:
    """A univariate model.

    Attributes
    ----------
    variable : Variable
        The variable.
    term : Term or None
        How it was coded; None if it could not be.
    fit : CoxFit or None
        None if there is no estimate.
    p : float
        Wald p of a single column, likelihood-ratio p of a factor with several; NaN without a fit.
    n, events : int
        Complete cases and deaths among them.
    note : str
        Why there is no estimate.
    """

    variable: Variable
    term: Term | None
    fit: CoxFit | None
    p: float
    n: int
    events: int
    note: str


@dataclass(frozen=True)
class Joint:
    """A multivariate model.

    Attributes
    ----------
    variables : tuple of Variable
        Those that are in it.
    terms : tuple of Term
        Their coding.
    fit : CoxFit or None
        None if nothing could be fitted.
    p : dict of str to float
        By column of the table: Wald p of a single column, likelihood-ratio p of a factor.
    dropped : dict of str to str
        Column of each variable left out, and why.
    """

    variables: tuple[Variable, ...]
    terms: tuple[Term, ...]
    fit: CoxFit | None
    p: dict[str, float]
    dropped: dict[str, str]


def screen(patients: pd.DataFrame, variables: Sequence[Variable]) -> list[Screened]:
    """Fit Cox's model to each variable alone, on its complete cases.

    Parameters
    ----------
    patients : DataFrame
        Training patients: ``time_months``, ``event`` and the variables' columns.
    variables : sequence of Variable
        What to screen.

    Returns
    -------
    list of Screened
        In the order of `variables`.
    """
    return [_screen_one(patients, variable) for variable in variables]


def entering(screened: Sequence[Screened], p_enter: float) -> list[Variable]:
    """Return the variables whose p lies below `p_enter`."""
    return [one.variable for one in screened if one.fit is not None and one.p < p_enter]


def fit_jointly(patients: pd.DataFrame, variables: Sequence[Variable]) -> Joint:
    """Fit Cox's model to several variables on their complete cases.

    A variable that separates, or that the others explain, is left out and named, and the rest
    is fitted again. The parts of a score that is in the model are left out too: beside albumin
    and bilirubin the coefficient of ALBI, made of both, changes its sign for no clinical reason.

    Parameters
    ----------
    patients : DataFrame
        Training patients: ``time_months``, ``event`` and the variables' columns.
    variables : sequence of Variable
        The variables.

    Returns
    -------
    Joint
    """
    present = {variable.column for variable in variables}
    dropped = {
        part: f"{part}: left out, {score} is made of it and is in the model"
        for score, parts in COMPOSITES.items()
        if score in present
        for part in parts
        if part in present
    }
    remaining = [variable for variable in variables if variable.column not in dropped]
    while remaining:
        complete = complete_cases(patients, [variable.column for variable in remaining])
        terms, unusable = [], None
        for variable in remaining:
            try:
                terms.append(make_term(complete, variable))
            except CollinearityError as error:
                unusable = (variable, str(error))
                break
        if unusable is None:
            try:
                fit = _fit(complete, terms)
                p = {term.column: _joint_p(complete, fit, terms, term) for term in terms}
                return Joint(tuple(remaining), tuple(terms), fit, p, dropped)
            except (SeparationError, CollinearityError) as error:
                owner = _owner(error.variable, remaining, terms)
                unusable = (owner, str(error))
            except (ConvergenceError, CohortTooSmallError) as error:
                dropped |= {variable.column: str(error) for variable in remaining}
                break
        variable, reason = unusable
        dropped[variable.column] = reason
        remaining = [other for other in remaining if other != variable]
    return Joint((), (), None, {}, dropped)


def _screen_one(patients: pd.DataFrame, variable: Variable) -> Screened:
    if not is_available(patients, variable):
        note = f"{variable.column}: no value in the cohort table"
        return Screened(variable, None, None, float("nan"), 0, 0, note)
    complete = complete_cases(patients, [variable.column])
    n, events = len(complete), int(complete["event"].sum())
    term = None
    try:
        term = make_term(complete, variable)
        fit = _fit(complete, [term])
    except FIT_ERRORS as error:
        return Screened(variable, term, None, float("nan"), n, events, str(error))
    p = float(fit.wald_p[0]) if len(fit.names) == 1 else fit.likelihood_ratio_p
    return Screened(variable, term, fit, p, n, events, "")


def _fit(complete: pd.DataFrame, terms: Sequence[Term]) -> CoxFit:
    design = encode(complete, terms)
    return fit_cox(
        complete["time_months"].to_numpy(float),
        complete["event"].to_numpy(int),
        design.to_numpy(),
        list(design.columns),
    )


def _joint_p(complete: pd.DataFrame, fit: CoxFit, terms: Sequence[Term], term: Term) -> float:
    """Return Wald's p of a single column, or of leaving a factor out of the joint model."""
    if len(term.design_columns) == 1:
        return float(fit.wald_p[fit.names.index(term.design_columns[0])])
    without = _fit(complete, [other for other in terms if other != term])
    statistic = 2 * (fit.log_likelihood - without.log_likelihood)
    return float(special.chdtrc(len(term.design_columns), max(statistic, 0.0)))


def _owner(column: str, variables: Sequence[Variable], terms: Sequence[Term]) -> Variable:
    """Return the variable that a column of the design belongs to."""
    return next(
        variable
        for variable, term in zip(variables, terms, strict=True)
        if column in term.design_columns
    )
