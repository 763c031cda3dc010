"""The networks among the models: their own survival curves, out of fold for training patients."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.files.tables import read_json, read_table
from taceflow.models import MODELS
from taceflow.survival.models.cut_off import Method, find_cut_off, risk_groups
from taceflow.survival.models.predictions import curves_of, predicted_by_network, prediction_rows


def network_model(
    name: str,
    *,
    predictions: str,
    weights: str,
    breaks: str,
    training: pd.DataFrame,
    cut_off: Method,
    horizons_months: Sequence[float],
) -> dict[str, Any]:
    """Return a network's entry in ``survival/models.json``.

    Parameters
    ----------
    name : str
        One of `NETWORKS`.
    predictions, weights, breaks : str
        Its table of predictions, its file of heads, the time intervals.
    training : DataFrame
        Training patients with ``patient_id``, ``time_months`` and ``event``.
    cut_off : {'median', 'log_rank'}
        See `cut_off.find_cut_off`.

    Returns
    -------
    dict
        Its cut-off is found on the training patients' risk, out of fold.
    """
    table, fixed = read_table(predictions, "dlopctr_predictions"), read_json(breaks)
    scores = table.set_index("patient_id")[name]
    fitted_on = training.loc[training["patient_id"].isin(scores.index)]
    found = find_cut_off(
        1 - fitted_on["patient_id"].map(scores).to_numpy(dtype=float),
        fitted_on["time_months"].to_numpy(),
        fitted_on["event"].to_numpy(),
        cut_off,
    )
    last = fixed["breaks_months"][-1]
    beyond = [horizon for horizon in horizons_months if horizon > last]
    note = f"{MODELS[name].note}: survival is its own, read off between the breaks"
    if beyond:
        said = ", ".join(f"{horizon:g}" for horizon in beyond)
        note += f"; nothing at {said} months, beyond its last break ({last:.1f})"
    file = Path(weights)
    return {
        "kind": "network",
        "variables": [],
        "terms": [],
        "coefficients": {},
        "centre": {},
        "baseline": None,
        "breaks_months": fixed["breaks_months"],
        "horizon_months": fixed["horizon_months"],
        "weights": {
            "file": f"dlopctr/{file.name}",
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        },
        **found.as_json(),
        "n": len(fitted_on),
        "events": int(fitted_on["event"].sum()),
        "note": f"{note}. {found.note}" if found.note else note,
    }


def apply_network(
    name: str, model: Mapping[str, Any], predictions: str, horizons_months: Sequence[float]
) -> pd.DataFrame:
    """Return a network's rows of ``survival/predictions.tsv``.

    Parameters
    ----------
    name, model, horizons_months
        As for `apply_model`.
    predictions : str
        Its table.

    Returns
    -------
    DataFrame
        risk is 1 - survival at the network's horizon; survival is empty beyond the last break.
    """
    table = read_table(predictions).sort_values("patient_id", ignore_index=True)
    predicted = predicted_by_network(table[name], curves_of(table, model, predictions), model)
    groups = risk_groups(predicted.risk, model)
    return prediction_rows(name, table, predicted, groups, horizons_months)
