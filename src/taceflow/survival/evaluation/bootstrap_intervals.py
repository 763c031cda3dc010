"""Figures of merit with percentile intervals from bootstrap resamples of the patients."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from taceflow.survival.evaluation.normal_intervals import NO_SPREAD

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


def with_interval(
    measure: Callable[[np.ndarray], np.ndarray],
    n: int,
    few: Sequence[str],
    bootstraps: int,
    generator: np.random.Generator,
) -> list[Estimate]:
    """Return estimates with their intervals.

    Parameters
    ----------
    measure : callable
        From rows of the patients, ints of shape (n,), to the figures, shape (m,).
    n : int
        Patients.
    few : sequence of str
        Of each figure why there is no interval of it, empty if there is.
    bootstraps : int
        Resamples of patients.
    generator : Generator
        Where they are drawn from.

    Returns
    -------
    list of Estimate
        One an entry of `few`.
    """
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
