"""LASSO logistic regression as R's glmnet fits it, by glmstar: on the event or at a horizon.

glmstar is GPL-2-only and scikit-survival GPL-3: this module is never imported beside the other.
"""

import numpy as np
from glmnet import LogNet

from taceflow.radscore.lambdas import (
    CrossValidation,
    LassoPath,
    check_size,
    check_survivors,
    summarise_folds,
)
from taceflow.radscore.model import store_fit
from taceflow.radscore.training_data import TrainingData, with_death_by
from taceflow.survival.models.cut_off import Method

PROBABILITY_LIMIT = 1e-5
"""`cv.glmnet` keeps probabilities this far from 0 and 1 before it takes logarithms."""


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
    """Return the mean binomial deviance of each column of log odds.

    Parameters
    ----------
    event : ndarray of {0, 1}, shape (n,)
        Outcome.
    predictor : ndarray, shape (n, m)
        Log odds of m models.

    Returns
    -------
    ndarray, shape (m,)
    """
    probability = 1.0 / (1.0 + np.exp(-np.clip(predictor, -700.0, 700.0)))
    probability = np.clip(probability, PROBABILITY_LIMIT, 1 - PROBABILITY_LIMIT)
    died = event.astype(bool)[:, None]
    return -2.0 * np.log(np.where(died, probability, 1 - probability)).mean(axis=0)


def cross_validate(
    path: LassoPath, features: np.ndarray, event: np.ndarray, fold: np.ndarray
) -> CrossValidation:
    """Cross-validate a path as `cv.glmnet` does for the binomial family (deviance, grouped).

    Parameters
    ----------
    path : LassoPath
        Fitted on all training patients.
    features, event : ndarray
        As for `binomial_path`.
    fold : ndarray of int, shape (n,)
        Fold of each patient.

    Returns
    -------
    CrossValidation
    """
    scores, sizes = [], []
    for number in np.unique(fold):
        kept = fold != number
        model = LogNet().fit(features[kept], event[kept])
        coefficients, intercepts = model.interpolate_coefs(path.lambdas)
        predictor = features[~kept] @ coefficients.T + intercepts
        scores.append(binomial_deviance(event[~kept], predictor))
        sizes.append(np.count_nonzero(~kept))
    return summarise_folds(path.lambdas, np.array(scores), np.array(sizes, dtype=float))


def fit_radscore_binomial(
    data: TrainingData,
    *,
    choose: str,
    horizon_months: float | None,
    cut_off: Method,
    path: str,
    cv: str,
    model: str,
) -> None:
    """Fit the Radscore on the training patients' events, or on who survived a horizon.

    Parameters
    ----------
    data : TrainingData
        From `load_training`.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty the score uses.
    horizon_months : float or None
        Where survival is taken as yes or no; None: the event, follow-up time left aside.
    cut_off : {'median', 'log_rank'}
        How the score is parted into low and high risk.
    path, cv, model : str
        Files to write.

    Raises
    ------
    CohortTooSmallError
        If the training patients have too few deaths or too few survivors.
    """
    fitted_on = binomial_outcome(data, horizon_months)
    lasso = None
    if data.features.shape[1]:
        values = fitted_on.features.to_numpy()
        fitted = binomial_path(values, fitted_on.event)
        lasso = fitted, cross_validate(fitted, values, fitted_on.event, fitted_on.fold)
    store_fit(data, fitted_on, "binomial", lasso, choose, cut_off, path, cv, model)


def binomial_outcome(data: TrainingData, horizon_months: float | None) -> TrainingData:
    """Return the patients who take part, with what is fitted as their event.

    Parameters
    ----------
    data : TrainingData
        All training patients.
    horizon_months : float or None
        As for `fit_radscore_binomial`.

    Returns
    -------
    TrainingData

    Raises
    ------
    CohortTooSmallError
        If there are too few deaths or too few survivors.
    """
    counted = "deaths"
    if horizon_months is not None:
        counted = f"deaths up to {horizon_months:g} months"
        data = with_death_by(data, horizon_months)
    check_size(data.n, data.events, data.folds, counted)
    check_survivors(data.n, data.n - data.events, horizon_months)
    return data
