"""The time-dependent AUC: at the horizons with intervals, and month by month."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sksurv.metrics import cumulative_dynamic_auc
from sksurv.util import Surv

from taceflow.survival.evaluation.bootstrap_intervals import Estimate, with_interval
from taceflow.survival.evaluation.censoring import horizon_problem, just_before_deaths
from taceflow.survival.minimum_counts import FEWEST, at_horizon, shortfall


def time_dependent_auc(
    time: np.ndarray,
    event: np.ndarray,
    risk: np.ndarray,
    horizons_months: Sequence[float],
    *,
    bootstraps: int,
    generator: np.random.Generator,
) -> list[Estimate]:
    """Return the cumulative/dynamic AUC at each horizon with a percentile bootstrap interval.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died. Censoring weights come from the same cohort, as timeROC's.
    risk : ndarray, shape (n,)
        Higher = worse.
    bootstraps, generator
        As for `with_interval`.

    Returns
    -------
    list of Estimate
        One a horizon; empty, with a note, where follow-up or deaths do not reach; without an
        interval where they are few.
    """
    problems = [horizon_problem(time, event, horizon) for horizon in horizons_months]
    usable = [h for h, problem in zip(horizons_months, problems, strict=True) if not problem]

    def measure(rows: np.ndarray) -> np.ndarray:
        return _auc_at(time[rows], event[rows], risk[rows], usable)

    few = [shortfall(at_horizon(time, event, horizon)) for horizon in usable]
    found = iter(with_interval(measure, len(time), few, bootstraps, generator))
    return [Estimate(note=problem) if problem else next(found) for problem in problems]


def auc_over_time(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> pd.DataFrame:
    """Return the time-dependent AUC at each whole month that has deaths and survivors enough.

    Cumulative cases, dynamic controls, weighted for censoring within the cohort (Uno et al.
    2007, JASA 102:527), as R's timeROC.

    Parameters
    ----------
    time, event, risk
        As for `time_dependent_auc`.

    Returns
    -------
    DataFrame
        ``months``, ``auc``; without rows if no month has `FEWEST` deaths before it and as many
        patients followed beyond it.
    """
    died = np.asarray(event).astype(bool)
    months = np.arange(1.0, np.floor(time.max()) + 1) if len(time) else np.array([])
    deaths = (died[:, None] & (time[:, None] <= months)).sum(axis=0)
    beyond = (time[:, None] > months).sum(axis=0)
    months = months[(deaths >= FEWEST) & (beyond >= FEWEST)]
    if not len(months):
        return pd.DataFrame({"months": [], "auc": []})
    return pd.DataFrame({"months": months, "auc": _areas(time, event, risk, months)})


def _auc_at(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, horizons: Sequence[float]
) -> np.ndarray:
    values = np.full(len(horizons), np.nan)
    # scikit-survival wants them in rising order
    usable = [j for j in np.argsort(horizons) if not horizon_problem(time, event, horizons[j])]
    if usable:
        months = np.array([horizons[j] for j in usable], dtype=float)
        values[usable] = _areas(time, event, risk, months)
    return values


def _areas(time: np.ndarray, event: np.ndarray, risk: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Return the areas at rising times within reach."""
    outcome = Surv.from_arrays(event.astype(bool), time)
    areas, _ = cumulative_dynamic_auc(outcome, just_before_deaths(time, event), risk, months)
    return np.clip(np.atleast_1d(areas), 0.0, 1.0)
