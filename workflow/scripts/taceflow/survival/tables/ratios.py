"""Rows of hazard or odds ratios: one for a number, one for each level of a factor."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.design import Term
from taceflow.survival.regression.logistic import LogisticFit
from taceflow.survival.regression.pooling import PooledFit

Fit = CoxFit | LogisticFit | PooledFit


def ratio_rows(
    base: Mapping[str, Any], term: Term, ratio: str, alone: Fit | None, joint: Fit | None
) -> list[dict[str, Any]]:
    """Return the rows of one variable, with its ratios alone and in the multivariate model.

    Parameters
    ----------
    base : mapping
        The cells that all rows share, ``note`` among them.
    term : Term
        The variable as it was coded alone; the reference of a factor has the first row.
    ratio : {'hr', 'or'}
        What the columns are called.
    alone, joint : fit or None
        The univariate model, and the multivariate one if the variable is in it.

    Returns
    -------
    list of dict
        `base` with ``level``, and ``hr_uni``, ``lower_uni``, ``upper_uni``, ``p_uni`` and the like
        of the multivariate model where there is an estimate.
    """
    rows = []
    if term.reference is not None:
        rows.append({**base, "level": term.reference, "note": base["note"] or "reference"})
    for column, level in zip(term.design_columns, term.levels or (None,), strict=True):
        row = {**base, "level": level}
        if alone is not None:
            row |= _cells(alone, column, ratio, "uni")
        if joint is not None:
            if column in joint.names:
                row |= _cells(joint, column, ratio, "multi")
            else:
                row["note"] = "level absent from the complete cases of the multivariate model"
        if any(row.get(f"upper_{model}") == np.inf for model in ("uni", "multi")):
            row["note"] = "a limit beyond 1e308: give the variable in a larger unit"
            row = {key: None if value == np.inf else value for key, value in row.items()}
        rows.append(row)
    return rows


def _cells(fit: Fit, column: str, ratio: str, model: str) -> dict[str, float]:
    position = fit.names.index(column)
    estimate, lower, upper = fit.ratios()[position]
    return {
        f"{ratio}_{model}": estimate,
        f"lower_{model}": lower,
        f"upper_{model}": upper,
        f"p_{model}": fit.wald_p[position],
    }
