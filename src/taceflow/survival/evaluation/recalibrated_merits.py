"""What recalibrated versions of a model are worth beside the original, corrected for optimism."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from taceflow.survival.evaluation.bootstrap_intervals import (
    USABLE_SHARE,
    Estimate,
    generator_for,
    with_interval,
)
from taceflow.survival.evaluation.calibration import calibration_groups, observed_survival
from taceflow.survival.evaluation.censoring import brier_weights, horizon_problem
from taceflow.survival.evaluation.merits import c_index, slope
from taceflow.survival.evaluation.recalibration import (
    Followed,
    Recalibration,
    Shortfalls,
    recalibrations,
    shortfalls,
)
from taceflow.survival.minimum_counts import at_horizon, shortfall

Versions = Mapping[str, Recalibration | str]

_PLACE_OF_SLOPE = 1
"""In the order of `_merits`."""


def merits_of_versions(
    followed: Followed, *, bootstraps: int, seed: int, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Measure the versions of a stored model on the patients that they are made on.

    Each resample of the patients makes the versions again; how much better they are in it than
    among all patients is their optimism (Harrell, Lee & Mark, Stat Med 1996;15:361). The original
    has none, the order of the patients is no version's own, and ``in_the_large`` has the stored
    slope. An estimate without an interval is not corrected.

    Parameters
    ----------
    followed : Followed
    bootstraps, seed : int
        Resamples for intervals of Brier scores and for optimism.
    names : sequence of str
        What the draws belong to.

    Returns
    -------
    list of dict
        ``version``, ``metric``, ``horizon_months``, ``estimate``, ``lower``, ``upper``,
        ``optimism``, ``note``: each figure of each version, empty with a note where there is none.
        Brier scores are averaged over the horizons that every version can be judged at.
    """
    short = shortfalls(followed)
    versions = recalibrations(followed, short)
    span = _span(followed, short)
    merits = _merits(followed, span)
    order = c_index(followed.time, followed.event, followed.log_hazard)
    own = slope(followed.time, followed.event, followed.log_hazard)
    scores = _scores(
        followed, _made(versions), span, bootstraps, generator_for(seed, *names, "brier")
    )
    optimism = _optimism(
        followed, versions, short, span, bootstraps, generator_for(seed, *names, "optimism")
    )
    rows = []
    for name, version in versions.items():
        if isinstance(version, str):
            values = [Estimate(note=f"not done: {version}")] * len(merits)
        else:
            ends = (own.estimate, own.lower, own.upper)
            scaled = Estimate(*(end / version.slope for end in ends), own.note)
            values = [order, scaled, *scores[name], *_ratios(followed, version)]
        for (metric, horizon), value, too_good in zip(
            merits, values, optimism.get(name, np.full(len(merits), np.nan)), strict=True
        ):
            rows.append(
                {
                    "version": name,
                    "metric": metric,
                    "horizon_months": horizon,
                    **asdict(value),
                    "optimism": float(too_good) if np.isfinite(value.lower) else np.nan,
                }
            )
    return rows


def groups_of_versions(followed: Followed) -> pd.DataFrame:
    """Return predicted and observed survival in groups of like prediction, of each version.

    Returns
    -------
    DataFrame
        ``version``, ``horizon_months`` and the columns of `calibration_groups`.
    """
    columns = ["version", "horizon_months", "group", "n", "predicted", "observed", "lower"]
    columns += ["upper", "note"]
    tables = [pd.DataFrame(columns=columns)]
    for name, version in _made(recalibrations(followed)).items():
        survival = version.survival(followed)
        for k, horizon in enumerate(followed.horizons_months):
            if not _problem(followed, survival, k):
                groups = calibration_groups(followed.time, followed.event, survival[:, k], horizon)
                tables.append(groups.assign(version=name, horizon_months=horizon))
    return pd.concat(tables[1:] or tables)[columns]


def observed_to_expected(
    time: np.ndarray, event: np.ndarray, survival: np.ndarray, horizon_months: float
) -> Estimate:
    """Return the ratio of observed to expected deaths by a horizon.

    Observed is 1 - Kaplan-Meier survival, expected the mean of 1 - predicted survival (Debray et
    al., Stat Methods Med Res 2019;28:2768). Above 1 more patients die than the model says.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    survival : ndarray, shape (n,)
        Predicted at the horizon.

    Returns
    -------
    Estimate
        Its interval is Kaplan-Meier's log-log interval over the expected: that is taken as known.
    """
    if problem := horizon_problem(time, event, horizon_months):
        return Estimate(note=problem)
    expected = float(np.mean(1 - survival))
    if not expected > 0:
        return Estimate(note="no death is expected: no ratio")
    alive, lower, upper = observed_survival(time, event, horizon_months)
    ratios = [(1 - end) / expected for end in (alive, upper, lower)]
    few = shortfall(at_horizon(time, event, horizon_months))
    return Estimate(ratios[0], note=f"no interval: {few}") if few else Estimate(*ratios)


def _made(versions: Versions) -> dict[str, Recalibration]:
    return {name: one for name, one in versions.items() if isinstance(one, Recalibration)}


def _span(followed: Followed, short: Shortfalls) -> np.ndarray:
    """Return up to which horizons every version can be judged; none but for two or more."""
    enough = np.flatnonzero([not reason for reason in short.of_horizons])
    last = enough[-1] if len(enough) else -1
    time, event, months = followed.time, followed.event, followed.horizons_months
    judged = [k <= last and not horizon_problem(time, event, months[k]) for k in range(len(months))]
    return np.array(judged, dtype=bool) & (sum(judged) > 1)


def _merits(followed: Followed, span: np.ndarray) -> list[tuple[str, float]]:
    """Return figures of merit with their horizons, NaN for none."""
    months = followed.horizons_months
    return [
        ("c_index", np.nan),
        ("calibration_slope", np.nan),
        *(("brier", float(month)) for month in months),
        ("brier_integrated", float(months[span][-1]) if span.any() else np.nan),
        *(("o_e", float(month)) for month in months),
    ]


def _problem(followed: Followed, survival: np.ndarray, k: int) -> str:
    """Say why the k-th horizon cannot be judged, or return an empty text."""
    month = followed.horizons_months[k]
    if not np.isfinite(survival[:, k]).all():
        return f"nothing is said of {month:g} months: {shortfalls(followed).of_horizons[k]}"
    return horizon_problem(followed.time, followed.event, month)


def _ratios(followed: Followed, version: Recalibration) -> list[Estimate]:
    """Return O/E at the horizons."""
    time, event, survival = followed.time, followed.event, version.survival(followed)
    found = []
    for k, month in enumerate(followed.horizons_months):
        problem = _problem(followed, survival, k)
        found.append(
            Estimate(note=problem)
            if problem
            else observed_to_expected(time, event, survival[:, k], month)
        )
    return found


def _scores(
    followed: Followed,
    versions: Mapping[str, Recalibration],
    span: np.ndarray,
    bootstraps: int,
    generator: np.random.Generator,
) -> dict[str, list[Estimate]]:
    """Return each version's Brier scores at the horizons and their average, from the same draws."""
    survival = {name: version.survival(followed) for name, version in versions.items()}
    months = followed.horizons_months
    few = [shortfall(at_horizon(followed.time, followed.event, month)) for month in months]
    few.append(few[np.flatnonzero(span)[-1]] if span.any() else "not averaged")

    def measure(rows: np.ndarray) -> np.ndarray:
        sample = followed.rows(rows)
        weights = brier_weights(sample.time, sample.event, months)
        return np.concatenate(
            [_brier(weights, one[rows], months, span) for one in survival.values()]
        )

    values = with_interval(measure, len(followed.time), few * len(survival), bootstraps, generator)
    found = {}
    for place, (name, one) in enumerate(survival.items()):
        own = values[place * len(few) : (place + 1) * len(few)]
        why = [_problem(followed, one, k) for k in range(len(months))]
        why.append("" if span.any() else "no two horizons at which every version can be judged")
        found[name] = [
            Estimate(note=reason) if reason else value
            for reason, value in zip(why, own, strict=True)
        ]
    return found


def _brier(
    weights: tuple[np.ndarray, np.ndarray],
    survival: np.ndarray,
    months: np.ndarray,
    span: np.ndarray,
) -> np.ndarray:
    """Return Brier scores at the horizons, and their average over those of `span`, shape (k+1,)."""
    died, alive = weights
    squares = died * survival**2 + alive * (1 - survival) ** 2
    scores = squares.sum(axis=0) / max(len(squares), 1)
    whole = np.nan
    if span.any():
        whole = np.trapezoid(scores[span], months[span]) / np.ptp(months[span])
    return np.append(scores, whole)


def _optimism(
    followed: Followed,
    versions: Versions,
    short: Shortfalls,
    span: np.ndarray,
    bootstraps: int,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return the optimism of each version in the order of `_merits`, NaN where nothing is fitted.

    The slope of a resample is 1 after it was recalibrated by it; among all patients it is the
    ratio of the two slopes.
    """
    made = _made(versions)
    del made["original"]
    if not made:
        return {}
    found: dict[str, list[np.ndarray]] = {name: [] for name in made}
    n = len(followed.time)
    judge = _judge(followed, span)
    for _ in range(bootstraps):
        sample = followed.rows(generator.integers(0, n, n))
        again, judge_again = _made(recalibrations(sample, short)), _judge(sample, span)
        for name in made.keys() & again.keys():
            ratio = made[name].slope / again[name].slope
            of_slope = np.nan if name == "in_the_large" else 1 - ratio
            with np.errstate(invalid="ignore"):
                better = judge_again(again[name]) - judge(again[name])
            found[name].append(np.array([np.nan, of_slope, *better]))
    count = len(_merits(followed, span))
    return {name: _means(draws, bootstraps, count) for name, draws in found.items()}


def _judge(followed: Followed, span: np.ndarray) -> Callable[[Recalibration], np.ndarray]:
    """Return what gives a version's Brier scores and O/E, without C and slope before them."""
    time, event, months = followed.time, followed.event, followed.horizons_months
    weights = brier_weights(time, event, months)
    observed = 1 - np.array([observed_survival(time, event, month)[0] for month in months])

    def judge(version: Recalibration) -> np.ndarray:
        survival = version.survival(followed)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = observed / (1 - survival).mean(axis=0)
        return np.append(_brier(weights, survival, months, span), ratios)

    return judge


def _means(draws: Sequence[np.ndarray], bootstraps: int, count: int) -> np.ndarray:
    """Return the mean of each figure that half of the resamples gave, of slopes the median.

    A ratio to slopes, of which some are near 0, has no mean.
    """
    drawn = np.array(draws).reshape(len(draws), count)
    usable = np.isfinite(drawn)
    enough = (usable.sum(axis=0) > 0) & (usable.sum(axis=0) >= USABLE_SHARE * bootstraps)
    means = np.full(count, np.nan)
    means[enough] = np.mean(drawn[:, enough], axis=0, where=usable[:, enough])
    if enough[_PLACE_OF_SLOPE]:
        means[_PLACE_OF_SLOPE] = np.median(drawn[usable[:, _PLACE_OF_SLOPE], _PLACE_OF_SLOPE])
    return means
