"""Kaplan-Meier curves, medians and log-rank tests by lifelines, as tables.

Intervals are log-log (Kalbfleisch & Prentice), lifelines' default; R's default is log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import median_survival_times

from taceflow.errors import CohortTooSmallError

INTERVAL = "log-log"


@dataclass(frozen=True)
class LogRank:
    """A log-rank test.

    Attributes
    ----------
    statistic : float
        Chi-square.
    degrees_of_freedom : int
        Groups less one.
    p : float
        P of the test.
    """

    statistic: float
    degrees_of_freedom: int
    p: float


def kaplan_meier(
    time: np.ndarray, event: np.ndarray, group: np.ndarray | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the Kaplan-Meier estimate of each group as steps.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    group : ndarray, shape (n,), optional
        One curve each; without it one curve, group ``all``.
    confidence : float
        Level of the log-log interval.

    Returns
    -------
    DataFrame
        ``group``, ``time_months`` (0 first), ``survival``, ``lower``, ``upper``, ``at_risk``,
        ``events``, ``censored``; the interval is NaN where the curve is 0.
    """
    curves = []
    for name, rows in _groups(len(time), group):
        model = _fit(time[rows], event[rows], confidence)
        table = model.event_table
        limits = model.confidence_interval_
        survival = model.survival_function_.iloc[:, 0].to_numpy()
        lower, upper = limits.iloc[:, 0].to_numpy(), limits.iloc[:, 1].to_numpy()
        gone = survival <= 0
        curves.append(
            pd.DataFrame(
                {
                    "group": name,
                    "time_months": table.index.to_numpy(dtype=float),
                    "survival": survival,
                    "lower": np.where(gone, np.nan, lower),
                    "upper": np.where(gone, np.nan, upper),
                    "at_risk": table["at_risk"].to_numpy(dtype=int),
                    "events": table["observed"].to_numpy(dtype=int),
                    "censored": table["censored"].to_numpy(dtype=int),
                }
            )
        )
    return pd.concat(curves, ignore_index=True)


def median_survival(
    time: np.ndarray, event: np.ndarray, group: np.ndarray | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the median survival of each group.

    Parameters
    ----------
    time, event, group, confidence
        As for `kaplan_meier`.

    Returns
    -------
    DataFrame
        ``group``, ``n``, ``events``, ``median_months``, ``lower_months``, ``upper_months``; NaN
        where the curve (or its limit) does not fall to one half.
    """
    rows = []
    for name, members in _groups(len(time), group):
        model = _fit(time[members], event[members], confidence)
        limits = median_survival_times(model.confidence_interval_).to_numpy().ravel()
        values = [model.median_survival_time_, *limits]
        median, lower, upper = (value if np.isfinite(value) else np.nan for value in values)
        rows.append(
            {
                "group": name,
                "n": int(members.sum()),
                "events": int(np.sum(event[members])),
                "median_months": median,
                "lower_months": lower,
                "upper_months": upper,
            }
        )
    return pd.DataFrame(rows)


def logrank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> LogRank:
    """Return the log-rank test of equal survival in all groups.

    Parameters
    ----------
    time, event, group : ndarray, shape (n,)
        As for `kaplan_meier`.

    Returns
    -------
    LogRank

    Raises
    ------
    CohortTooSmallError
        With fewer than two groups, or without a death.
    """
    groups = len(np.unique(group))
    if groups < 2 or not np.any(event):
        raise CohortTooSmallError(
            f"a log-rank test needs two groups and a death, not {groups} and {int(np.sum(event))}"
        )
    result = multivariate_logrank_test(time, group, event)
    return LogRank(float(result.test_statistic), groups - 1, float(result.p_value))


def numbers_at_risk(
    time: np.ndarray, times_months: Sequence[float], group: np.ndarray | None = None
) -> pd.DataFrame:
    """Return how many patients of each group are followed up to, and at, each time.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Follow-up in months.
    times_months : sequence of float
        Times under the axis.
    group : ndarray, shape (n,), optional
        As for `kaplan_meier`.

    Returns
    -------
    DataFrame
        ``group``, ``time_months``, ``at_risk``.
    """
    return pd.DataFrame(
        [
            {"group": name, "time_months": float(t), "at_risk": int(np.sum(time[members] >= t))}
            for name, members in _groups(len(time), group)
            for t in times_months
        ]
    )


def _fit(time: np.ndarray, event: np.ndarray, confidence: float) -> KaplanMeierFitter:
    return KaplanMeierFitter(alpha=1 - confidence).fit(time, event)


def _groups(n: int, group: np.ndarray | None) -> list[tuple[str, np.ndarray]]:
    if group is None:
        return [("all", np.ones(n, dtype=bool))]
    return [(str(name), np.asarray(group == name)) for name in np.unique(group)]
