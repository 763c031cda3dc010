"""Cox's proportional hazards model: Newton's method with step halving, as R's coxph.

Own code because libraries fail, one of them silently, on tables in which a variable separates
the deaths; here such a variable is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from taceflow.errors import (
    CohortTooSmallError,
    CollinearityError,
    ConvergenceError,
    SeparationError,
)
from taceflow.survival.regression.collinearity import (
    farthest_column,
    lost_information,
    naming,
    refuse_collinear,
)
from taceflow.survival.regression.partial_likelihood import PartialLikelihood
from taceflow.survival.regression.wald import Estimates
from taceflow.wording.counts import counted

MOST_ITERATIONS = 40
STEP_TOLERANCE = 1e-9
"""In standard deviations of a covariate; steps shrink quadratically, so the error is far less."""

FAR_OUT = 10.0
"""Log hazard ratio per standard deviation that no real covariate has."""

SEPARATES = (
    "separates the patients who died from those at risk, completely or but for ties (a group "
    "without deaths), so its hazard ratio has no finite estimate"
)


@dataclass(frozen=True, kw_only=True)
class CoxFit(Estimates):
    """A fitted Cox model.

    Attributes
    ----------
    covariance : ndarray, shape (p, p)
        Inverse of the observed information.
    log_likelihood_null, log_likelihood : float
        Partial log likelihood without and with the covariates.
    centre : ndarray, shape (p,)
        Mean of each column; the baseline belongs to it.
    times_months : ndarray, shape (m,)
        Times of death.
    log_cumulative_hazard : ndarray, shape (m,)
        Logarithm of the baseline, right-continuous steps at those times (R's ``survfit.coxph``).
        Where few patients far out have taken the means to where nobody is, the baseline itself
        is beyond floating point.
    relative_variance : ndarray, shape (m,)
        Of the baseline at those times, for known coefficients: variance over square.
    mean_at_risk : ndarray, shape (m, p)
        Covariates of those at risk up to those times, weighted by the steps of the baseline: the
        further a patient is from them, the more the coefficients' errors count.
    last_follow_up_months : float
        Nothing is known beyond.
    """

    covariance: np.ndarray
    log_likelihood_null: float
    log_likelihood: float
    centre: np.ndarray
    times_months: np.ndarray
    log_cumulative_hazard: np.ndarray
    relative_variance: np.ndarray
    mean_at_risk: np.ndarray
    last_follow_up_months: float

    @property
    def aic(self) -> float:
        """Akaike's criterion on the partial likelihood, as R's ``AIC(coxph)``."""
        return 2 * len(self.names) - 2 * self.log_likelihood


def linear_predictor(
    design: np.ndarray, coefficients: np.ndarray, centre: np.ndarray
) -> np.ndarray:
    """Return (design - centre) times coefficients, row by row: shape (n,) of (n, p) and (p,)."""
    # Not a matrix product: its rounding depends on the other rows, and a median is a cut-off.
    return ((np.ascontiguousarray(design, dtype=float) - centre) * coefficients).sum(axis=1)


def predicted_survival(
    risk: np.ndarray,
    baseline_times_months: np.ndarray,
    log_cumulative_hazard: np.ndarray,
    last_follow_up_months: float,
    times_months: Sequence[float],
) -> np.ndarray:
    """Return exp(-H0(t) exp(risk)), with a step function H0.

    Parameters
    ----------
    risk : ndarray, shape (n,)
        Linear predictors.
    baseline_times_months, log_cumulative_hazard : ndarray, shape (m,)
        The baseline.
    last_follow_up_months : float
        End of the baseline.
    times_months : sequence of float, length k
        Times wanted.

    Returns
    -------
    ndarray, shape (n, k)
        NaN for times beyond `last_follow_up_months`.
    """
    times = np.asarray(times_months, dtype=float)
    steps = np.concatenate([[-np.inf], log_cumulative_hazard])
    hazard = steps[np.searchsorted(baseline_times_months, times, side="right")]
    # A sum of logarithms, lest infinity times 0 be no number; e^-infinity is 0 rightly.
    with np.errstate(over="ignore"):
        survival = np.exp(-np.exp(np.asarray(risk)[:, None] + hazard))
    survival[:, times > last_follow_up_months] = np.nan
    return survival


def fit_cox(
    time: np.ndarray,
    event: np.ndarray,
    design: np.ndarray,
    names: Sequence[str],
) -> CoxFit:
    """Fit Cox's model by maximum partial likelihood, tied deaths after Efron.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Follow-up in months.
    event : ndarray of {0, 1}, shape (n,)
        1 = died.
    design : ndarray, shape (n, p)
        Covariates without gaps; p may be 0.
    names : sequence of str, length p
        Names of the columns, for messages.

    Raises
    ------
    CohortTooSmallError
        Without any death.
    CollinearityError
        If a column does not vary or is a combination of those before it.
    SeparationError
        If a coefficient runs to infinity.
    ConvergenceError
        If Newton's method ends elsewhere.

    Notes
    -----
    `CollinearityError` and `SeparationError` carry the column's name as ``variable``.
    """
    time = np.asarray(time, dtype=float)
    event = np.asarray(event).astype(bool)
    design = np.asarray(design, dtype=float).reshape(len(time), len(names))
    if not event.any():
        raise CohortTooSmallError(
            f"no death among {counted(len(time), 'patient')}: no hazard can be modelled"
        )
    refuse_collinear(design, names)
    centre = design.mean(axis=0)
    scale = design.std(axis=0)
    problem = PartialLikelihood(time, event, (design - centre) / scale)
    null, best, beta, information = _maximise(problem, names)
    covariance = linalg.inv(information) / np.outer(scale, scale)
    times, log_hazard, relative_variance, mean_at_risk = problem.baseline(beta)
    return CoxFit(
        names=tuple(names),
        coefficients=beta / scale,
        covariance=covariance,
        log_likelihood_null=null,
        log_likelihood=best,
        centre=centre,
        n=len(time),
        events=int(event.sum()),
        times_months=times,
        log_cumulative_hazard=log_hazard,
        relative_variance=relative_variance,
        mean_at_risk=centre + scale * mean_at_risk,
        last_follow_up_months=float(time.max()),
    )


def _maximise(
    problem: PartialLikelihood, names: Sequence[str]
) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Return null and best log likelihood, coefficients and information, scaled columns."""
    beta = np.zeros(len(names))
    null, score, information = problem(beta)
    way, value, gain = [(beta, information)], null, np.inf
    for iteration in range(MOST_ITERATIONS):
        try:
            next_step = linalg.cho_solve(linalg.cho_factor(information), score)
        except linalg.LinAlgError:
            if iteration == 0:
                raise naming(
                    CollinearityError,
                    names[int(np.argmin(np.diag(information)))],
                    "does not vary among the patients at risk when others die",
                ) from None
            break
        if not np.isfinite(next_step).all():
            break
        step = next_step
        for _ in range(30):
            new_value, new_score, new_information = problem(beta + step)
            # Slack for rounding: at the top every step looks like a tiny loss.
            no_loss = value - 1e-10 * abs(value) <= new_value < np.inf
            if no_loss and np.isfinite(new_information).all():
                break
            step = step / 2
        else:
            break
        beta, gain = beta + step, new_value - value
        value, score, information = new_value, new_score, new_information
        way.append((step, information))
        if np.abs(step).max(initial=0.0) <= STEP_TOLERANCE * (1 + np.abs(beta).max(initial=0.0)):
            if lost_information(way):
                raise naming(SeparationError, names[farthest_column(way)], SEPARATES)
            return null, value, beta, information
    # Still walking, though nothing is gained or already far out: no finite estimate.
    if lost_information(way) or abs(gain) <= 1e-6 or np.abs(beta).max(initial=0.0) > FAR_OUT:
        raise naming(SeparationError, names[farthest_column(way)], SEPARATES)
    raise ConvergenceError(
        f"Cox's model of {', '.join(names)} did not converge in {MOST_ITERATIONS} steps"
    )
