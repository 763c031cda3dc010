"""What both LASSO families share: a path, its cross-validation, and the choice of lambda."""

from dataclasses import dataclass

import numpy as np

from taceflow.errors import CohortTooSmallError

MINIMUM_EVENTS = 10
"""Fewer deaths than this carry no selection among hundreds of features, however few the folds."""

MINIMUM_EVENTS_PER_FOLD = 2
"""The deviance of a fold with fewer deaths is noise."""

MINIMUM_SURVIVORS = 8
"""glmnet warns below this number in either class of a binomial fit."""


@dataclass(frozen=True)
class LassoPath:
    """Coefficients along a sequence of penalties.

    Attributes
    ----------
    lambdas : ndarray, shape (n_lambdas,)
        Falling penalties, on glmnet's scale (columns standardised).
    coefficients : ndarray, shape (n_features, n_lambdas)
        On the scale of the raw features.
    intercepts : ndarray, shape (n_lambdas,), or None
        None for Cox, which has none.
    deviance_ratio : ndarray, shape (n_lambdas,)
        Fraction of the null deviance explained.
    """

    lambdas: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray | None
    deviance_ratio: np.ndarray

    @property
    def nonzero(self) -> np.ndarray:
        """Number of features with a coefficient, shape (n_lambdas,)."""
        return np.count_nonzero(self.coefficients, axis=0)


@dataclass(frozen=True)
class CrossValidation:
    """Cross-validated deviance along the path of all training patients.

    Attributes
    ----------
    mean, standard_error : ndarray, shape (n_lambdas,)
        glmnet's ``cvm`` and ``cvsd``.
    lambda_min : float
        The largest penalty with the lowest mean.
    lambda_1se : float
        The largest penalty within one standard error of it.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    lambda_min: float
    lambda_1se: float


def summarise_folds(
    lambdas: np.ndarray, by_fold: np.ndarray, weights: np.ndarray
) -> CrossValidation:
    """Average folds and choose the penalties as `cv.glmnet` does.

    Parameters
    ----------
    lambdas : ndarray, shape (n_lambdas,)
        Falling penalties.
    by_fold : ndarray, shape (n_folds, n_lambdas)
        Deviance of each fold, per unit of weight.
    weights : ndarray, shape (n_folds,)
        Events (Cox) or patients (binomial) of each fold.

    Returns
    -------
    CrossValidation
    """
    mean = np.average(by_fold, axis=0, weights=weights)
    spread = np.average((by_fold - mean) ** 2, axis=0, weights=weights)
    error = np.sqrt(spread / (len(weights) - 1))
    # argmax finds the first True, which is the larger lambda among ties.
    lowest = int(np.argmax(mean <= mean.min()))
    within = int(np.argmax(mean <= mean[lowest] + error[lowest]))
    return CrossValidation(mean, error, float(lambdas[lowest]), float(lambdas[within]))


def chosen_step(path: LassoPath, validated: CrossValidation, choose: str) -> int:
    """Return the position along the path of ``lambda.min`` or ``lambda.1se``."""
    chosen = validated.lambda_min if choose == "lambda.min" else validated.lambda_1se
    return int(np.flatnonzero(path.lambdas == chosen)[0])


def interpolate_path(path: LassoPath, lambdas: np.ndarray) -> np.ndarray:
    """Return coefficients at other penalties, linear between those fitted, flat beyond.

    Parameters
    ----------
    path : LassoPath
        A fitted path.
    lambdas : ndarray, shape (m,)
        Penalties wanted.

    Returns
    -------
    ndarray, shape (n_features, m)
    """
    known = path.lambdas[::-1]
    if len(known) == 1:
        return np.repeat(path.coefficients, len(lambdas), axis=1)
    right = np.clip(np.searchsorted(known, lambdas), 1, len(known) - 1)
    share = np.clip((lambdas - known[right - 1]) / (known[right] - known[right - 1]), 0.0, 1.0)
    values = path.coefficients[:, ::-1]
    return values[:, right - 1] * (1 - share) + values[:, right] * share


def check_size(n: int, events: int, folds: int, counted: str = "deaths") -> None:
    """Refuse a cohort in which a cross-validated LASSO means nothing.

    Parameters
    ----------
    n, events : int
        Training patients and deaths among them.
    folds : int
        Folds of the cross-validation.
    counted : str
        What the deaths are, for the message.

    Raises
    ------
    CohortTooSmallError
        With fewer than `MINIMUM_EVENTS` deaths, or than `MINIMUM_EVENTS_PER_FOLD` for each fold.
    """
    needed = max(MINIMUM_EVENTS, MINIMUM_EVENTS_PER_FOLD * folds)
    if events < needed:
        raise CohortTooSmallError(
            f"the Radscore cannot be fitted: {n} training patients with {events} {counted}, and "
            f"{folds} folds need at least {needed} deaths ({MINIMUM_EVENTS_PER_FOLD} a fold, "
            f"{MINIMUM_EVENTS} in all). Bring more patients, lower radscore.folds, "
            "or set radscore.family to published"
        )


def check_survivors(n: int, survivors: int, horizon_months: float | None) -> None:
    """Refuse a cohort in which too few survive for a binomial fit.

    Parameters
    ----------
    n, survivors : int
        Training patients who take part, and those of them who survive.
    horizon_months : float or None
        Up to when, if survival at a horizon is fitted.

    Raises
    ------
    CohortTooSmallError
        With fewer than `MINIMUM_SURVIVORS`.
    """
    if survivors < MINIMUM_SURVIVORS:
        what = "survived" if horizon_months is None else f"survived {horizon_months:g} months"
        raise CohortTooSmallError(
            f"the binomial Radscore cannot be fitted: {survivors} of {n} training patients "
            f"{what}, at least {MINIMUM_SURVIVORS} are needed. Set radscore.family to cox, or "
            "choose another radscore.horizon_months"
        )
