"""What the training patients were like, in ranges that are no single patient's values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.cells import as_numbers
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.scores import SCORES
from taceflow.survival.minimum_counts import FEWEST
from taceflow.survival.regression.design import Variable, as_levels, variables_from
from taceflow.wording.names import MODEL_NAMES

QUANTILES = {
    "q025": 0.025,
    "q10": 0.1,
    "q25": 0.25,
    "q50": 0.5,
    "q75": 0.75,
    "q90": 0.9,
    "q975": 0.975,
}

OF_IMAGES = {
    "volume_ml": "Volume of the tumour (mL)",
    "longest_axis_mm": "Longest axial diameter (mm)",
    "median_hu": "Median HU in the mask",
    "lower_hu": "5th percentile of HU in the mask",
    "upper_hu": "95th percentile of HU in the mask",
    "slice_thickness_mm": "Slice thickness (mm)",
    "slice_spacing_mm": "Slice spacing (mm)",
    "pixel_spacing_mm": "Pixel spacing (mm)",
    "tube_voltage_kv": "Tube voltage (kV)",
    "manufacturer": "Manufacturer",
}
"""Columns of ``cohort/quality.tsv`` and ``cohort/acquisition.tsv``, with their names in print."""


def write_ranges(
    *,
    patients: str,
    features: str,
    radscore_model: str,
    predictions: str,
    variables: Sequence[Mapping[str, Any]],
    quality: str | None,
    acquisition: str | None,
    ranges: str,
) -> None:
    """Write the ranges of whatever a prediction starts from, and of the predictions.

    Parameters
    ----------
    patients, features, predictions : str
        Tables: cohort, features of the main reading, ``survival/predictions.tsv``.
    radscore_model : str
        ``radscore/model.json``: of its features the ranges are written.
    variables : sequence of mapping
        ``survival.variables`` of the configuration; what is known after the treatment is left out.
    quality, acquisition : str or None
        ``cohort/quality.tsv`` and ``cohort/acquisition.tsv``, if the study has images.
    ranges : str
        Table to write.
    """
    training = training_patients(read_table(patients))
    ids = training["patient_id"]
    used = sorted(read_json(radscore_model)["coefficients"])
    values = read_table(features).set_index("patient_id").reindex(ids)
    rows = [_of_numbers("feature", name, name, values[name]) for name in used]
    rows += _clinical(training, variables)
    for path in filter(None, (quality, acquisition)):
        table = read_table(path).set_index("patient_id").reindex(ids)
        for name, label in OF_IMAGES.items():
            if name in table and table[name].notna().any():
                told = _of_levels if name == "manufacturer" else _of_numbers
                rows.append(told("image", name, label, table[name]))
    predicted = read_table(predictions, "survival_predictions")
    for model, of_model in predicted[predicted["patient_id"].isin(ids)].groupby("model", sort=True):
        label = f"Risk by {MODEL_NAMES.get(model, model)}"
        rows.append(_of_numbers("risk", str(model), label, of_model["risk"]))
    columns = ["kind", "name", "label", "n", *QUANTILES, "levels", "shares", "note"]
    write_table(pd.DataFrame(rows, columns=columns), ranges, "training_ranges")


def quantile(values: np.ndarray, share: float) -> float:
    """Return a quantile that is nobody's own, to three digits.

    Halfway between two neighbours; missing unless five values lie beyond it, on either side, or
    share it.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without gaps.
    share : float
        Of the values below.

    Returns
    -------
    float

    Examples
    --------
    >>> quantile(np.arange(1.0, 21.0), 0.25), quantile(np.arange(1.0, 21.0), 0.1)
    (5.5, nan)
    """
    ordered = np.sort(values)
    if len(ordered) < FEWEST:
        return np.nan
    below = int(np.clip(round(share * len(ordered)), 1, len(ordered) - 1))
    middle = ordered[below - 1 : below + 1].mean()
    found = float(f"{middle:.3g}")
    beyond = min((ordered < found).sum(), (ordered > found).sum())
    is_shared = (ordered == middle).sum() >= FEWEST
    enough = FEWEST <= below <= len(ordered) - FEWEST and beyond >= FEWEST
    return found if enough or is_shared else np.nan


def _clinical(
    training: pd.DataFrame, variables: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    before = variables_from([one for one in variables if one.get("baseline", True)])
    named = {variable.column for variable in before}
    scores = [Variable(score.column, score.column_label) for score in SCORES.values()]
    for variable in [*before, *(one for one in scores if one.column not in named)]:
        if variable.column in training and training[variable.column].notna().any():
            column = training[variable.column]
            is_yes_or_no = column.dropna().isin([0, 1]).all()
            told = _of_levels if variable.is_factor or is_yes_or_no else _of_numbers
            yield told("clinical", variable.column, variable.label, column)


def _of_numbers(kind: str, name: str, label: str, values: pd.Series) -> dict[str, Any]:
    known = as_numbers(values).dropna().to_numpy(dtype=float)
    row: dict[str, Any] = {"kind": kind, "name": name, "label": label, "n": len(known)}
    return row | {end: quantile(known, share) for end, share in QUANTILES.items()}


def _of_levels(kind: str, name: str, label: str, values: pd.Series) -> dict[str, Any]:
    counts = as_levels(values).dropna().value_counts()
    told = sorted(counts.index[counts >= FEWEST])
    # shares in tenths: the exact ones would tell the count of the levels that are not named
    shares = [round(float(counts[level] / counts.sum()), 1) for level in told]
    return {
        "kind": kind,
        "name": name,
        "label": label,
        "n": int(counts.sum()),
        # as lists: a level may hold any sign
        "levels": json.dumps(told, ensure_ascii=False),
        "shares": json.dumps(shares),
        "note": "rare levels are not named" if len(told) < len(counts) else None,
    }
