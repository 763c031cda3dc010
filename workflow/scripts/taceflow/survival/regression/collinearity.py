"""Columns of a design that cannot be in one model, and errors that name a column."""

from collections.abc import Sequence

import numpy as np

from taceflow.errors import CollinearityError

COLLINEARITY_TOLERANCE = 1e-6
"""Share of a column's length that must not be explained by the columns before it."""


def refuse_collinear(design: np.ndarray, names: Sequence[str]) -> None:
    """Raise the error of the first column that is constant or explained by those before it.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Covariates.
    names : sequence of str, length p
        Names of the columns.

    Raises
    ------
    CollinearityError
        With the column's name as ``variable``.
    """
    collinear = collinear_column(design)
    if collinear is not None:
        raise naming(
            CollinearityError,
            names[collinear],
            "does not vary, or is a linear combination of the variables before it",
        )


def collinear_column(design: np.ndarray) -> int | None:
    """Return the first column that is constant or explained by those before it, or None.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Covariates.

    Returns
    -------
    int or None
    """
    basis = np.empty((len(design), 0))
    for j in range(design.shape[1]):
        column = design[:, j] - design[:, j].mean()
        length = np.linalg.norm(column)
        if length <= 1e-10 * np.linalg.norm(design[:, j]) or length == 0:
            return j
        column = column / length
        # Twice: once leaves rounding errors as large as the tolerance.
        for _ in range(2):
            column = column - basis @ (basis.T @ column)
        rest = np.linalg.norm(column)
        if rest <= COLLINEARITY_TOLERANCE:
            return j
        basis = np.column_stack([basis, column / rest])
    return None


def naming(kind: type[Exception], variable: str, problem: str) -> Exception:
    """Return an error about a column, with the column's name as its attribute ``variable``."""
    error = kind(f"{variable}: {problem}")
    error.variable = variable  # type: ignore[attr-defined]
    return error
