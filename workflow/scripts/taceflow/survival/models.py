"""The models side by side: fitted on training patients, stored, applied to everybody."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.survival.clinical_variables import read_clinical_variables
from taceflow.survival.cox import CoxFit, fit_cox, linear_predictor, predicted_survival
from taceflow.survival.design import (
    Term,
    Variable,
    encode,
    term_from_json,
)
from taceflow.survival.horizons import horizon_column
from taceflow.survival.screening import Joint, fit_jointly
from taceflow.tables import read_table, write_json, write_table

log = logging.getLogger(__name__)

DLOPCTR = Variable("dlopctr", "DLOP-CTR")
RADSCORE = Variable("radscore", "Radscore")


def fit_models(
    *,
    patients: str,
    radscore_scores: str,
    dlopctr_predictions: str | None,
    combin: str | None,
    clinical_variables: str,
    horizons_months: Sequence[float],
    models: str,
    predictions: str,
) -> None:
    """Fit all models on the training patients, and predict for every patient.

    Parameters
    ----------
    patients, radscore_scores : str
        Tables: cohort, Radscore.
    dlopctr_predictions : str or None
        DLOP-CTR (out of fold for training patients); None if the study has no images.
    combin : str or None
        Ready predictions of DLOP-Combin: ``patient_id``, ``cohort``, ``risk`` and survival at
        the horizons.
    clinical_variables : str
        The chosen clinical variables.
    horizons_months : sequence of float
        Where survival is predicted.
    models, predictions : str
        Files to write.
    """
    cohort = load_cohort(patients, radscore_scores, dlopctr_predictions)
    training = cohort.loc[cohort["cohort"] == "training"]
    stored = cox_models(training, *read_clinical_variables(clinical_variables))
    tables = [apply_model(name, model, cohort, horizons_months) for name, model in stored.items()]
    if combin is not None:
        model, table = _ready_model(read_table(combin), training, horizons_months)
        stored["dlop_combin"] = model
        tables.append(table)
    for name, model in stored.items():
        log.info("%s: n=%d events=%d %s", name, model["n"], model["events"], model["note"])
    write_json(stored, models)
    write_table(pd.concat(tables, ignore_index=True), predictions, "models_predictions")


def load_cohort(
    patients: str, radscore_scores: str, dlopctr_predictions: str | None
) -> pd.DataFrame:
    """Return the cohort with the columns ``radscore`` and ``dlopctr``, rows sorted by patient."""
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    for path, column in ((radscore_scores, "radscore"), (dlopctr_predictions, "dlopctr")):
        if path is None:
            continue
        scores = read_table(path).set_index("patient_id")[column]
        absent = set(cohort["patient_id"]) - set(scores.index)
        if absent:
            raise InputError(f"no {column} for the patient", patient=min(absent), file=path)
        cohort[column] = cohort["patient_id"].map(scores)
    return cohort


def cox_models(
    training: pd.DataFrame, clinical: Sequence[Variable], reason: str = ""
) -> dict[str, dict[str, Any]]:
    """Fit the clinical and Radscore models, and where there is DLOP-CTR, it and DLOP-Cox.

    Parameters
    ----------
    training : DataFrame
        Training patients with ``time_months``, ``event``, ``radscore``, the clinical columns and,
        if the study has images, ``dlopctr``.
    clinical : sequence of Variable
        The clinical variables that enter.
    reason : str
        Why there are none.

    Returns
    -------
    dict of str to dict
        Content of ``models/models.json``.
    """
    sets = {"clinical": list(clinical), "radscore": [RADSCORE]}
    if DLOPCTR.column in training:
        sets |= {"dlopctr": [DLOPCTR], "dlop_cox": [DLOPCTR, *clinical]}
    notes = {}
    if not clinical:
        notes = {"clinical": f"{reason}: everybody has the same risk"}
        notes["dlop_cox"] = f"{reason}: DLOP-CTR alone"
    return {
        name: _as_json(training, fit_jointly(training, members), notes.get(name, ""))
        for name, members in sets.items()
    }


def apply_model(
    name: str, model: Mapping[str, Any], cohort: pd.DataFrame, horizons_months: Sequence[float]
) -> pd.DataFrame:
    """Return the predictions of a stored Cox model; patients with a missing covariate have none.

    Parameters
    ----------
    name : str
        Name of the model.
    model : mapping
        Its entry in ``models/models.json``.
    cohort : DataFrame
        Patients with the model's columns.
    horizons_months : sequence of float
        Where survival is predicted; empty beyond the training patients' follow-up.

    Returns
    -------
    DataFrame
        Rows of ``models/predictions.tsv``.
    """
    terms = [term_from_json(term) for term in model["terms"]]
    design = encode(cohort, terms)
    design = design.loc[design.notna().all(axis=1)]
    rows = cohort.loc[design.index]
    risk = model_risk(model, design)
    baseline = model["baseline"]
    survival = predicted_survival(
        risk,
        np.array(baseline["times_months"]),
        np.array(baseline["cumulative_hazard"]),
        baseline["last_follow_up_months"],
        horizons_months,
    )
    return _prediction_rows(name, rows, risk, survival, model["cut_off"], horizons_months)


def model_risk(model: Mapping[str, Any], design: pd.DataFrame) -> np.ndarray:
    """Return the linear predictor of a stored model, 0 at its centre, shape (n,)."""
    names = model["variables"]
    return linear_predictor(
        design[names].to_numpy(dtype=float),
        np.array([model["coefficients"][name] for name in names]),
        np.array([model["centre"][name] for name in names]),
    )


def _as_json(training: pd.DataFrame, joint: Joint, note: str) -> dict[str, Any]:
    fit, terms = joint.fit, joint.terms
    if fit is None:
        # Nothing could enter: the model that gives everybody the cohort's own survival.
        time, event = training["time_months"].to_numpy(), training["event"].to_numpy()
        fit, terms = fit_cox(time, event, np.empty((len(training), 0)), []), ()
    notes = [note, *(f"left out: {reason}" for reason in joint.dropped.values())]
    model = _fit_as_json(fit, terms, ". ".join(part for part in notes if part))
    design = encode(training, terms)
    design = design.loc[design.notna().all(axis=1)]
    model["cut_off"] = float(np.median(model_risk(model, design)))
    return model


def _fit_as_json(fit: CoxFit, terms: Sequence[Term], note: str) -> dict[str, Any]:
    return {
        "kind": "cox",
        "variables": list(fit.names),
        "terms": [term.as_json() for term in terms],
        "coefficients": dict(zip(fit.names, fit.coefficients.tolist(), strict=True)),
        "standard_errors": dict(zip(fit.names, fit.standard_errors.tolist(), strict=True)),
        "centre": dict(zip(fit.names, fit.centre.tolist(), strict=True)),
        "baseline": {
            "times_months": fit.times_months.tolist(),
            "cumulative_hazard": fit.cumulative_hazard.tolist(),
            "last_follow_up_months": fit.last_follow_up_months,
        },
        "n": fit.n,
        "events": fit.events,
        "note": note,
    }


def _ready_model(
    combin: pd.DataFrame, training: pd.DataFrame, horizons_months: Sequence[float]
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return DLOP-Combin's entry, its cut-off from training patients, and its rows."""
    ours = combin["cohort"] == "training"
    fitted_on = training.loc[training["patient_id"].isin(combin.loc[ours, "patient_id"])]
    model = {
        "kind": "network",
        "variables": [],
        "terms": [],
        "coefficients": {},
        "centre": {},
        "baseline": None,
        "cut_off": float(combin.loc[ours, "risk"].median()),
        "n": len(fitted_on),
        "events": int(fitted_on["event"].sum()),
        "note": "a network over image and clinical variables, see dlopctr/",
    }
    columns = [horizon_column(horizon) for horizon in horizons_months]
    combin = combin.sort_values("patient_id", ignore_index=True)
    survival = combin.reindex(columns=columns).to_numpy(dtype=float)
    risk = combin["risk"].to_numpy(dtype=float)
    return model, _prediction_rows(
        "dlop_combin", combin, risk, survival, model["cut_off"], horizons_months
    )


def _prediction_rows(
    name: str,
    rows: pd.DataFrame,
    risk: np.ndarray,
    survival: np.ndarray,
    cut_off: float,
    horizons_months: Sequence[float],
) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "patient_id": rows["patient_id"].to_numpy(),
            "cohort": rows["cohort"].to_numpy(),
            "model": name,
            "risk": risk,
            "risk_group": np.where(risk > cut_off, "high", "low"),
        }
    )
    for j, horizon in enumerate(horizons_months):
        table[horizon_column(horizon)] = survival[:, j]
    return table
