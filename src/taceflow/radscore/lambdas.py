"""What both LASSO families share: a path, its cross-validation, and the choice of lambda."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


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


Lasso = Callable[..., tuple[LassoPath, CrossValidation]]
"""From features, the outcome's arrays, the fold of each patient and, where features are harmonised,
what they were before (`Unharmonised`, else None), to path and cross-validation."""


@dataclass(frozen=True)
class Family:
    """What differs between the families of the LASSO.

    Attributes
    ----------
    name : {'cox', 'binomial'}
        As ``radscore.family`` of the configuration has it.
    outcome : tuple of str
        Attributes of `TrainingData` that are fitted, in the order that `fit` takes them.
    fit : callable
        All patients' path and cross-validation.
    fit_resample : callable
        The same of a resample, by module and name, so that a process can be sent it.
    """

    name: str
    outcome: tuple[str, ...]
    fit: Lasso
    fit_resample: Lasso


def cross_validation(
    lambdas: np.ndarray,
    fold: np.ndarray,
    left_out: Callable[[np.ndarray], tuple[np.ndarray, int]],
) -> CrossValidation:
    """Average the folds' deviance and choose the penalties as `cv.glmnet` does.

    Parameters
    ----------
    lambdas : ndarray, shape (n_lambdas,)
        Falling penalties.
    fold : ndarray of int, shape (n,)
        Fold of each patient.
    left_out : callable
        From who is kept, bool of shape (n,), to the deviance of the others at each penalty, per
        unit of weight, and their weight: deaths (Cox) or patients (binomial).
    """
    found = [left_out(fold != number) for number in np.unique(fold)]
    by_fold = np.array([deviance for deviance, _ in found])
    weights = np.array([weight for _, weight in found], dtype=float)
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
