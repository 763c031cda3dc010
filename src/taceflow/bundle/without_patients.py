"""What was fitted, without what only its patients would know."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

OF_NETWORK = (
    *("settings", "seed", "breaks_months", "horizon_months", "n", "events", "images", "views"),
    *("features", "code", "torch", "device", "convolutions", "selection"),
)
"""Entries of ``dlopctr/model.json`` and ``combin.json`` that hold for the final fit."""


def stored_models(
    models: Mapping[str, Mapping[str, Any]], horizons_months: Sequence[float]
) -> dict[str, dict[str, Any]]:
    """Return the content of ``survival/models.json`` as it may leave the house.

    A baseline stands at the months of single deaths, and ends with one patient's follow-up: it is
    read off at whole months. Notes speak of patients, and DLOP-Cox by seed is a question to the
    run.

    Parameters
    ----------
    models : mapping
        The content.
    horizons_months : sequence of float
        Where the run predicts; survival there is what it was to the last digit.

    Returns
    -------
    dict
        The same entries but ``note`` and ``by_seed``.
    """
    found = {}
    for name, model in models.items():
        kept = {key: value for key, value in model.items() if key not in ("note", "by_seed")}
        if kept["baseline"] is not None:
            kept["baseline"] = on_whole_months(kept["baseline"], horizons_months)
        found[name] = kept
    return found


def on_whole_months(
    baseline: Mapping[str, Any], horizons_months: Sequence[float]
) -> dict[str, Any]:
    """Return a baseline hazard read off at whole months and at the horizons.

    Parameters
    ----------
    baseline : mapping
        ``times_months`` and ``log_cumulative_hazard`` of a step function,
        ``last_follow_up_months``.
    horizons_months : sequence of float

    Returns
    -------
    dict
        The same keys. It ends on the last of these months within the follow-up, and has none before
        the first death.
    """
    last = baseline["last_follow_up_months"]
    whole = np.arange(1.0, np.floor(last) + 1)
    months = np.union1d(whole, [horizon for horizon in horizons_months if horizon <= last])
    times = np.array(baseline["times_months"])
    place = np.searchsorted(times, months, side="right") - 1
    known = place >= 0
    hazard = np.array(baseline["log_cumulative_hazard"])[place[known]]
    return {
        "times_months": months[known].tolist(),
        "log_cumulative_hazard": hazard.tolist(),
        "last_follow_up_months": float(months.max(initial=0.0)),
    }


def network_description(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``dlopctr/model.json`` or ``combin.json`` says of the final fit.

    Parameters
    ----------
    described : mapping
        Its content.

    Returns
    -------
    dict
        The clinical terms of DLOP-Combin are those of the final fit.
    """
    kept = {key: described[key] for key in OF_NETWORK if key in described}
    if "terms" in described:
        kept["terms"] = described["terms"]["final"]
    return kept
