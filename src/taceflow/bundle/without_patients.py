"""What was fitted, without what only its patients would know.

What may leave is listed here; whatever else the run stores of a fit stays with it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.bundle.told_interval import told_interval
from taceflow.survival.minimum_counts import FEWEST

OF_RADSCORE = ("family", "choose", "intercept", "coefficients", "horizon_months", "n", "events")
OF_HARMONISATION = ("by", "unseen", "batches")
OF_CUT_OFF = ("cut_off", "high_risk", "cut_off_method")
OF_MODEL = (
    *("kind", "variables", "terms", "coefficients", "centre", "baseline"),
    *("breaks_months", "horizon_months", "n", "events"),
)
OF_NETWORK = (
    *("settings", "seed", "breaks_months", "horizon_months", "n", "events", "images", "views"),
    *("features", "code", "torch", "device", "selection"),
)
OF_BACKBONE = ("architecture", "imagenet_weights", "seed", "sha256", "source_sha256")
OF_BACKBONE += ("channel_means", "channel_scales", "torch", "torchvision")
OF_CLINICAL_VARIABLES = ("variables", "selection", "n", "events")

FEWEST_PATIENTS = 2 * FEWEST
"""Of a cohort whose figures of merit are told, or a risk group whose survival is."""


def kept(content: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return those entries of a description that may leave."""
    return {name: content[name] for name in names if name in content}


def stored_models(
    models: Mapping[str, Mapping[str, Any]],
    horizons_months: Sequence[float],
    training: pd.DataFrame,
) -> dict[str, dict[str, Any]]:
    """Return the content of ``survival/models.json`` as it may leave the house.

    Parameters
    ----------
    models : mapping
        The content.
    horizons_months : sequence of float
        Where the run predicts; survival there is what it was to the last digit, its interval is
        rounded.
    training : DataFrame
        ``model``, ``time_months`` and ``event`` of the patients whom each model predicts.

    Returns
    -------
    dict
    """
    found = {}
    for name, model in models.items():
        found[name] = kept(model, (*OF_MODEL, *OF_CUT_OFF))
        if model["baseline"] is not None:
            baseline = at_horizons(model["baseline"], horizons_months)
            found[name]["baseline"] = baseline
            patients = training[training["model"] == name]
            interval = told_interval(model, baseline["times_months"], patients)
            if interval is not None:
                found[name]["interval"] = interval
    return found


def at_horizons(baseline: Mapping[str, Any], horizons_months: Sequence[float]) -> dict[str, Any]:
    """Return a baseline hazard at the horizons alone.

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
        The same keys, and ``at_horizons_alone``: it says nothing between them. It ends on the last
        horizon, and has none before the first death.
    """
    last = baseline["last_follow_up_months"]
    horizons = sorted(float(horizon) for horizon in horizons_months if horizon <= last)
    place = np.searchsorted(baseline["times_months"], horizons, side="right") - 1
    hazard = baseline["log_cumulative_hazard"]
    told = [(month, hazard[at]) for month, at in zip(horizons, place, strict=True) if at >= 0]
    return {
        "times_months": [month for month, _ in told],
        "log_cumulative_hazard": [value for _, value in told],
        "last_follow_up_months": max(horizons, default=0.0),
        "at_horizons_alone": True,
    }


def told_harmonisation(stored: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return what ``radscore/harmonisation.json`` says of the features that the Radscore uses.

    Its numbers are of batches of at least `FEWEST` patients, and rounded to their standard errors
    where they arise.
    """
    features = {name: one for name, one in stored["features"].items() if name in names}
    return {**kept(stored, OF_HARMONISATION), "features": features}


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
    """Return figures of merit as they may leave: of large cohorts, with intervals, two digits.

    All digits of a C tell how many pairs stand behind it, and so the place of a patient whom
    another model lacks; without an interval it rests on a handful.
    """
    many = performance["n"].ge(FEWEST_PATIENTS) & performance["events"].ge(FEWEST)
    told = performance[many & performance["lower"].notna()].assign(note=None)
    numbers = ["estimate", "lower", "upper", "seed_sd", "seed_min", "seed_max"]
    numbers = [name for name in numbers if name in told]
    told[numbers] = told[numbers].astype(float).round(2)
    return told
