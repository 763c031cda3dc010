"""How well a risk orders patients, and how well predicted survival fits, with intervals."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sksurv.metrics import cumulative_dynamic_auc, integrated_brier_score
from sksurv.util import Surv

from taceflow.survival.evaluation.normal import NO_SPREAD
from taceflow.survival.evaluation.weighting import horizon_problem, just_before_deaths
from taceflow.survival.floor import at_horizon, shortfall

USABLE_SHARE = 0.5
"""Share of bootstrap samples that must give a number; below it there is no interval."""


@dataclass(frozen=True)
class Estimate:
    """A figure of merit.

    Attributes
    ----------
    estimate, lower, upper : float
        NaN where there is none.
    note : str
        Why, then.
    """

    estimate: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    note: str = ""


def generator_for(seed: int, *names: str) -> np.random.Generator:
    """Return a generator of its own for a model and cohort, whatever else is drawn."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


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
    horizons_months : sequence of float
        Horizons.
    bootstraps : int
        Resamples of patients.
    generator : Generator
        Where they are drawn from.

    Returns
    -------
    list of Estimate
        One a horizon; empty, with a note, where follow-up or deaths do not reach; without an
        interval where they are few.
    """
    problems = [horizon_problem(time, event, horizon) for horizon in horizons_months]
    usable = [h for h, problem in zip(horizons_months, problems, strict=True) if not problem]

    def measure(rows: np.ndarray) -> np.ndarray:
        return _auc(time[rows], event[rows], risk[rows], usable)

    few = [shortfall(at_horizon(time, event, horizon)) for horizon in usable]
    found = iter(_with_interval(measure, len(time), few, bootstraps, generator))
    return [Estimate(note=problem) if problem else next(found) for problem in problems]


def integrated_brier(
    time: np.ndarray,
    event: np.ndarray,
    survival: np.ndarray,
    times_months: np.ndarray,
    *,
    bootstraps: int,
    generator: np.random.Generator,
) -> Estimate:
    """Return the Brier score of predicted survival, weighted for censoring, averaged over time.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    survival : ndarray, shape (n, m)
        Predicted survival.
    times_months : ndarray, shape (m,)
        Its times, rising, within follow-up.
    bootstraps, generator
        As for `time_dependent_auc`.

    Returns
    -------
    Estimate
    """
    if len(times_months) < 2:
        return Estimate(note="follow-up reaches fewer than two times of the prediction")

    def measure(rows: np.ndarray) -> np.ndarray:
        outcome = Surv.from_arrays(event[rows].astype(bool), time[rows])
        judged = just_before_deaths(time[rows], event[rows])
        try:
            score = integrated_brier_score(outcome, judged, survival[rows], times_months)
        except ValueError:
            # A resample whose follow-up is too short for these times.
            return np.array([np.nan])
        return np.array([score])

    few = shortfall(at_horizon(time, event, float(times_months[-1])))
    return _with_interval(measure, len(time), [few], bootstraps, generator)[0]


def brier_times(
    time: np.ndarray, event: np.ndarray, horizons_months: Sequence[float]
) -> tuple[np.ndarray, str]:
    """Return the months over which Brier scores are averaged, up to the last horizon within reach.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    horizons_months : sequence of float
        Horizons.

    Returns
    -------
    times_months : ndarray
        Whole months (empty if no horizon is within reach).
    note : str
        Why it is empty.
    """
    reached = [h for h in horizons_months if not horizon_problem(time, event, h)]
    if not reached:
        return np.array([]), horizon_problem(time, event, min(horizons_months))
    months = np.arange(1.0, max(reached) + 1e-9)
    return months[(months >= time.min()) & (months < time.max())], ""


def _auc(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, horizons: Sequence[float]
) -> np.ndarray:
    values = np.full(len(horizons), np.nan)
    usable = [j for j, h in enumerate(horizons) if not horizon_problem(time, event, h)]
    if usable:
        outcome = Surv.from_arrays(event.astype(bool), time)
        times = np.array([horizons[j] for j in usable], dtype=float)
        # Horizons may come in any order; scikit-survival sorts them.
        order = np.argsort(times)
        judged = just_before_deaths(time, event)
        auc, _ = cumulative_dynamic_auc(outcome, judged, risk, times[order])
        values[np.array(usable)[order]] = np.clip(auc, 0.0, 1.0)
    return values


def _with_interval(
    measure: Callable[[np.ndarray], np.ndarray],
    n: int,
    few: Sequence[str],
    bootstraps: int,
    generator: np.random.Generator,
) -> list[Estimate]:
    """Return an estimate for each entry of `few`, which says why there is no interval of it."""
    if not few:
        return []
    estimate = measure(np.arange(n))
    if all(few):
        bootstraps = 0
    draws = np.array([measure(generator.integers(0, n, n)) for _ in range(bootstraps)])
    results = []
    for j, reason in enumerate(few):
        if not np.isfinite(estimate[j]):
            results.append(Estimate(note="no estimate: too few patients at risk"))
            continue
        if reason or not bootstraps:
            note = f"no interval: {reason}" if reason else ""
            results.append(Estimate(float(estimate[j]), note=note))
            continue
        usable = draws[np.isfinite(draws[:, j]), j]
        if len(usable) < USABLE_SHARE * bootstraps:
            note = f"no interval: {len(usable)} of {bootstraps} resamples gave a number"
            results.append(Estimate(float(estimate[j]), note=note))
        else:
            lower, upper = np.quantile(usable, [0.025, 0.975])
            limits = (
                (float(lower), float(upper), "") if lower < upper else (np.nan, np.nan, NO_SPREAD)
            )
            results.append(Estimate(float(estimate[j]), *limits))
    return results
