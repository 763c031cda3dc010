"""The networks among the models: their own survival curves, out of fold for training patients."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.patients import join_by_patient
from taceflow.errors import InputError
from taceflow.files.tables import read_json, read_table
from taceflow.study.models import MODELS, NETWORKS
from taceflow.survival.models.cut_off import Method, find_cut_off, risk_groups
from taceflow.survival.models.interpolation import survival_at
from taceflow.survival.models.predicted import Predicted
from taceflow.survival.models.rows import prediction_rows

_BREAK = re.compile(r"survival_at_[0-9.]+_months")


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
    horizons_months : sequence of float

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
    name : str
        Name of the model.
    model : mapping
        Its entry in ``survival/models.json``.
    predictions : str
        Its table.
    horizons_months : sequence of float

    Returns
    -------
    DataFrame
        risk is 1 - survival at the network's horizon; survival is empty beyond the last break.
    """
    table = read_table(predictions).sort_values("patient_id", ignore_index=True)
    predicted = _predicted(table[name], curves_of(table, model, predictions), model)
    survival = predicted.survival(np.array(horizons_months, dtype=float))
    survival[:, np.array(horizons_months) > predicted.last_months] = np.nan
    groups = risk_groups(predicted.risk, model)
    return prediction_rows(name, table, predicted.risk, survival, groups, horizons_months)


class SeedCurves:
    """Predictions of a network's seeds.

    Parameters
    ----------
    path : str
        ``dlopctr/predictions_by_seed.tsv`` or ``combin_by_seed.tsv``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        table = read_table(path, "dlopctr_predictions_by_seed")
        self._score = next(name for name in NETWORKS if name in table)
        self._seeds = [rows for _, rows in table.groupby("seed", sort=True)]

    def of(self, patients: Sequence[str], model: Mapping[str, Any]) -> list[Predicted]:
        """Return what each seed says of some patients."""
        found = []
        for rows in self._rows(patients):
            found.append(_predicted(rows[self._score], curves_of(rows, model, self._path), model))
        return found

    def mean(self, patients: Sequence[str], model: Mapping[str, Any]) -> Predicted:
        """Return what their mean says."""
        tables = self._rows(patients)
        scores = np.mean([table[self._score] for table in tables], axis=0)
        curves = np.mean([curves_of(table, model, self._path) for table in tables], axis=0)
        return _predicted(scores, curves, model)

    def _rows(self, patients: Sequence[str]) -> list[pd.DataFrame]:
        wanted = pd.DataFrame({"patient_id": list(patients)})
        return [join_by_patient(wanted, table, file=self._path) for table in self._seeds]


def curves_of(table: pd.DataFrame, model: Mapping[str, Any], path: str) -> np.ndarray:
    """Return survival at the end of each interval, shape (rows, intervals).

    Raises
    ------
    InputError
        If the table has not as many as the model.
    """
    columns = [name for name in table.columns if _BREAK.fullmatch(name)]
    if len(columns) != len(model["breaks_months"]) - 1:
        raise InputError(
            f"survival at {len(columns)} breaks, where breaks.json has "
            f"{len(model['breaks_months']) - 1} intervals",
            file=path,
            remedy="Delete the file and run again",
        )
    return table[columns].to_numpy(dtype=float)


def _predicted(score: Any, curves: np.ndarray, model: Mapping[str, Any]) -> Predicted:
    risk = 1 - np.asarray(score, dtype=float)
    inside = np.clip(1 - risk, 1e-12, 1 - 1e-12)

    def survival(months: np.ndarray) -> np.ndarray:
        return survival_at(curves, model["breaks_months"], months)

    # a network has no linear predictor; log(-log S) is what a Cox model's would be
    return Predicted(risk, np.log(-np.log(inside)), survival, model["breaks_months"][-1])
