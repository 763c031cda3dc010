"""Rows of hazard or odds ratios: one for a number, one for each level of a factor."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.design import Term
from taceflow.survival.regression.logistic import LogisticFit
from taceflow.survival.regression.pooling import PooledFit

PRINTED = ("hr_", "or_", "lower_", "upper_")

BEYOND = (
    "a ratio or limit beyond what a number can hold (1e308, or 1e-308 below 1): one unit of the "
    "variable is far more than patients differ by; give it in a smaller unit"
)

UNBOUNDED = {
    "hr": "nobody of this level died: its hazard ratio is 0",
    "or": "all of this level died, or nobody: its odds ratio is infinite or 0",
}
"""What a level without an estimate says; the others are estimated as if it were not there."""

Fit = tuple[CoxFit | LogisticFit | PooledFit, Mapping[str, str]]
"""A model, and `variable_p.too_few` of it."""


def ratio_columns(ratio: str) -> list[str]:
    """Return the first columns of a table of hazard ratios, ``hr``, or odds ratios, ``or``."""
    names = (ratio, "lower", "upper", "p", "p_variable")
    return ["variable", "label", "level", *(f"{n}_{of}" for of in ("uni", "multi") for n in names)]


def ratio_rows(
    base: Mapping[str, Any], term: Term, ratio: str, alone: Fit | None, joint: Fit | None
) -> list[dict[str, Any]]:
    """Return the rows of one variable, with its ratios alone and in the multivariable model.

    Parameters
    ----------
    base : mapping
        The cells that all rows share, ``note`` among them.
    term : Term
        The variable as it was coded alone; the reference of a factor has the first row.
    ratio : {'hr', 'or'}
        What the columns are called.
    alone, joint : fit or None
        The univariate model, and the multivariable one if the variable is in it.

    Returns
    -------
    list of dict
        `base` with ``level``, and ``hr_uni``, ``lower_uni``, ``upper_uni``, ``p_uni`` and the like
        of the multivariable model where there is an estimate.
    """
    rows = []
    if term.reference is not None:
        rows.append({**base, "level": term.reference, "note": base["note"] or "reference"})
    for column, level in zip(term.design_columns, term.levels or (None,), strict=True):
        row, notes = {**base, "level": level}, [base["note"]]
        if any(model is not None and column in model[0].unbounded for model in (alone, joint)):
            notes.append(UNBOUNDED[ratio])
        if alone is not None:
            row |= _cells(alone, column, ratio, "uni")
            notes.append(_too_few(alone, column))
        if joint is not None:
            if column in joint[0].names:
                row |= _cells(joint, column, ratio, "multi")
                notes.append(_too_few(joint, column, " in the multivariable model"))
            else:
                notes.append("level absent from the complete cases of the multivariable model")
        beyond = [key for key in row if key.startswith(PRINTED) and row[key] in (0.0, np.inf)]
        if beyond:
            notes.append(BEYOND)
            row |= dict.fromkeys(beyond)
        rows.append(row | {"note": "; ".join(note for note in notes if note) or None})
    return rows


def _cells(model: Fit, column: str, ratio: str, name: str) -> dict[str, float]:
    fit, few = model
    if column in fit.unbounded:
        return {}
    position = fit.names.index(column)
    estimate, lower, upper = fit.ratios[position]
    cells = {
        f"{ratio}_{name}": estimate,
        f"lower_{name}": lower,
        f"upper_{name}": upper,
        f"p_{name}": fit.wald_p[position],
    }
    return {f"{ratio}_{name}": estimate} if column in few else cells


def _too_few(model: Fit, column: str, where: str = "") -> str:
    few = "" if column in model[0].unbounded else model[1].get(column, "")
    return f"neither interval nor test{where}: {few}" if few else ""
