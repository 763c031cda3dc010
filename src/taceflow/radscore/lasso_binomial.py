"""LASSO logistic regression as R's glmnet fits it, by glmstar, of all patients and of a resample.

glmstar is GPL-2-only and scikit-survival GPL-3: this module is never imported beside the other.
"""

import numpy as np
from glmnet import LogNet

from taceflow.errors import ConvergenceError
from taceflow.radiomics.combat import Unharmonised
from taceflow.radscore.lambdas import CrossValidation, Family, LassoPath, cross_validation

PROBABILITY_LIMIT = 1e-5
"""`cv.glmnet` keeps probabilities this far from 0 and 1 before it takes logarithms."""

MINIMUM_OF_A_CLASS = 2
"""glmnet refuses fewer deaths or survivors."""


def binomial_path(features: np.ndarray, event: np.ndarray) -> LassoPath:
    """Fit the LASSO path of a logistic regression (alpha 1, columns standardised inside).

    Parameters
    ----------
    features : ndarray, shape (n, p)
        Raw features.
    event : ndarray of {0, 1}, shape (n,)
        1 = died.

    Returns
    -------
    LassoPath
        Coefficients and intercepts on the raw scale.
    """
    model = LogNet().fit(features, event)
    ratio = np.asarray(model.summary_["Fraction Deviance Explained"], dtype=float)
    return LassoPath(model.lambda_values_, model.coefs_.T, model.intercepts_, ratio)


def binomial_deviance(event: np.ndarray, predictor: np.ndarray) -> np.ndarray:
    """Return the mean binomial deviance, shape (m,), of the log odds of m models, shape (n, m)."""
    probability = 1.0 / (1.0 + np.exp(-np.clip(predictor, -700.0, 700.0)))
    probability = np.clip(probability, PROBABILITY_LIMIT, 1 - PROBABILITY_LIMIT)
    died = event.astype(bool)[:, None]
    return -2.0 * np.log(np.where(died, probability, 1 - probability)).mean(axis=0)


def cross_validate(
    path: LassoPath,
    features: np.ndarray,
    event: np.ndarray,
    fold: np.ndarray,
    raw: Unharmonised | None = None,
) -> CrossValidation:
    """Cross-validate a path as `cv.glmnet` does for the binomial family (deviance, grouped).

    Parameters
    ----------
    path : LassoPath
        Fitted on all these patients.
    features, event
        As for `binomial_path`.
    fold : ndarray of int, shape (n,)
        Fold of each patient.
    raw : Unharmonised, optional
        Of harmonised features: each fold harmonises them again, by those whom it is fitted on.
    """

    def left_out(kept: np.ndarray) -> tuple[np.ndarray, int]:
        seen = features if raw is None else raw.seen_by(kept)
        model = LogNet().fit(seen[kept], event[kept])
        coefficients, intercepts = model.interpolate_coefs(path.lambdas)
        predictor = seen[~kept] @ coefficients.T + intercepts
        return binomial_deviance(event[~kept], predictor), np.count_nonzero(~kept)

    return cross_validation(path.lambdas, fold, left_out)


def fit_lasso(
    features: np.ndarray, event: np.ndarray, fold: np.ndarray, raw: Unharmonised | None = None
) -> tuple[LassoPath, CrossValidation]:
    """Fit and cross-validate the path of all training patients."""
    path = binomial_path(features, event)
    return path, cross_validate(path, features, event, fold, raw)


def fit_resample(
    features: np.ndarray, event: np.ndarray, fold: np.ndarray, raw: Unharmonised | None = None
) -> tuple[LassoPath, CrossValidation]:
    """Fit and cross-validate the path of a resample.

    Raises
    ------
    ConvergenceError
        If a fold leaves fewer than `MINIMUM_OF_A_CLASS` deaths or survivors.
    """
    for number in np.unique(fold):
        counts = np.bincount(event[fold != number], minlength=2)
        if counts.min() < MINIMUM_OF_A_CLASS:
            raise ConvergenceError(f"{counts.min()} of a class are left without fold {number}")
    return fit_lasso(features, event, fold, raw)


BINOMIAL = Family("binomial", ("event",), fit_lasso, fit_resample)
