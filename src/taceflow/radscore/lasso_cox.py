"""LASSO for Cox's model as R's glmnet 4.1 cross-validates it, of all patients and of a resample."""

import numpy as np

from taceflow.radiomics.combat import Unharmonised
from taceflow.radscore.cox_path import TOLERANCE, cox_deviance, cox_path
from taceflow.radscore.lambdas import CrossValidation, Family, LassoPath, cross_validation

STEPS = (20, 40, 60, 80, 100)
"""Penalties fitted to a resample at first, and if that does not suffice."""

BEYOND = 10
"""Penalties by which the path of a resample goes on behind the lowest deviance."""


def cross_validate(
    path: LassoPath,
    features: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    fold: np.ndarray,
    *,
    tolerance: float = TOLERANCE,
    whole: bool = True,
    raw: Unharmonised | None = None,
) -> CrossValidation:
    """Cross-validate a path as `cv.glmnet` does for Cox (deviance, grouped).

    Each fold has its own path on its own scaling, interpolated to the penalties of the whole;
    its score is the deviance of all patients minus that of those it was fitted on, per death
    left out (van Houwelingen et al. 2006, Stat Med 25:3201).

    Parameters
    ----------
    path : LassoPath
        Fitted on all these patients.
    features, time, event, tolerance
        As for `cox_path`.
    fold : ndarray of int, shape (n,)
        Fold of each patient.
    whole : bool
        False if `path` is only the beginning of one: a fold's path need not go further either.
    raw : Unharmonised, optional
        Of harmonised features: each fold harmonises them again, by those whom it is fitted on.
    """
    down_to = 0.0 if whole else float(path.lambdas[-1])

    def left_out(kept: np.ndarray) -> tuple[np.ndarray, int]:
        seen = features if raw is None else raw.seen_by(kept)
        rows = seen[kept], time[kept], event[kept]
        part = cox_path(*rows, tolerance=tolerance, down_to=down_to)
        predictor = seen @ _interpolated(part, path.lambdas)
        gain = cox_deviance(time, event, predictor)
        gain -= cox_deviance(time[kept], event[kept], predictor[kept])
        deaths = event[~kept].sum()
        return gain / deaths, deaths

    return cross_validation(path.lambdas, fold, left_out)


def fit_lasso(
    features: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    fold: np.ndarray,
    raw: Unharmonised | None = None,
) -> tuple[LassoPath, CrossValidation]:
    """Fit and cross-validate the path of all training patients."""
    path = cox_path(features, time, event)
    return path, cross_validate(path, features, time, event, fold, raw=raw)


def fit_resample(
    features: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    fold: np.ndarray,
    raw: Unharmonised | None = None,
) -> tuple[LassoPath, CrossValidation]:
    """Fit and cross-validate the path of a resample until the deviance has ceased to fall.

    That is, for `BEYOND` penalties. With copies of patients a path's end is overfitted even more
    than otherwise, and takes nearly all the time.
    """
    for most in STEPS:
        path = cox_path(features, time, event, most=most)
        validated = cross_validate(path, features, time, event, fold, whole=False, raw=raw)
        if len(path.lambdas) < most or validated.mean.argmin() < most - BEYOND:
            break
    return path, validated


COX = Family("cox", ("time_months", "event"), fit_lasso, fit_resample)


def _interpolated(path: LassoPath, lambdas: np.ndarray) -> np.ndarray:
    """Return coefficients at other penalties, linear between those fitted, flat beyond."""
    known = path.lambdas[::-1]
    if len(known) == 1:
        return np.repeat(path.coefficients, len(lambdas), axis=1)
    right = np.clip(np.searchsorted(known, lambdas), 1, len(known) - 1)
    share = np.clip((lambdas - known[right - 1]) / (known[right] - known[right - 1]), 0.0, 1.0)
    values = path.coefficients[:, ::-1]
    return values[:, right - 1] * (1 - share) + values[:, right] * share
