"""Stored predictions recalibrated on a new cohort: beside the original, never in its place.

A stored model is known at its horizons alone, so whatever is estimated here starts from its
predictions there. On the scale of log(-log survival) a prediction is a baseline and a predictor,
and a version of it has a slope of the predictor and a baseline of its own:

- ``in_the_large``: the baseline is the new cohort's, the stored predictor an offset (van
  Houwelingen, Stat Med 2000;19:3401; Steyerberg, Clinical Prediction Models 2019, chapters 15
  and 20);
- ``slope``: one coefficient on the stored predictor, by the partial likelihood of the cohort; the
  baseline keeps its shape, and a patient with the cohort's median keeps his prediction;
- ``both``: that slope, and the baseline of the cohort beside it.

Of a Cox model the predictor is its linear predictor. A network has none: log(-log S) of its own
curve at a horizon stands for predictor and baseline together there, and the one slope is that of
log(-log S) at the network's horizon, as its calibration slope is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from taceflow.errors import TaceflowError
from taceflow.survival.minimum_counts import at_horizon, of_survival, shortfall
from taceflow.survival.models.predictions import INSIDE
from taceflow.survival.regression.cox import fit_cox
from taceflow.survival.regression.partial_likelihood import PartialLikelihood

VERSIONS = ("original", "in_the_large", "slope", "both")

DECIMALS = 3
"""Of a baseline on the log scale, and digits of a slope: more would tell of single patients."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """Patients of a new cohort: what became of them, and what a stored model says.

    Attributes
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    log_hazard : ndarray, shape (n,)
        Of which the slope is the coefficient.
    predictor : ndarray, shape (n, k)
        At each horizon; the same at each for a Cox model.
    baseline : ndarray, shape (k,)
        Logarithm of the stored cumulative hazard at predictor 0: NaN beyond what the model knows,
        -inf before its first death.
    horizons_months : ndarray, shape (k,)
        Rising.
    """

    time: np.ndarray
    event: np.ndarray
    log_hazard: np.ndarray
    predictor: np.ndarray
    baseline: np.ndarray
    horizons_months: np.ndarray

    def rows(self, places: np.ndarray) -> "Followed":
        """Return some of the patients, each as often as named."""
        names = ("time", "event", "log_hazard", "predictor")
        return replace(self, **{name: getattr(self, name)[places] for name in names})


@dataclass(frozen=True)
class Recalibration:
    """A version of a stored model.

    Attributes
    ----------
    slope : float
        Of the stored predictor.
    baseline : ndarray, shape (k,)
        Logarithm of the cumulative hazard at predictor 0; NaN where nothing is said.
    note : str
        What is not the cohort's own, and what is not said: without counts, since it may leave.
    """

    slope: float
    baseline: np.ndarray
    note: str = ""

    def survival(self, followed: Followed) -> np.ndarray:
        """Return survival of the patients at the horizons, shape (n, k).

        Curves of a network, stretched at each horizon by itself, may rise; they stay level instead.
        """
        with np.errstate(over="ignore"):
            alone = np.exp(-np.exp(self.slope * followed.predictor + self.baseline))
        return np.minimum.accumulate(alone, axis=1)


def followed_by_cox(
    time: np.ndarray,
    event: np.ndarray,
    risk: np.ndarray,
    model: Mapping[str, Any],
    horizons_months: Sequence[float],
) -> Followed:
    """Return patients beside what a stored Cox model says.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    risk : ndarray, shape (n,)
        Linear predictors.
    model : mapping
        An entry of ``survival/models.json``, of a run or a bundle.
    horizons_months : sequence of float
    """
    horizons = np.sort(np.asarray(horizons_months, dtype=float))
    stored = model["baseline"]
    steps = np.concatenate([[-np.inf], stored["log_cumulative_hazard"]])
    baseline = steps[np.searchsorted(stored["times_months"], horizons, side="right")]
    baseline[horizons > stored["last_follow_up_months"]] = np.nan
    predictor = np.repeat(risk[:, None], len(horizons), axis=1)
    return Followed(
        time=time,
        event=event,
        log_hazard=risk,
        predictor=predictor,
        baseline=baseline,
        horizons_months=horizons,
    )


def followed_by_network(
    time: np.ndarray,
    event: np.ndarray,
    risk: np.ndarray,
    survival: np.ndarray,
    horizons_months: Sequence[float],
) -> Followed:
    """Return patients beside what a network says.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    risk : ndarray, shape (n,)
        1 - survival at the network's own horizon.
    survival : ndarray, shape (n, k)
        At the horizons, from its own curves; NaN beyond its last break.
    horizons_months : sequence of float
        Rising.
    """

    def on_the_log_scale(survival: np.ndarray) -> np.ndarray:
        return np.log(-np.log(np.clip(survival, INSIDE, 1 - INSIDE)))

    predictor = on_the_log_scale(survival)
    return Followed(
        time=time,
        event=event,
        log_hazard=on_the_log_scale(1 - risk),
        predictor=predictor,
        baseline=np.where(np.isfinite(predictor).all(axis=0), 0.0, np.nan),
        horizons_months=np.asarray(horizons_months, dtype=float),
    )


@dataclass(frozen=True)
class Shortfalls:
    """What a cohort is too small for.

    Attributes
    ----------
    of_slope : str
        Why it gives no slope; empty if it does.
    of_horizons : tuple of str, length k
        Why a horizon takes no baseline of its own.
    """

    of_slope: str
    of_horizons: tuple[str, ...]


def shortfalls(followed: Followed) -> Shortfalls:
    """Return what a cohort is too small for.

    A slope takes five deaths and five patients who outlive one; a baseline five deaths by the
    horizon and five patients followed beyond.
    """
    time, event, horizons = followed.time, followed.event, followed.horizons_months
    is_known = np.isfinite(followed.predictor).all(axis=0) & ~np.isnan(followed.baseline)
    return Shortfalls(
        shortfall(of_survival(time, event)),
        tuple(
            shortfall(at_horizon(time, event, horizon))
            if known
            else f"the stored model says nothing at {horizon:g} months"
            for horizon, known in zip(horizons, is_known, strict=True)
        ),
    )


def recalibrations(
    followed: Followed, short: Shortfalls | None = None
) -> dict[str, Recalibration | str]:
    """Return the versions of a stored model, or why one is not made.

    A horizon with too few deaths takes the stored shape up to the first that has enough; beyond
    the last with enough patients nothing is said. A slope of 0 or less makes no version: the
    model orders these patients the wrong way, and would be turned round.

    Parameters
    ----------
    followed : Followed
    short : Shortfalls, optional
        Of the cohort that these patients are a resample of; their own without.

    Returns
    -------
    dict of str to (Recalibration or str)
        By version. Slopes have three digits, new baselines three decimals on the log scale.
    """
    short = short or shortfalls(followed)
    no_level = "; ".join(short.of_horizons) if all(short.of_horizons) else ""
    slope = short.of_slope or _slope(followed)
    found: dict[str, Recalibration | str] = {
        "original": Recalibration(1.0, followed.baseline),
        "in_the_large": no_level or _with_level(followed, 1.0, short),
    }
    if isinstance(slope, str):
        return {**found, "slope": slope, "both": slope}
    found["slope"] = _about_the_median(followed, slope)
    return {**found, "both": no_level or _with_level(followed, slope, short)}


def log_baseline(
    time: np.ndarray, event: np.ndarray, offset: np.ndarray, horizon_months: float
) -> float:
    """Return the logarithm of a cohort's baseline hazard up to a horizon, given log hazards.

    Breslow's sum over deaths of 1 / (sum over those at risk of exp(offset)), tied deaths after
    Efron: of R's ``survfit(coxph(Surv(time, event) ~ offset(offset)))`` at offset 0.

    Parameters
    ----------
    time, event, offset : ndarray, shape (n,)
        Follow-up in months; 1 = died; what the model says of each patient.
    horizon_months : float

    Returns
    -------
    float
        -inf without a death up to the horizon.
    """
    died = np.asarray(event).astype(bool)
    if not np.any(died & (time <= horizon_months)):
        return -np.inf
    likelihood = PartialLikelihood(time, died, offset[:, None])
    times, hazard, *_ = likelihood.baseline(np.ones(1))
    return float(hazard[np.searchsorted(times, horizon_months, side="right") - 1])


def _slope(followed: Followed) -> float | str:
    """Return the calibration slope to three digits, or why there is none to recalibrate by."""
    design = followed.log_hazard[:, None]
    try:
        fit = fit_cox(followed.time, followed.event, design, ["the stored risk"])
    except TaceflowError as error:
        return str(error)
    slope = float(f"{fit.coefficients[0]:.{DECIMALS}g}")
    if slope <= 0:
        return f"the calibration slope is {slope:g}: the model orders these patients the wrong way"
    return slope


def _about_the_median(followed: Followed, slope: float) -> Recalibration:
    # Rounded: a median to its last digit is one patient's value.
    median = np.round(np.median(followed.predictor, axis=0), 1)
    return Recalibration(slope, followed.baseline + np.round((1 - slope) * median, DECIMALS))


def _with_level(followed: Followed, slope: float, short: Shortfalls) -> Recalibration:
    """Return the version whose baseline is the cohort's, at the horizons that have enough."""
    months, stored = followed.horizons_months, followed.baseline
    baseline = np.full(len(months), np.nan)
    enough = [k for k, reason in enumerate(short.of_horizons) if not reason]
    for k in enough:
        offset = slope * followed.predictor[:, k]
        found = log_baseline(followed.time, followed.event, offset, months[k])
        baseline[k] = round(found, DECIMALS)
    first = enough[0]
    earlier = stored[:first]
    # -inf: the stored model has no death up to there either
    moved = baseline[first] - stored[first] if np.isfinite(stored[first]) else 0.0
    baseline[:first] = earlier + moved
    told = f"up to {months[first]:g} months in the stored shape" if first else ""
    end = f"nothing beyond {months[enough[-1]]:g} months" if enough[-1] < len(months) - 1 else ""
    return Recalibration(slope, baseline, "; ".join(filter(None, [told, end])))
