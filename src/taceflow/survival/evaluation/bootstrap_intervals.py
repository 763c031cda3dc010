"""Figures of merit with percentile intervals from bootstrap resamples of the patients."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from taceflow.survival.evaluation.normal_intervals import NO_SPREAD
from taceflow.wording.counts import counted

USABLE_SHARE = 0.5
"""Share of the resamples that must give a number; below it there is no interval, or correction."""


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
    estimates = measure(np.arange(n)).tolist()
    if all(few):
        bootstraps = 0
    draws = np.array([measure(generator.integers(0, n, n)) for _ in range(bootstraps)])
    draws = draws.reshape(bootstraps, len(few)).T
    return [_with_limits(*one) for one in zip(estimates, draws, few, strict=True)]


def _with_limits(estimate: float, draws: np.ndarray, few: str) -> Estimate:
    if not np.isfinite(estimate):
        return Estimate(note="no estimate: too few patients at risk")
    if few or not len(draws):
        return Estimate(estimate, note=f"no interval: {few}" if few else "")
    usable = draws[np.isfinite(draws)]
    if len(usable) < USABLE_SHARE * len(draws):
        note = f"no interval: {len(usable)} of {counted(len(draws), 'resample')} gave a number"
        return Estimate(estimate, note=note)
    lower, upper = np.quantile(usable, [0.025, 0.975]).tolist()
    return Estimate(estimate, lower, upper) if lower < upper else Estimate(estimate, note=NO_SPREAD)
