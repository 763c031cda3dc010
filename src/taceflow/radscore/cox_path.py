"""The LASSO path of Cox's model as R's glmnet 4.1 fits it, by scikit-survival."""

import logging
import warnings
from functools import partial

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sksurv.linear_model import CoxnetSurvivalAnalysis
from sksurv.util import Surv

from taceflow.errors import ConvergenceError
from taceflow.radscore.lambdas import LassoPath
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

TOLERANCE = 1e-7
"""glmnet's default `thresh`."""

MOST_LAMBDAS = 100
MOST_PASSES = 100_000
"""glmnet's defaults `nlambda` and `maxit` (over the whole path)."""

WINDOW = 4
SMALLEST_GAIN = 1e-3
MOST_EXPLAINED = 0.99
"""glmnet ends a Cox path where so many penalties raised the share of the deviance explained by
less than this part of it, or where the share is larger than that."""

UNCHECKED = 5
"""Penalties that scikit-survival always fits: it looks at the gain from the next one on."""


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

    Raises
    ------
    ConvergenceError
        If no feature varies, if nobody outlived another's death, or if not even two penalties
        converge; else the path ends before the first that does not.
    """
    n, p = features.shape
    # Constant in this fold, though not in the cohort: glmnet leaves such a column out.
    varies = np.ptp(features, axis=0) > 0
    if not varies.any():
        raise ConvergenceError(
            f"none of {counted(p, 'feature')} varies among {counted(n, 'patient')}"
        )
    scale = features[:, varies].std(axis=0)
    standardised = (features[:, varies] - features[:, varies].mean(axis=0)) / scale
    null = float(cox_deviance(time, event, np.zeros((n, 1)))[0])
    largest = _largest_penalty(standardised, time, event)
    # One patient who outlives d tied deaths makes it 2 d log(1 + 1 / d), from 1.39 to 2; no one, 0.
    if null < 1 or largest <= 0:
        raise ConvergenceError(
            "a LASSO path needs a death that somebody outlived, and there is none among "
            f"{counted(int(event.sum()), 'death')} of {counted(n, 'patient')}"
        )
    descend = partial(
        _descend,
        standardised,
        Surv.from_arrays(event.astype(bool), time),
        tolerance * null / _null_untied(time, event),
    )
    # glmnet's rule, unlike scikit-survival's where n = p
    ratio = 0.01 if n < p else 1e-4
    if down_to > 0:
        fall = np.log(down_to / largest) / np.log(ratio)
        # one more than needed, since the fall is rounded
        most = int(np.clip(np.ceil(fall * (MOST_LAMBDAS - 1)) + 2, 2, most))

    def attempt(count: int) -> tuple[np.ndarray, np.ndarray] | None:
        share = (count - 1) / (MOST_LAMBDAS - 1)
        return descend(n_alphas=count, alpha_min_ratio=ratio**share)

    def explained(weights: np.ndarray) -> np.ndarray:
        return 1.0 - cox_deviance(time, event, standardised @ weights) / null

    found, count = attempt(most), most
    if found is None:
        # glmnet keeps the penalties before the first that does not converge; scikit-survival goes
        # on with unfinished ones, and does not say from where. So: the longest path that ends.
        count, failed = 1, most
        while failed - count > 1:
            middle = (count + failed) // 2
            shorter = attempt(middle)
            if shorter is None:
                failed = middle
            else:
                count, found = middle, shorter
        if found is None:
            raise ConvergenceError(
                f"the LASSO path of {counted(n, 'patient')} and {counted(p, 'feature')} did not "
                "converge anywhere"
            )
        _LOG.info("no convergence from penalty %d on: the path ends before it", failed)
    lambdas, weights = found
    while len(lambdas) < count and not _is_over(explained(weights)).any():
        # scikit-survival ended the path: it counts the deviance as if no deaths were tied, and
        # where many are (years for months) the share explained is negative at first, and seems
        # not to grow. It is sent on from there, from zero.
        steps = np.arange(len(lambdas), count) / (MOST_LAMBDAS - 1)
        following = lambdas[0] * ratio**steps
        part = descend(alphas=following) or descend(alphas=following[:UNCHECKED])
        if part is None:
            break
        lambdas, weights = np.append(lambdas, part[0]), np.hstack([weights, part[1]])
    share = explained(weights)
    over = np.flatnonzero(_is_over(share))
    kept = slice(0, over[0] + 1 if len(over) else len(lambdas))
    coefficients = np.zeros((p, len(lambdas[kept])))
    coefficients[varies] = weights[:, kept] / scale[:, None]
    return LassoPath(lambdas[kept], coefficients, None, share[kept])


def _descend(
    standardised: np.ndarray, outcome: np.ndarray, tolerance: float, **penalties: object
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return penalties and coefficients of scikit-survival's path, None without convergence."""
    model = CoxnetSurvivalAnalysis(l1_ratio=1.0, tol=tolerance, max_iter=MOST_PASSES, **penalties)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="all coefficients are zero")
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            model.fit(standardised, outcome)
        except (ConvergenceWarning, ArithmeticError):
            return None
    return model.alphas_, model.coef_


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
    # In logarithms: a held-out patient far out in a feature that is all but constant has a
    # predictor thousands away from the others', of whom sums of exponentials keep nothing.
    log_at_risk = np.logaddexp.accumulate(predictor, axis=0)
    # Rows of one time share a risk set: that of the last of them.
    last = np.searchsorted(-time, -time, side="right") - 1
    fitted = (predictor[died] - log_at_risk[last[died]]).sum(axis=0)
    _, ties = np.unique(time[died], return_counts=True)
    return -2.0 * (np.sum(ties * np.log(ties)) + fitted)


def _is_over(share: np.ndarray) -> np.ndarray:
    """Return at which penalties glmnet would end the path, given the share explained."""
    gain = np.full(len(share), np.inf)
    gain[UNCHECKED:] = share[UNCHECKED:] - share[UNCHECKED - WINDOW : len(share) - WINDOW]
    return (gain < SMALLEST_GAIN * share) | (share > MOST_EXPLAINED)


def _largest_penalty(standardised: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    """Return the smallest penalty at which every coefficient is 0."""
    order = np.argsort(time, kind="stable")
    times, died = time[order], event[order].astype(float)
    first = np.searchsorted(times, times, side="left")
    last = np.searchsorted(times, times, side="right") - 1
    hazard = np.cumsum(died / (len(times) - first))[last]
    return float(np.abs(standardised[order].T @ (died - hazard)).max() / len(times))


def _null_untied(time: np.ndarray, event: np.ndarray) -> float:
    """Return the null deviance that scikit-survival computes: each death by itself, in order."""
    at_risk = np.flatnonzero(event[np.argsort(-time, kind="stable")]) + 1
    return float(2.0 * np.log(at_risk).sum())
