"""LASSO for Cox's model as R's glmnet 4.1 fits and cross-validates it, by scikit-survival."""

import logging
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sksurv.linear_model import CoxnetSurvivalAnalysis
from sksurv.util import Surv

from taceflow.errors import ConvergenceError
from taceflow.radscore.model import store_fit
from taceflow.radscore.selection import (
    CrossValidation,
    LassoPath,
    check_size,
    interpolate_path,
    summarise_folds,
)
from taceflow.radscore.training import load_training
from taceflow.survival.models.cut_off import Method

log = logging.getLogger(__name__)

TOLERANCE = 1e-7
"""glmnet's default `thresh`."""

MOST_LAMBDAS = 100
MOST_PASSES = 100_000
"""glmnet's defaults `nlambda` and `maxit` (over the whole path)."""


def cox_path(
    features: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    *,
    tolerance: float = TOLERANCE,
    most: int = MOST_LAMBDAS,
    down_to: float = 0.0,
) -> LassoPath:
    """Fit the LASSO path: alpha 1, Breslow ties, up to 100 penalties, glmnet's stopping rule.

    Parameters
    ----------
    features : ndarray, shape (n, p)
        Raw features; they are standardised here (variance over n), coefficients come back raw.
    time : ndarray, shape (n,)
        Follow-up in months.
    event : ndarray of {0, 1}, shape (n,)
        1 = died.
    tolerance : float
        Stop when no update changes the objective by more than this share of the null deviance.
    most : int
        Fit only so many of the 100 penalties, from the largest.
    down_to : float
        Fit no more penalties than are needed to come down to this one.

    Returns
    -------
    LassoPath

    Raises
    ------
    ConvergenceError
        If not even two penalties converge; else the path ends before the first that does not.
    """
    n, p = features.shape
    scale = features.std(axis=0)
    # Constant in this fold, though not in the cohort: glmnet leaves such a column out.
    varies = np.ptp(features, axis=0) > 0
    standardised = (features[:, varies] - features[:, varies].mean(axis=0)) / scale[varies]
    if not varies.any():
        raise ConvergenceError(f"none of {p} features varies among {n} patients")
    outcome = Surv.from_arrays(event.astype(bool), time)
    # glmnet's rule, unlike scikit-survival's where n = p
    ratio = 0.01 if n < p else 1e-4

    def attempt(count: int) -> CoxnetSurvivalAnalysis | None:
        share = (count - 1) / (MOST_LAMBDAS - 1)
        return _descend(standardised, outcome, count, ratio**share, tolerance)

    if down_to > 0:
        fall = np.log(down_to / _largest_penalty(standardised, time, event)) / np.log(ratio)
        # one more than needed, since the fall is rounded
        most = int(np.clip(np.ceil(fall * (MOST_LAMBDAS - 1)) + 2, 2, most))
    model = attempt(most)
    if model is None:
        # glmnet keeps the penalties before the first that does not converge; scikit-survival goes
        # on with unfinished ones, and does not say from where. So: the longest path that ends.
        longest, failed = 1, most
        while failed - longest > 1:
            middle = (longest + failed) // 2
            shorter = attempt(middle)
            if shorter is None:
                failed = middle
            else:
                longest, model = middle, shorter
        if model is None:
            raise ConvergenceError(
                f"the LASSO path of {n} patients and {p} features did not converge anywhere"
            )
        log.info("no convergence from penalty %d on: the path ends before it", failed)
    coefficients = np.zeros((p, len(model.alphas_)))
    coefficients[varies] = model.coef_ / scale[varies, None]
    return LassoPath(model.alphas_, coefficients, None, model.deviance_ratio_)


def _descend(
    standardised: np.ndarray, outcome: np.ndarray, count: int, ratio: float, tolerance: float
) -> CoxnetSurvivalAnalysis | None:
    """Fit `count` penalties down to `ratio` of the largest, or return None without convergence."""
    model = CoxnetSurvivalAnalysis(
        l1_ratio=1.0,
        n_alphas=count,
        alpha_min_ratio=ratio,
        tol=tolerance,
        max_iter=MOST_PASSES,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="all coefficients are zero")
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return model.fit(standardised, outcome)
        except (ConvergenceWarning, ArithmeticError):
            return None


def _largest_penalty(standardised: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    """Return the smallest penalty at which every coefficient is 0."""
    order = np.argsort(time, kind="stable")
    times, died = time[order], event[order].astype(float)
    first = np.searchsorted(times, times, side="left")
    last = np.searchsorted(times, times, side="right") - 1
    hazard = np.cumsum(died / (len(times) - first))[last]
    return float(np.abs(standardised[order].T @ (died - hazard)).max() / len(times))


def cox_deviance(time: np.ndarray, event: np.ndarray, predictor: np.ndarray) -> np.ndarray:
    """Return glmnet's partial-likelihood deviance (Breslow), 2 (saturated - fitted).

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    predictor : ndarray, shape (n, m)
        Linear predictors of m models.

    Returns
    -------
    ndarray, shape (m,)
    """
    order = np.argsort(-time, kind="stable")
    time, died, predictor = time[order], event[order].astype(bool), predictor[order]
    # A shift of the predictor cancels; without it exp overflows at the small end of a path.
    predictor = predictor - predictor.max(axis=0)
    at_risk = np.cumsum(np.exp(predictor), axis=0)
    # Rows of one time share a risk set: that of the last of them.
    last = np.searchsorted(-time, -time, side="right") - 1
    fitted = (predictor[died] - np.log(at_risk[last[died]])).sum(axis=0)
    _, ties = np.unique(time[died], return_counts=True)
    return -2.0 * (np.sum(ties * np.log(ties)) + fitted)


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
    *,
    patients: str,
    features: str,
    icc: str,
    folds: str,
    choose: str,
    cut_off: Method,
    path: str,
    cv: str,
    model: str,
) -> None:
    """Fit the Radscore on the training patients and store path, cross-validation and model.

    Parameters
    ----------
    patients, features, icc, folds : str
        Tables: cohort, features of the main reading, reproducibility, stored folds.
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
    data = load_training(patients, features, icc, folds)
    check_size(data.n, data.events, data.folds)
    if data.features.shape[1] == 0:
        store_fit(data, "cox", None, None, choose, cut_off, path, cv, model)
        return
    values = data.features.to_numpy()
    fitted = cox_path(values, data.time_months, data.event)
    validated = cross_validate(fitted, values, data.time_months, data.event, data.fold)
    store_fit(data, "cox", fitted, validated, choose, cut_off, path, cv, model)
