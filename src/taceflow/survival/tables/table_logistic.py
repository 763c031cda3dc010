"""Stepwise logistic regression of death by a horizon (Appendix E5), on the training patients."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.survival.evaluation.binary_outcome import death_by
from taceflow.survival.regression.cox_of_variables import FIT_ERRORS
from taceflow.survival.regression.design import (
    Term,
    Variable,
    complete_cases,
    encode,
    is_available,
    make_term,
)
from taceflow.survival.regression.empty_levels import empty_levels, fit_beside_empty
from taceflow.survival.regression.logistic import LogisticFit, fit_logistic
from taceflow.survival.regression.screening import usable_together
from taceflow.survival.regression.stepwise import stepwise_terms
from taceflow.survival.regression.variable_p import term_p, too_few
from taceflow.survival.tables.ratios import ratio_columns, ratio_rows
from taceflow.survival.tables.table_s1 import training_and_variables

_LOG = logging.getLogger(__name__)

DIED = "died_by_horizon"

COLUMNS = [
    "horizon_months",
    *ratio_columns("or"),
    "n",
    "deaths",
    "n_multi",
    "deaths_multi",
    "censored",
    "note",
]


def write_table_logistic(
    *,
    patients: str,
    dlopctr_predictions: str | None,
    variables: Sequence[Mapping[str, Any]],
    p_enter: float,
    horizons_months: Sequence[float],
    table: str,
) -> None:
    """Write ``tables/logistic.tsv`` from the training patients.

    Parameters
    ----------
    patients, dlopctr_predictions, variables
        As for Table S1.
    p_enter : float
        Univariate p below which a variable is a candidate of the stepwise selection.
    horizons_months : sequence of float
        Where survival is taken as yes or no.
    table : str
        Table to write.
    """
    training, chosen = training_and_variables(patients, dlopctr_predictions, variables)
    parts = [logistic_table(training, chosen, p_enter, horizon) for horizon in horizons_months]
    write_table(pd.concat(parts, ignore_index=True), table, "logistic")


def logistic_table(
    training: pd.DataFrame,
    variables: Sequence[Variable],
    p_enter: float,
    horizon_months: float,
) -> pd.DataFrame:
    """Return odds ratios of each variable alone, and of those that stepwise selection leaves.

    Parameters
    ----------
    training, variables
        As for `table_s1`. Those censored before the horizon take no part.
    p_enter : float
        A candidate's univariate p: Wald's of one column, a factor's likelihood-ratio p.

    Returns
    -------
    DataFrame
        As Table S1's; ``censored`` counts those who take no part.
    """
    died = death_by(
        training["time_months"].to_numpy(), training["event"].to_numpy(), horizon_months
    )
    known = training.assign(**{DIED: died}).loc[np.isfinite(died)]
    base = {"horizon_months": horizon_months, "censored": len(training) - len(known)}
    alone = {variable.column: _fit_alone(known, variable) for variable in variables}
    candidates = [
        variable
        for variable in variables
        if (model := alone[variable.column][0]) is not None and model.p(variable.column) < p_enter
    ]
    joint, dropped = _choose(known, candidates)
    _LOG.info(
        "death by %g months: n=%d deaths=%d censored before=%d; %s",
        horizon_months,
        len(known),
        int(known[DIED].sum()),
        base["censored"],
        ", ".join(term.column for term in joint.terms) if joint else "no variable is left",
    )
    rows = []
    for variable in variables:
        model, note = alone[variable.column]
        if variable.column in dropped:
            note = f"not in the multivariable model: {dropped[variable.column]}"
        complete = known.loc[known[variable.column].notna()] if variable.column in known else None
        sizes = {"n": 0, "deaths": 0}
        if complete is not None:
            sizes = {"n": len(complete), "deaths": int(complete[DIED].sum())}
        row = base | sizes | {"note": note or None}
        rows += _variable_rows(variable, row, model, joint)
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True)
class _Model:
    """A fit, its terms, and the patients that it was fitted on."""

    fit: LogisticFit
    terms: list[Term]
    complete: pd.DataFrame

    def p(self, column: str) -> float:
        """Return Wald's p of a single column, or the likelihood-ratio p of a factor."""
        term = next(term for term in self.terms if term.column == column)
        return term_p(self.fit, self.terms, term, partial(_fit, self.complete), self.few)

    @property
    def few(self) -> dict[str, str]:
        """Columns of too few patients for an interval and a test."""
        outcome = {"death": self.fit.events, "survivor": self.fit.n - self.fit.events}
        return too_few(self.complete, self.terms, outcome)


def _fit_alone(known: pd.DataFrame, variable: Variable) -> tuple[_Model | None, str]:
    """Return the model of one variable, or why there is none."""
    if not is_available(known, variable):
        return None, f"{variable.column}: no value among those who take part"
    complete = known.loc[known[variable.column].notna()]
    try:
        terms = [make_term(complete, variable)]
        return _Model(_fit(complete, terms), terms, complete), ""
    except FIT_ERRORS as error:
        return None, str(error)


def _choose(
    known: pd.DataFrame, candidates: Sequence[Variable]
) -> tuple[_Model | None, dict[str, str]]:
    """Return the model that stepwise selection leaves, and what could not be in it."""
    used, terms, full, dropped = usable_together(known, candidates, _fit_first)
    if full is None:
        return None, dropped
    complete = complete_cases(known, [variable.column for variable in used])
    chosen = stepwise_terms(terms, partial(_fit, complete))
    return (_Model(_fit(complete, chosen), chosen, complete) if chosen else None), dropped


def _fit_first(tables: list[pd.DataFrame], terms: list[Term]) -> LogisticFit:
    return _fit(tables[0], terms)


def _fit(complete: pd.DataFrame, terms: Sequence[Term]) -> LogisticFit:
    design, died = encode(complete, terms), complete[DIED].to_numpy()

    def fit(rows: np.ndarray, names: list[str]) -> LogisticFit:
        return fit_logistic(died[rows], design.loc[rows, names].to_numpy(), names)

    return fit_beside_empty(design, empty_levels(design, terms, died, both=True), fit)


def _variable_rows(
    variable: Variable, base: dict[str, Any], model: _Model | None, joint: _Model | None
) -> list[dict[str, Any]]:
    base = base | {"variable": variable.column, "label": variable.label, "level": None}
    joined = joint is not None and variable.column in [term.column for term in joint.terms]
    if joined:
        base |= {
            "p_variable_multi": joint.p(variable.column),
            "n_multi": joint.fit.n,
            "deaths_multi": joint.fit.events,
        }
    if model is None:
        return [base]
    base["p_variable_uni"] = model.p(variable.column)
    together = (joint.fit, joint.few) if joined else None
    return ratio_rows(base, model.terms[0], "or", (model.fit, model.few), together)
