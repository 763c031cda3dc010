"""Logistic regression by maximum likelihood, as R's glm: for survival as yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

from taceflow.errors import CohortTooSmallError, SeparationError
from taceflow.survival.regression.collinearity import (
    farthest_column,
    lost_information,
    naming,
    refuse_collinear,
)
from taceflow.survival.regression.wald import Estimates
from taceflow.wording.counts import counted

MOST_ITERATIONS = 60
STEP_TOLERANCE = 1e-10


@dataclass(frozen=True, kw_only=True)
class LogisticFit(Estimates):
    """A fitted logistic regression.

    Attributes
    ----------
    intercept : float
        Log odds where every column is 0.
    covariance : ndarray, shape (p, p)
        Of the coefficients.
    log_likelihood_null, log_likelihood : float
        Without and with the covariates.
    """

    intercept: float
    covariance: np.ndarray
    log_likelihood_null: float
    log_likelihood: float

    @property
    def aic(self) -> float:
        """Akaike's criterion, the intercept counted."""
        return 2 * (len(self.names) + 1) - 2 * self.log_likelihood


def fit_logistic(outcome: np.ndarray, design: np.ndarray, names: Sequence[str]) -> LogisticFit:
    """Fit a logistic regression by Newton's method with step halving.

    Parameters
    ----------
    outcome : ndarray of {0, 1}, shape (n,)
        1 = died by the horizon.
    design, names
        As for `fit_cox`.

    Raises
    ------
    CohortTooSmallError
        Without patients of either outcome.
    CollinearityError, SeparationError
        As of `fit_cox`.
    """
    outcome = np.asarray(outcome, dtype=float)
    design = np.asarray(design, dtype=float).reshape(len(outcome), len(names))
    events = int(outcome.sum())
    if events in (0, len(outcome)):
        raise CohortTooSmallError(
            f"{events} of {counted(len(outcome), 'patient')} died by the horizon: there is nothing "
            "to tell apart"
        )
    refuse_collinear(design, names)
    centre, scale = design.mean(axis=0), design.std(axis=0)
    x = np.column_stack([np.ones(len(outcome)), (design - centre) / scale])
    share = events / len(outcome)
    null = events * np.log(share) + (len(outcome) - events) * np.log1p(-share)
    beta = np.zeros(x.shape[1])
    beta[0] = special.logit(share)
    value = null
    step, way = beta, []
    for _ in range(MOST_ITERATIONS):
        probability = special.expit(x @ beta)
        information = x.T @ (x * (probability * (1 - probability))[:, None])
        way.append((step[1:], information))
        try:
            step = linalg.cho_solve(linalg.cho_factor(information), x.T @ (outcome - probability))
        except linalg.LinAlgError:
            break
        for _ in range(30):
            new_value = _log_likelihood(outcome, x @ (beta + step))
            if new_value >= value - 1e-10 * abs(value):
                break
            step = step / 2
        beta, value = beta + step, new_value
        if np.abs(step).max() <= STEP_TOLERANCE * (1 + np.abs(beta).max()):
            if lost_information(way):
                break
            coefficients = beta[1:] / scale
            return LogisticFit(
                names=tuple(names),
                intercept=float(beta[0] - coefficients @ centre),
                coefficients=coefficients,
                covariance=linalg.inv(information)[1:, 1:] / np.outer(scale, scale),
                log_likelihood_null=null,
                log_likelihood=value,
                n=len(outcome),
                events=events,
            )
    raise naming(
        SeparationError,
        names[farthest_column(way)],
        "separates the patients who died by the horizon from the others, completely or but for "
        "ties (all of a group died, or none), so its odds ratio has no finite estimate",
    )


def _log_likelihood(outcome: np.ndarray, log_odds: np.ndarray) -> float:
    return float(np.sum(outcome * log_odds - np.logaddexp(0.0, log_odds)))
