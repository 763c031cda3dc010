"""What the training patients were like, in ranges that are no single patient's values."""

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

QUANTILES = {"lower": 0.025, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "upper": 0.975}

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
        rows += [
            _range("image", name, label, table[name])
            for name, label in OF_IMAGES.items()
            if name in table and table[name].notna().any()
        ]
    predicted = read_table(predictions, "survival_predictions")
    for model, of_model in predicted[predicted["patient_id"].isin(ids)].groupby("model", sort=True):
        label = f"Risk by {MODEL_NAMES.get(model, model)}"
        rows.append(_of_numbers("risk", str(model), label, of_model["risk"]))
    columns = ["kind", "name", "label", "n", *QUANTILES, "levels", "note"]
    write_table(pd.DataFrame(rows, columns=columns), ranges, "training_ranges")


def quantile(values: np.ndarray, share: float) -> float:
    """Return a quantile that at least five values lie beyond, on either side.

    Halfway between two neighbours, so that it is nobody's own unless several share it.

    Parameters
    ----------
    values : ndarray, shape (n,)
        At least ten, without gaps.
    share : float
        Of the values below.

    Returns
    -------
    float

    Examples
    --------
    >>> quantile(np.arange(1.0, 21.0), 0.025), quantile(np.arange(1.0, 21.0), 0.5)
    (5.5, 10.5)
    """
    ordered = np.sort(values)
    below = int(np.clip(round(share * len(ordered)), FEWEST, len(ordered) - FEWEST))
    return float(np.mean(ordered[below - 1 : below + 1]))


def _clinical(
    training: pd.DataFrame, variables: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    before = variables_from([one for one in variables if one.get("baseline", True)])
    named = {variable.column for variable in before}
    scores = [Variable(score.column, score.column_label) for score in SCORES.values()]
    for variable in [*before, *(one for one in scores if one.column not in named)]:
        if variable.column in training and training[variable.column].notna().any():
            column = training[variable.column]
            given = as_levels(column) if variable.is_factor else column
            yield _range("clinical", variable.column, variable.label, given)


def _range(kind: str, name: str, label: str, values: pd.Series) -> dict[str, Any]:
    if values.dtype == object:
        return _of_levels(kind, name, label, values)
    return _of_numbers(kind, name, label, values)


def _of_numbers(kind: str, name: str, label: str, values: pd.Series) -> dict[str, Any]:
    known = as_numbers(values).dropna().to_numpy(dtype=float)
    row: dict[str, Any] = {"kind": kind, "name": name, "label": label, "n": len(known)}
    if len(known) < 2 * FEWEST:
        return row | {"note": f"fewer than {2 * FEWEST} training patients have a value"}
    return row | {end: quantile(known, share) for end, share in QUANTILES.items()}


def _of_levels(kind: str, name: str, label: str, values: pd.Series) -> dict[str, Any]:
    counts = values.dropna().value_counts()
    kept = sorted(counts.index[counts >= FEWEST])
    rare = len(counts) - len(kept)
    return {
        "kind": kind,
        "name": name,
        "label": label,
        "n": int(counts.sum()),
        "levels": "; ".join(kept),
        "note": f"levels of fewer than {FEWEST} training patients are not named" if rare else None,
    }
