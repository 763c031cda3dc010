"""Columns of a design that cannot be in a model, and errors that name a column."""

from collections.abc import Sequence

import numpy as np
from scipy import linalg

from taceflow.errors import CollinearityError

COLLINEARITY_TOLERANCE = 1e-6
"""Share of a column's length that must not be explained by the columns before it."""

LOST = 1e-14
"""Share of the information that rounding leaves of none: of 12,000 random Cox models with long
tails none with a finite estimate kept less than 2e-13, none without one more than 3e-15."""

TELLING = 1e-8
"""Share that still tells one direction from another. What is left of less is rounding, which
differs with the order of the patients and from one linear algebra to the next."""

Way = Sequence[tuple[np.ndarray, np.ndarray]]
"""Of each iteration the step of p columns that led there, and the information, which may be of an
intercept too."""


def refuse_collinear(design: np.ndarray, names: Sequence[str]) -> None:
    """Raise the error of the first column that is constant or explained by those before it.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Covariates, by `names`.

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
    """Return the first column of a design (n, p) that those before it explain, or is constant."""
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


def lost_information(way: Way) -> bool:
    """Tell whether the share of information that is left in some direction is below `LOST`.

    A coefficient that runs to infinity takes its information along, until rounding stops the
    iteration as if it had arrived: at some 34 log units, with a standard error of 10^7 or none.

    Parameters
    ----------
    way : sequence of (step, information)
        The first where all coefficients are 0, the last where the iteration ended.
    """
    return len(way[0][0]) > 0 and bool(_least_share(way, -1) < LOST)


def farthest_column(way: Way) -> int:
    """Return the column that runs fastest, as far as information tells.

    Where several separate together, information goes in all directions, so that what is left in
    the end shows nothing; the steps do.
    """
    last = len(way) - 1
    while last > 1 and _least_share(way, last) <= TELLING:
        last -= 1
    return int(np.argmax(np.abs(way[last][0])))


def _least_share(way: Way, place: int) -> float:
    """Return what is left of the information there was, in the direction that has least."""
    return linalg.eigvalsh(way[place][1], way[0][1], subset_by_index=[0, 0])[0]


def naming(kind: type[Exception], variable: str, problem: str) -> Exception:
    """Return an error about a column, with the column's name as its attribute ``variable``."""
    error = kind(f"{variable}: {problem}")
    error.variable = variable  # type: ignore[attr-defined]
    return error
