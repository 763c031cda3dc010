"""Kaplan-Meier curves and log-rank tests by lifelines, as tables, and medians as R's survfit.

95% intervals are log-log (Kalbfleisch & Prentice), lifelines' default; R's default is log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from taceflow.errors import CohortTooSmallError
from taceflow.survival.minimum_counts import of_survival, shortfall

INTERVAL = "log-log"

_TOLERANCE = 1e-8
"""Products of shares are not exactly one half."""


@dataclass(frozen=True)
class LogRank:
    """A log-rank test.

    Attributes
    ----------
    statistic : float
        Chi-square.
    degrees_of_freedom : int
        Groups at risk when somebody dies, less one.
    p : float
        P of the test.
    """

    statistic: float
    degrees_of_freedom: int
    p: float


def kaplan_meier(
    time: np.ndarray, event: np.ndarray, group: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the Kaplan-Meier estimate of each group as steps.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    group : ndarray, shape (n,), optional
        One curve each; without it one curve, group ``all``.

    Returns
    -------
    DataFrame
        ``group``, ``time_months`` (0 first), ``survival``, ``lower``, ``upper``, ``at_risk``,
        ``events``, ``censored``; the 95% interval is NaN where the curve is 0.
    """
    curves = []
    for name, rows in _groups(len(time), group):
        model = KaplanMeierFitter().fit(time[rows], event[rows])
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
    time: np.ndarray, event: np.ndarray, group: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the median survival of each group.

    Parameters
    ----------
    time, event, group
        As for `kaplan_meier`.

    Returns
    -------
    DataFrame
        ``group``, ``n``, ``events``, ``median_months``, ``lower_months``, ``upper_months``; NaN
        where the curve (or its limit) does not fall to one half.
    """
    rows = []
    for name, members in _groups(len(time), group):
        curve = kaplan_meier(time[members], event[members])
        months = curve["time_months"].to_numpy()
        rows.append(
            {
                "group": name,
                "n": int(members.sum()),
                "events": int(np.sum(event[members])),
                "median_months": _falls_to_half(months, curve["survival"].to_numpy()),
                "lower_months": _falls_to_half(months, curve["lower"].to_numpy()),
                "upper_months": _falls_to_half(months, curve["upper"].to_numpy()),
            }
        )
    return pd.DataFrame(rows)


def logrank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> LogRank:
    """Return the log-rank test of equal survival in all groups.

    Parameters
    ----------
    time, event, group : ndarray, shape (n,)
        As for `kaplan_meier`.

    Raises
    ------
    CohortTooSmallError
        With fewer than two groups at the first death, or without a death; with too few (see
        `minimum_counts`) deaths, patients who outlive one, or patients of a group at the first
        death.
    """
    died = np.asarray(event).astype(bool)
    # Who is gone before the first death tests nothing: R's survdiff drops such a group too.
    groups = np.unique(group[time >= time[died].min()] if died.any() else group)
    if len(groups) < 2 or not died.any():
        raise CohortTooSmallError(
            f"a log-rank test needs two groups and a death, not {len(groups)} and {int(died.sum())}"
        )
    kept = np.isin(group, groups)
    smallest = np.unique(group[kept & (time >= time[died].min())], return_counts=True)[1].min()
    kinds = {**of_survival(time, event), "patient in the smallest group": int(smallest)}
    few = shortfall(kinds)
    if few:
        raise CohortTooSmallError(few)
    result = multivariate_logrank_test(time[kept], group[kept], event[kept])
    return LogRank(float(result.test_statistic), len(groups) - 1, float(result.p_value))


def excess_deaths(time: np.ndarray, event: np.ndarray, members: np.ndarray) -> float:
    """Return observed less expected deaths of a group, as R's survdiff counts them.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    members : ndarray of bool, shape (n,)
        Who is in the group.

    Returns
    -------
    float
        Below 0 if the group lived longer than the others.
    """
    died = np.asarray(event).astype(bool)
    times, deaths = np.unique(time[died], return_counts=True)
    at_risk, of_group = (
        len(some) - np.searchsorted(np.sort(some), times) for some in (time, time[members])
    )
    return float(np.sum(died[members]) - np.sum(deaths * of_group / at_risk))


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


def _falls_to_half(months: np.ndarray, curve: np.ndarray) -> float:
    """Return when a curve falls to one half, as R's ``survfit`` prints it; NaN if never.

    Where it stays at one half, that is the middle of the stay. Limits end where the curve is 0.
    """
    low = curve < 0.5 + _TOLERANCE
    if not low.any():
        return float("nan")
    months, curve = months[low], curve[low]
    further = curve < curve[0]
    if abs(curve[0] - 0.5) < _TOLERANCE and further.any():
        return float((months[0] + months[further][0]) / 2)
    return float(months[0])


def _groups(n: int, group: np.ndarray | None) -> list[tuple[str, np.ndarray]]:
    if group is None:
        return [("all", np.ones(n, dtype=bool))]
    return [(str(name), np.asarray(group == name)) for name in np.unique(group)]
