"""LASSO for Cox's model as R's glmnet 4.1 fits and cross-validates it."""

import numpy as np

from taceflow.radscore.cox_path import TOLERANCE, cox_deviance, cox_path
from taceflow.radscore.lambdas import (
    CrossValidation,
    LassoPath,
    check_size,
    interpolate_path,
    summarise_folds,
)
from taceflow.radscore.model import store_fit
from taceflow.radscore.training_data import TrainingData
from taceflow.survival.models.cut_off import Method


def cross_validate(
    path: LassoPath,
    features: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    fold: np.ndarray,
    *,
    tolerance: float = TOLERANCE,
    whole: bool = True,
) -> CrossValidation:
    """Cross-validate a path as `cv.glmnet` does for Cox (deviance, grouped).

    Each fold has its own path on its own scaling, interpolated to the penalties of the whole;
    its score is the deviance of all patients minus that of those it was fitted on, per death
    left out (van Houwelingen et al. 2006, Stat Med 25:3201).

    Parameters
    ----------
    path : LassoPath
        Fitted on all training patients.
    features, time, event : ndarray
        As for `cox_path`.
    fold : ndarray of int, shape (n,)
        Fold of each patient.
    tolerance : float
        As for `cox_path`.
    whole : bool
        False if `path` is only the beginning of one: a fold's path need not go further either.

    Returns
    -------
    CrossValidation
    """
    scores, deaths = [], []
    for number in np.unique(fold):
        kept = fold != number
        down_to = 0.0 if whole else float(path.lambdas[-1])
        rows = features[kept], time[kept], event[kept]
        part = cox_path(*rows, tolerance=tolerance, down_to=down_to)
        predictor = features @ interpolate_path(part, path.lambdas)
        left_out = event[~kept].sum()
        gain = cox_deviance(time, event, predictor)
        gain -= cox_deviance(time[kept], event[kept], predictor[kept])
        scores.append(gain / left_out)
        deaths.append(left_out)
    return summarise_folds(path.lambdas, np.array(scores), np.array(deaths, dtype=float))


def fit_radscore_cox(
    data: TrainingData, *, choose: str, cut_off: Method, path: str, cv: str, model: str
) -> None:
    """Fit the Radscore on the training patients and store path, cross-validation and model.

    Parameters
    ----------
    data : TrainingData
        From `load_training`.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty the score uses.
    cut_off : {'median', 'log_rank'}
        How the score is parted into low and high risk.
    path, cv, model : str
        Files to write.

    Raises
    ------
    CohortTooSmallError
        If the training patients have too few deaths.
    """
    check_size(data.n, data.events, data.folds)
    lasso = None
    if data.features.shape[1]:
        outcome = data.features.to_numpy(), data.time_months, data.event
        fitted = cox_path(*outcome)
        lasso = fitted, cross_validate(fitted, *outcome, data.fold)
    store_fit(data, data, "cox", lasso, choose, cut_off, path, cv, model)
