"""The models of a study recalibrated on an external cohort: measured, and stored for a bundle."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.files.tables import read_json, read_table, write_json, write_table
from taceflow.survival.evaluation.outcomes import followed as with_follow_up
from taceflow.survival.evaluation.recalibrated_merits import (
    groups_of_versions,
    merits_of_versions,
)
from taceflow.survival.evaluation.recalibration import (
    Followed,
    Recalibration,
    followed_by_cox,
    followed_by_network,
    recalibrations,
)
from taceflow.survival.models.predictions import horizon_column
from taceflow.wording.counts import counted

COLUMNS = ["model", "version", "metric", "horizon_months", "estimate", "lower", "upper"]
COLUMNS += ["optimism", "n", "events", "note"]

GROUPS = ["model", "version", "horizon_months", "group", "n", "predicted", "observed", "lower"]
GROUPS += ["upper", "note"]

AS_STORED = ("kind", "variables", "terms", "centre", "high_risk", "cut_off_method", "n", "events")
"""What a recalibrated model has of the stored one; what else that has speaks of its own fit."""


def write_recalibration(
    *,
    patients: str,
    predictions: str,
    models: str,
    horizons_months: Sequence[float],
    bootstraps: int,
    seed: int,
    recalibration: str,
    groups: str,
    recalibrated: str,
) -> None:
    """Recalibrate each model on the external patients, and measure it beside the original.

    Parameters
    ----------
    patients, predictions : str
        Cohort table, ``survival/predictions.tsv``; a patient without time or event is left out.
    models : str
        ``models.json``, of a run or of the bundle that was applied.
    horizons_months : sequence of float
        Where survival is predicted.
    bootstraps, seed : int
        Resamples for intervals of Brier scores and for optimism.
    recalibration, groups : str
        Tables to write: ``survival/recalibration.tsv``, ``survival/recalibration_groups.tsv``.
    recalibrated : str
        ``survival/recalibrated_models.json`` to write: by model and version, the Cox models that
        were recalibrated. A network is its heads, and has no entry.
    """
    outcome = read_table(predictions, "survival_predictions")
    outcome = outcome[outcome["cohort"] == "external"]
    sheet = read_table(patients)
    outcome = join_by_patient(outcome, sheet, ["time_months", "event"], file=patients)
    stored = read_json(models)
    horizons = sorted(map(float, horizons_months))
    rows: list[dict[str, Any]] = []
    tables = [pd.DataFrame(columns=GROUPS)]
    found: dict[str, dict[str, Any]] = {}
    for model, predicted in outcome.groupby("model", sort=False):
        known = with_follow_up(predicted)
        followed = _followed(known, stored[model], horizons)
        counts = {"n": len(known), "events": int(known["event"].sum())}
        lost = len(predicted) - len(known)
        left_out = f"{counted(lost, 'patient')} without time or event left out" if lost else ""
        for row in merits_of_versions(
            followed, bootstraps=bootstraps, seed=seed, names=(model, "recalibration")
        ):
            note = "; ".join(filter(None, [row["note"], left_out]))
            rows.append({"model": model, **row, **counts, "note": note})
        tables.append(groups_of_versions(followed).assign(model=model))
        if stored[model]["kind"] == "cox":
            found[model] = {
                name: recalibrated_model(stored[model], name, version, horizons, **counts)
                for name, version in recalibrations(followed).items()
                if isinstance(version, Recalibration) and name != "original"
            }
    write_table(pd.DataFrame(rows, columns=COLUMNS), recalibration, "recalibration")
    drawn = pd.concat([one for one in tables if len(one)] or tables[:1])
    write_table(drawn[GROUPS], groups, "recalibration_groups")
    write_json({model: versions for model, versions in found.items() if versions}, recalibrated)


def recalibrated_model(
    model: Mapping[str, Any],
    version: str,
    recalibration: Recalibration,
    horizons_months: Sequence[float],
    *,
    n: int,
    events: int,
) -> dict[str, Any]:
    """Return a stored Cox model's entry of ``models.json`` after it was recalibrated.

    Parameters
    ----------
    model : mapping
        The stored entry.
    version : str
        One of `VERSIONS`.
    recalibration : Recalibration
    horizons_months : sequence of float
        Rising.
    n, events : int
        Patients that it was recalibrated on, and their deaths.

    Returns
    -------
    dict
        Coefficients and cut-off times the slope, so that the same patients are of high risk; the
        baseline at the horizons alone; ``n`` and ``events`` are those of the fit.
    """
    slope, baseline = recalibration.slope, recalibration.baseline
    horizons = np.asarray(horizons_months, dtype=float)
    has_death, is_told = np.isfinite(baseline), ~np.isnan(baseline)
    return {
        **{name: model[name] for name in AS_STORED if name in model},
        "coefficients": {name: slope * value for name, value in model["coefficients"].items()},
        "cut_off": slope * model["cut_off"],
        "baseline": {
            "times_months": horizons[has_death].tolist(),
            "at_horizons_alone": True,
            "log_cumulative_hazard": baseline[has_death].tolist(),
            "last_follow_up_months": float(max(horizons[is_told], default=0.0)),
        },
        "recalibrated": {
            "version": version,
            "slope": slope,
            "n": n,
            "events": events,
            "note": recalibration.note,
        },
    }


def _followed(
    predicted: pd.DataFrame, model: Mapping[str, Any], horizons_months: Sequence[float]
) -> Followed:
    time, event = predicted["time_months"].to_numpy(float), predicted["event"].to_numpy(int)
    risk = predicted["risk"].to_numpy(float)
    if model["kind"] == "cox":
        return followed_by_cox(time, event, risk, model, horizons_months)
    survival = predicted[[horizon_column(month) for month in horizons_months]].to_numpy(float)
    return followed_by_network(time, event, risk, survival, horizons_months)
