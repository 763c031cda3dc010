"""Figures of merit of predictions in one cohort."""

from collections.abc import Sequence

import numpy as np

from taceflow.errors import TaceflowError
from taceflow.survival.evaluation.auc import time_dependent_auc
from taceflow.survival.evaluation.bootstrap_intervals import Estimate, generator_for
from taceflow.survival.evaluation.brier import brier_times, integrated_brier
from taceflow.survival.evaluation.calibration import calibration_slope
from taceflow.survival.evaluation.concordance import concordance
from taceflow.survival.evaluation.normal_intervals import NO_SPREAD
from taceflow.survival.minimum_counts import of_survival, shortfall
from taceflow.survival.models.predictions import Predicted


def merits(
    time: np.ndarray,
    event: np.ndarray,
    predicted: Predicted,
    horizons_months: Sequence[float],
    *,
    bootstraps: int = 0,
    seed: int = 0,
    names: Sequence[str] = (),
    months: np.ndarray | None = None,
) -> list[tuple[str, float | None, Estimate]]:
    """Return C, AUC at each horizon, calibration slope and integrated Brier score.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    bootstraps, seed : int
        Resamples for the intervals of AUC and Brier score; none gives estimates only.
    names : sequence of str
        What the draws belong to.
    months : ndarray, optional
        Over which the Brier score is integrated; `months_of_brier` without.

    Returns
    -------
    list of (metric, horizon, Estimate)
    """
    found = [("c_index", None, c_index(time, event, predicted.risk))]
    areas = time_dependent_auc(
        time,
        event,
        predicted.risk,
        horizons_months,
        bootstraps=bootstraps,
        generator=generator_for(seed, *names, "auc"),
    )
    found += [("auc", horizon, area) for horizon, area in zip(horizons_months, areas, strict=True)]
    found.append(("calibration_slope", None, slope(time, event, predicted.log_hazard)))
    note = ""
    if months is None:
        months, note = months_of_brier(time, event, predicted, horizons_months)
    score = Estimate(note=note)
    if not note:
        score = integrated_brier(
            time,
            event,
            predicted.survival(months),
            months,
            bootstraps=bootstraps,
            generator=generator_for(seed, *names, "brier"),
        )
    found.append(("brier_integrated", float(months[-1]) if len(months) else None, score))
    return found


def months_of_brier(
    time: np.ndarray, event: np.ndarray, predicted: Predicted, horizons_months: Sequence[float]
) -> tuple[np.ndarray, str]:
    """Return the whole months of `brier_times` that the prediction reaches, and why there are none.

    Parameters as for `merits`.
    """
    if predicted.at_horizons_alone:
        note = "the model's survival is told at the horizons alone: see survival/recalibration.tsv"
        return np.array([]), note
    months, note = brier_times(time, event, horizons_months)
    return months[months <= predicted.last_months], note


def c_index(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> Estimate:
    """Return Harrell's C; without an interval where `minimum_counts` allows none."""
    found = concordance(time, event, risk)
    if not np.isfinite(found.estimate):
        return Estimate(note="no comparable pair of patients")
    if found.standard_error == 0:
        return _unless_few(Estimate(found.estimate, note=NO_SPREAD), time, event)
    return _unless_few(Estimate(found.estimate, *found.interval), time, event)


def slope(time: np.ndarray, event: np.ndarray, log_hazard: np.ndarray) -> Estimate:
    """Return the calibration slope likewise, or why there is none."""
    try:
        return _unless_few(calibration_slope(time, event, log_hazard), time, event)
    except TaceflowError as error:
        return Estimate(note=str(error))


def _unless_few(found: Estimate, time: np.ndarray, event: np.ndarray) -> Estimate:
    few = shortfall(of_survival(time, event))
    return Estimate(found.estimate, note=f"no interval: {few}") if few else found
