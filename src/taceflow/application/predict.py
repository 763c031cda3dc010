"""Stored models applied to new patients: risk, risk group, and survival at the horizons."""

import logging
from collections.abc import Mapping, Sequence

import pandas as pd

from taceflow.files.tables import read_json, read_table, write_table
from taceflow.models import MODELS
from taceflow.scores import SCORES
from taceflow.survival.models.joined_scores import cohort_with_scores
from taceflow.survival.models.networks import apply_network
from taceflow.survival.models.stored_cox import apply_model, unknown_levels
from taceflow.wording.names import model_name

_LOG = logging.getLogger(__name__)


def predict_patients(
    *,
    patients: str,
    radscore_scores: str,
    networks: Mapping[str, str],
    models: str,
    verdicts: str | None,
    unserved: Mapping[str, str],
    needed: Mapping[str, Sequence[str]],
    horizons_months: Sequence[float],
    predictions: str,
    applied: str,
) -> None:
    """Apply the stored models to every patient.

    Parameters
    ----------
    patients, radscore_scores : str
        Tables: cohort, Radscore with the risk groups by it.
    networks : mapping of str to str
        Tables of predictions by network, as far as they can be applied.
    models : str
        ``models.json`` of the bundle.
    verdicts : str or None
        ``application/verdicts.tsv``: who is outside the training range is not predicted. None:
        everybody is.
    unserved : mapping of str to str
        By model, why these patients cannot have it; empty where they can.
    needed : mapping of str to sequence of str
        By model, the clinical columns that it takes.
    horizons_months : sequence of float
        Where survival is predicted.
    predictions, applied : str
        Tables to write: ``survival/predictions.tsv``, and ``application/models.tsv`` with how many
        patients each model predicts, and why not all.
    """
    cohort = cohort_with_scores(patients, radscore_scores, networks.get("dlopctr"))
    decided = read_table(radscore_scores).set_index("patient_id")["risk_group"]
    left_out: set[str] = set()
    if verdicts is not None:
        table = read_table(verdicts, "verdicts")
        left_out = set(table.loc[table["verdict"] == "outside", "patient_id"])
    stored = read_json(models)
    tables, rows = [], []
    for name in [one for one in (*MODELS, *SCORES) if one in stored]:
        model, notes = stored[name], [unserved[name]]
        predicted = pd.DataFrame(columns=["patient_id"])
        if not unserved[name]:
            if name in networks:
                predicted = apply_network(name, model, networks[name], horizons_months)
            else:
                groups = decided if name == "radscore" else None
                predicted = apply_model(
                    name, model, cohort, horizons_months, groups, with_limits=True
                )
                notes.append(unknown_levels(model, cohort))
            without = cohort[~cohort["patient_id"].isin(predicted["patient_id"])]
            notes.append(_incomplete(without, needed[name]))
            if left_out:
                predicted = predicted[~predicted["patient_id"].isin(left_out)]
                notes.append(f"{len(left_out)} outside the training range are not predicted")
            tables.append(predicted)
        note = "; ".join(filter(None, notes))
        rows.append(
            {
                "model": name,
                "label": model_name(name),
                "patients": len(predicted),
                "note": note or None,
            }
        )
        _LOG.info("%s: %d of %d patients. %s", name, len(predicted), len(cohort), note)
    write_table(pd.concat(tables, ignore_index=True), predictions, "survival_predictions")
    write_table(pd.DataFrame(rows), applied, "applied_models")


def _incomplete(without: pd.DataFrame, columns: Sequence[str]) -> str:
    """Say which values the patients lack whom a model does not predict."""
    missing = without[list(columns)].isna().sum()
    told = [f"{column} ({count})" for column, count in missing.items() if count]
    return f"no value of {', '.join(told)}" if told else ""
