"""A Cox model as a nomogram: points for each variable, and survival for their sum.

After Harrell's ``nomogram`` (R package rms): the variable whose values in the training patients
move the log hazard most has 100 points from one end to the other, the others in proportion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from taceflow.survival.regression.design import Term, complete_cases, term_from_json

MOST_POINTS = 100.0
"""Points of the variable that weighs most."""

SURVIVALS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
"""Survival probabilities that have a tick."""

_TICKS, _FEWEST = 8, 3
_BEYOND = 700.0
"""A larger logarithm of a hazard leaves no survival, and its exponential no number."""


@dataclass(frozen=True)
class Scale:
    """A line of a nomogram.

    Attributes
    ----------
    name : str
        Column of the cohort table, or what is predicted.
    labels : tuple of str
        Values with a tick.
    points : ndarray, shape (ticks,)
        Where they stand: points of the variable, or total points.
    """

    name: str
    labels: tuple[str, ...]
    points: np.ndarray


@dataclass(frozen=True)
class Nomogram:
    """The lines of a nomogram.

    Attributes
    ----------
    variables : tuple of Scale
        One a variable, in the order of the model.
    total : float
        The most points that can be added up.
    survival : tuple of (float, Scale)
        Horizon in months and its line over the total points; a horizon beyond the training
        patients' follow-up, or one by which nobody died, has none.
    """

    variables: tuple[Scale, ...]
    total: float
    survival: tuple[tuple[float, Scale], ...]


def make_nomogram(
    model: Mapping[str, Any], training: pd.DataFrame, horizons_months: Sequence[float]
) -> Nomogram | None:
    """Turn a stored Cox model into points.

    Parameters
    ----------
    model : mapping
        An entry of ``survival/models.json`` of kind ``cox``.
    training : DataFrame
        Training patients with the model's columns; the lines end at the round values that cover
        theirs.

    Returns
    -------
    Nomogram or None
        None if no variable entered, or none moves the hazard.
    """
    terms = [term_from_json(term) for term in model["terms"]]
    rows = complete_cases(training, [term.column for term in terms])
    scales = [(term.column, *_values(term, rows, model)) for term in terms]
    widest = max((float(np.ptp(effect)) for _, _, effect in scales), default=0.0)
    if widest == 0.0:
        return None
    unit = MOST_POINTS / widest
    lines = tuple(
        Scale(name, labels, (effect - effect.min()) * unit) for name, labels, effect in scales
    )
    centre = sum(model["coefficients"][name] * model["centre"][name] for name in model["variables"])
    lowest = sum(float(effect.min()) for _, _, effect in scales) - centre
    total = sum(float(np.ptp(effect)) for _, _, effect in scales) * unit
    return Nomogram(
        lines, total, _survival(model["baseline"], lowest, unit, total, horizons_months)
    )


def round_values(low: float, high: float, finest: float = 0.0) -> np.ndarray:
    """Return round numbers (steps of 1, 2 or 5 times a power of ten) that cover two values.

    Parameters
    ----------
    low, high : float
        The ends; the same number gives itself.
    finest : float
        The smallest step, such as 1 for whole numbers.

    Returns
    -------
    ndarray
        At most `_TICKS` + 2 of them, the first not above `low` and the last not below `high`, as
        R's ``pretty`` has them.
    """
    if high <= low:
        return np.array([low])
    rough = max((high - low) / _TICKS, finest)
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    # + 0.0: no negative zero
    return np.arange(first, last + 1) * step + 0.0


def _values(
    term: Term, rows: pd.DataFrame, model: Mapping[str, Any]
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the ticks' labels, and the effect of each."""
    coefficients = model["coefficients"]
    if term.reference is not None:
        levels = (term.reference, *term.levels)
        names = term.design_columns
        bounded = [coefficients[name] for name in names if name not in model["unbounded"]]
        # Nobody of such a level died: it stands with the level of the lowest hazard.
        least = min(0.0, *bounded)
        effect = [least if name in model["unbounded"] else coefficients[name] for name in names]
        return levels, np.array([0.0, *effect])
    values = rows[term.column].to_numpy(dtype=float)
    whole = bool((values == np.round(values)).all())
    ticks = round_values(float(values.min()), float(values.max()), 1.0 if whole else 0.0)
    return tuple(f"{tick:g}" for tick in ticks), coefficients[term.column] * ticks


def _survival(
    baseline: Mapping[str, Any],
    lowest: float,
    unit: float,
    total: float,
    horizons_months: Sequence[float],
) -> tuple[tuple[float, Scale], ...]:
    """Return where each survival probability stands on the line of total points."""
    times = np.array(baseline["times_months"])
    steps = np.concatenate([[-np.inf], baseline["log_cumulative_hazard"]])
    lines = []
    for months in horizons_months:
        log_hazard = steps[np.searchsorted(times, months, side="right")]
        if months > baseline["last_follow_up_months"] or log_hazard == -np.inf:
            continue
        # S = exp(-H0 exp(lp)), and lp = lowest + points / unit
        ends = log_hazard + np.array([lowest, lowest + total / unit])
        best, worst = np.exp(-np.exp(np.minimum(ends, _BEYOND)))
        ticks = np.array([s for s in SURVIVALS if worst <= s <= best])
        if len(ticks) < _FEWEST:
            # all patients are alike: finer ticks within what there is
            finer = round_values(worst, best)
            ticks = finer[(finer >= worst) & (finer <= best) & (finer > 0) & (finer < 1)][::-1]
        if len(ticks):
            points = (np.log(-np.log(ticks)) - log_hazard - lowest) * unit
            labels = tuple(f"{tick:.12g}" for tick in ticks)
            lines.append((float(months), Scale(f"{months:g}", labels, points)))
    return tuple(lines)
