"""What was fitted, without what only its patients would know.

What may leave is listed here; whatever else the run stores of a fit stays with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.survival.minimum_counts import FEWEST

OF_RADSCORE = (
    *("family", "lambda", "lambda_min", "lambda_1se", "choose", "intercept", "coefficients"),
    *("horizon_months", "n", "events", "candidates"),
)
OF_CUT_OFF = ("cut_off", "high_risk", "cut_off_method", "cut_off_p")
OF_MODEL = (
    *("kind", "variables", "terms", "coefficients", "standard_errors", "unbounded", "centre"),
    *("baseline", "breaks_months", "horizon_months", "n", "events"),
)
OF_NETWORK = (
    *("settings", "seed", "breaks_months", "horizon_months", "n", "events", "images", "views"),
    *("features", "code", "torch", "device", "selection"),
)
OF_BACKBONE = ("architecture", "imagenet_weights", "seed", "sha256", "channel_means")
OF_BACKBONE += ("channel_scales", "torch", "torchvision")
OF_CLINICAL_VARIABLES = ("variables", "selection", "n", "events")

FEWEST_PATIENTS = 2 * FEWEST
"""Of a cohort whose figures of merit are told."""


def kept(content: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return those entries of a description that may leave."""
    return {name: content[name] for name in names if name in content}


def stored_models(
    models: Mapping[str, Mapping[str, Any]], horizons_months: Sequence[float]
) -> dict[str, dict[str, Any]]:
    """Return the content of ``survival/models.json`` as it may leave the house.

    Parameters
    ----------
    models : mapping
        The content.
    horizons_months : sequence of float
        Where the run predicts; survival there is what it was to the last digit.

    Returns
    -------
    dict
    """
    found = {}
    for name, model in models.items():
        found[name] = kept(model, (*OF_MODEL, *OF_CUT_OFF))
        if model["baseline"] is not None:
            found[name]["baseline"] = coarse_baseline(model["baseline"], horizons_months)
    return found


def coarse_baseline(
    baseline: Mapping[str, Any], horizons_months: Sequence[float]
) -> dict[str, Any]:
    """Return a baseline hazard at the horizons, and at whole months with five deaths between.

    Its steps are the times of single deaths, and its end is one patient's follow-up.

    Parameters
    ----------
    baseline : mapping
        ``times_months`` and ``log_cumulative_hazard`` of a step function,
        ``last_follow_up_months``.
    horizons_months : sequence of float
        Those within the follow-up are kept.

    Returns
    -------
    dict
        The same keys. It ends on the last of these months, and has none before the first death.
    """
    last = baseline["last_follow_up_months"]
    horizons = {float(horizon) for horizon in horizons_months if horizon <= last}
    times = np.array(baseline["times_months"])
    months, before = [], 0
    for month in sorted({*np.arange(1.0, np.floor(last) + 1).tolist(), *horizons}):
        # several deaths of one time count as one: never fewer than five
        deaths = int(np.searchsorted(times, month, side="right"))
        if month in horizons or deaths - before >= FEWEST:
            months.append(month)
            before = deaths
    place = np.searchsorted(times, months, side="right") - 1
    hazard = np.array(baseline["log_cumulative_hazard"])
    told = [(month, float(hazard[at])) for month, at in zip(months, place, strict=True) if at >= 0]
    return {
        "times_months": [month for month, _ in told],
        "log_cumulative_hazard": [value for _, value in told],
        "last_follow_up_months": max(months, default=0.0),
    }


def network_description(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``dlopctr/model.json`` or ``combin.json`` says of the final fit.

    The clinical terms of DLOP-Combin are those of the final fit; its head may be wider, for the
    terms of other fits, and takes zeros there.
    """
    found = kept(described, OF_NETWORK)
    if "terms" in described:
        found["terms"] = described["terms"]["final"]
    return found


def backbone_description(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``dlopctr/backbone.json`` says, without the name of a file of one's own."""
    source = described["source"]
    source = source if source in ("random", "imagenet") else "file"
    return kept(described, OF_BACKBONE) | {"source": source}


def told_performance(performance: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of merit of cohorts that are large enough, without notes on patients."""
    many = performance["n"].ge(FEWEST_PATIENTS) & performance["events"].ge(FEWEST)
    return performance[many].assign(note=None)
