"""Which variables make up a multivariable model: ``survival.select`` of the configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from taceflow.survival.regression.cox_of_variables import cox_part_fitter, tables_for
from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.screening import (
    Joint,
    Screened,
    entering,
    fit_jointly,
    screen,
)
from taceflow.survival.regression.stepwise import stepwise_terms

Select = Literal["univariate", "stepwise"]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How the clinical variables of a model are selected: three keys of ``survival``.

    Attributes
    ----------
    variables : sequence of mapping
        The candidates, as the configuration lists them.
    p_enter, select
        As for `fit_selected`.
    """

    variables: Sequence[Mapping[str, Any]]
    p_enter: float
    select: Select


def fit_selected(
    patients: pd.DataFrame,
    screened: Sequence[Screened],
    p_enter: float,
    select: Select,
    imputed: Sequence[pd.DataFrame] = (),
) -> Joint:
    """Fit Cox's model to the variables that are selected.

    Parameters
    ----------
    patients, imputed
        As for `fit_jointly`.
    screened : sequence of Screened
        The candidates' univariate models.
    p_enter : float
        P below which a variable enters: Wald's of one column, a factor's likelihood-ratio p.
    select : {'univariate', 'stepwise'}
        By `p_enter`, or by AIC in both directions from all that can be fitted, whatever their p.
    """
    if select == "stepwise":
        return fit_stepwise(patients, entering(screened, np.inf), imputed)
    return fit_jointly(patients, entering(screened, p_enter), imputed)


def fit_stepwise(
    patients: pd.DataFrame, variables: Sequence[Variable], imputed: Sequence[pd.DataFrame] = ()
) -> Joint:
    """Choose among variables by Akaike's criterion, in both directions from all of them.

    Parameters
    ----------
    patients, variables, imputed
        As for `fit_jointly`, which leaves out what cannot be in one model.

    Returns
    -------
    Joint
        Of the chosen variables, on the patients complete in all candidates; of imputed tables
        the variables chosen in at least half of them.
    """
    full = fit_jointly(patients, variables, imputed)
    if full.fit is None:
        return full
    names = [variable.column for variable in full.variables]
    tables = tables_for(patients, names, imputed)
    times = dict.fromkeys(names, 0)
    for table in tables:
        for term in stepwise_terms(full.terms, cox_part_fitter(table, full.terms)):
            times[term.column] += 1
    kept = [one for one in full.variables if 2 * times[one.column] >= len(tables)]
    if not kept:
        return Joint(dropped=full.dropped)
    several = len(tables) > 1
    chosen = fit_jointly(patients, kept, imputed) if several else fit_jointly(tables[0], kept)
    chosen.dropped.update(full.dropped)
    return chosen


def select_variables(
    patients: pd.DataFrame, variables: Sequence[Variable], p_enter: float, select: Select
) -> list[Variable]:
    """Return the variables that a model of these patients takes, on complete cases.

    Parameters
    ----------
    patients, p_enter, select
        As for `fit_selected`.
    variables : sequence of Variable
        The candidates.

    Returns
    -------
    list of Variable
        By univariate p also those that cannot be in one model with the others: whoever fits it
        leaves them out and says why.
    """
    screened = screen(patients, variables)
    if select == "stepwise":
        return list(fit_selected(patients, screened, p_enter, select).variables)
    return entering(screened, p_enter)


def selection_name(p_enter: float, select: Select) -> str:
    """Return the selection as tables and reports name it."""
    return "stepwise AIC" if select == "stepwise" else f"univariate p < {p_enter:g}"
