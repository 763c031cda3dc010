"""The 95% interval of the survival that a stored Cox model predicts.

The variance of log S is that of R's ``survfit.coxph`` (Tsiatis 1981, Ann Stat 9:93; with Efron's
steps where deaths are tied). Divided by log S squared, which makes it that of log(-log S), nothing
is left in it of the centre or of the size of the hazard: it is stored so. The interval is symmetric
there (log-log), as those of Kaplan-Meier curves are here: it stays between 0 and 1.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.wald import UPPER


def interval_as_json(fit: CoxFit, few: Collection[str] = ()) -> dict[str, Any]:
    """Return what the intervals of a fit need beside its coefficients and baseline.

    Parameters
    ----------
    fit : CoxFit
    few : collection of str
        Columns in which too few patients are not 0, for an interval of such a patient.

    Returns
    -------
    dict
        ``covariance`` of the coefficients, ``relative_variance`` and ``mean_at_risk`` at the times
        of the baseline, columns as in ``variables``. A column of `few`, or without a finite
        estimate, has None for its variance and nothing else: whoever is 0 there has the interval of
        the whole fit, whoever is not has none.
    """
    unknown = np.array([name in fit.unbounded or name in few for name in fit.names], dtype=bool)
    finite = np.where(np.isinf(fit.covariance), 0.0, fit.covariance)
    covariance, relative, mean = finite.copy(), fit.relative_variance, fit.mean_at_risk.copy()
    # Of 0 in these columns: the quadratic form in the others, its square completed.
    away = mean[:, unknown]
    across = finite[np.ix_(~unknown, unknown)]
    share = np.linalg.solve(finite[np.ix_(~unknown, ~unknown)], across)
    rest = finite[np.ix_(unknown, unknown)] - across.T @ share
    mean[:, ~unknown] += away @ share.T
    relative = relative + np.einsum("tp,pq,tq->t", away, rest, away)
    mean[:, unknown] = covariance[unknown] = covariance[:, unknown] = 0.0
    told = covariance.astype(object)
    told[unknown, unknown] = None
    return {
        "covariance": told.tolist(),
        "relative_variance": relative.tolist(),
        "mean_at_risk": mean.tolist(),
    }


def survival_limits(
    model: Mapping[str, Any],
    design: np.ndarray,
    risk: np.ndarray,
    times_months: Sequence[float],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of predicted survival.

    Parameters
    ----------
    model : mapping
        An entry of ``survival/models.json``, or of a bundle.
    design : ndarray, shape (n, p)
        Covariates of the patients.
    risk : ndarray, shape (n,)
        Their linear predictors.
    times_months : sequence of float, length k
        Times wanted.

    Returns
    -------
    lower, upper : ndarray, shape (n, k)
        NaN where nothing tells them: before the first death, beyond the follow-up, for patients of
        a level of too few training patients, or without deaths, and where a bundle does not say.
    """
    baseline, interval = model["baseline"], model["interval"]
    times = np.asarray(times_months, dtype=float)
    # Row 0: before the first death the hazard is 0, and so is its variance.
    place = np.searchsorted(baseline["times_months"], times, side="right")
    place[times > baseline["last_follow_up_months"]] = 0
    n_columns = design.shape[1]
    log_hazard = np.append(np.nan, baseline["log_cumulative_hazard"])[place]
    relative = np.append(np.nan, np.array(interval["relative_variance"], dtype=float))[place]
    mean = [[np.nan] * n_columns, *interval["mean_at_risk"]]
    mean_at_risk = np.array(mean, dtype=float).reshape(len(mean), n_columns)[place]
    covariance = np.array(interval["covariance"], dtype=float).reshape(n_columns, n_columns)
    unknown = np.isnan(np.diag(covariance))
    with np.errstate(over="ignore", invalid="ignore"):
        away = design[:, None, :] - mean_at_risk
        # not a matrix product: see `linear_predictor`
        of_coefficients = np.einsum("nkp,pq,nkq->nk", away, np.nan_to_num(covariance), away)
        reach = special.ndtri(UPPER) * np.sqrt(relative + of_coefficients)
        reach[(design[:, unknown] != 0).any(axis=1)] = np.nan
        log_log = risk[:, None] + log_hazard
        return np.exp(-np.exp(log_log + reach)), np.exp(-np.exp(log_log - reach))
