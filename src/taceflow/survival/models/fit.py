"""The models side by side: fitted on training patients, stored, applied to everybody."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_json, read_table, write_json, write_table
from taceflow.models import MODELS
from taceflow.scores import OWN_SCORES, SCORES, Score
from taceflow.survival.minimum_counts import FEWEST
from taceflow.survival.models.clinical_variables import read_clinical_variables
from taceflow.survival.models.cox_by_seed import refit
from taceflow.survival.models.cut_off import REVERSED, Method, find_cut_off
from taceflow.survival.models.joined_scores import cohort_with_scores
from taceflow.survival.models.networks import apply_network, network_model
from taceflow.survival.models.stored_cox import (
    apply_model,
    complete_design,
    fit_as_json,
    model_risk,
    unknown_levels,
)
from taceflow.survival.models.survival_interval import interval_as_json
from taceflow.survival.regression.cox import fit_cox
from taceflow.survival.regression.design import Variable, is_available, own_score
from taceflow.survival.regression.screening import Joint, fit_jointly

_LOG = logging.getLogger(__name__)


def fit_models(
    *,
    patients: str,
    radscore_scores: str,
    radscore_model: str,
    networks: Mapping[str, Mapping[str, str]],
    by_seed: str | None,
    clinical_variables: str,
    horizons_months: Sequence[float],
    cut_off: Method,
    models: str,
    predictions: str,
) -> None:
    """Fit all models on the training patients, and predict for every patient.

    Parameters
    ----------
    patients, radscore_scores : str
        Tables: cohort, Radscore. Who is of high risk by the Radscore is decided there.
    radscore_model : str
        ``radscore/model.json``, with the cut-off of that decision.
    networks : mapping
        ``dlopctr`` and ``dlop_combin``: paths ``predictions`` (out of fold for training
        patients), ``weights`` and ``breaks`` (``dlopctr/breaks.json``); none if the study has no
        images.
    by_seed : str or None
        ``dlopctr/predictions_by_seed.tsv``: DLOP-Cox is also fitted to each seed's score.
    clinical_variables : str
        The chosen clinical variables.
    horizons_months : sequence of float
        Where survival is predicted.
    cut_off : {'median', 'log_rank'}
        How each model's cut-off is found on the training patients.
    models, predictions : str
        Files to write.
    """
    predicted = networks["dlopctr"]["predictions"] if networks else None
    cohort = cohort_with_scores(patients, radscore_scores, predicted)
    training = training_patients(cohort)
    stored = cox_models(training, *read_clinical_variables(clinical_variables))
    if by_seed is not None:
        for name, model in stored.items():
            if MODELS[name].needs_images:
                model["by_seed"] = refit(model, training, by_seed)
    stored |= score_models(training)
    for name, model in stored.items():
        model["note"] = _joined(model["note"], unknown_levels(model, cohort))
        if name == "radscore":
            stored[name] = _with_radscores_cut_off(model, read_json(radscore_model))
        else:
            stored[name] = _with_cut_off(model, training, cut_off)
    decided = read_table(radscore_scores).set_index("patient_id")["risk_group"]
    tables = {name: apply_model(name, model, cohort, horizons_months,
                                decided if name == "radscore" else None)
              for name, model in stored.items()}  # fmt: skip
    for name, files in networks.items():
        stored[name] = network_model(
            name, **files, training=training, cut_off=cut_off,
            horizons_months=horizons_months,
        )  # fmt: skip
        tables[name] = apply_network(name, stored[name], files["predictions"], horizons_months)
    for name, model in stored.items():
        _LOG.info("%s: n=%d events=%d %s", name, model["n"], model["events"], model["note"])
    write_json(stored, models)
    ordered = [tables[name] for name in (*MODELS, *SCORES) if name in tables]
    write_table(pd.concat(ordered, ignore_index=True), predictions, "survival_predictions")


def cox_models(
    training: pd.DataFrame,
    clinical: Sequence[Variable],
    reason: str = "",
) -> dict[str, dict[str, Any]]:
    """Fit the Cox models of `MODELS` whose parts the training patients have.

    Parameters
    ----------
    training : DataFrame
        Training patients with ``time_months``, ``event``, the clinical columns, and those of
        `OWN_SCORES` that the study has.
    clinical : sequence of Variable
        The clinical variables that enter.
    reason : str
        Why there are none.

    Returns
    -------
    dict of str to dict
        Content of ``survival/models.json`` but the cut-offs.
    """
    parts = {"clinical": list(clinical)}
    for column, part in OWN_SCORES.items():
        if column in training:
            parts[part] = [own_score(column)]
    fitted = {}
    for name, model in MODELS.items():
        if model.kind != "cox" or not set(model.made_of) <= set(parts):
            continue
        variables = [variable for part in model.made_of for variable in parts[part]]
        note = ""
        if "clinical" in model.made_of and not clinical:
            left = " and ".join(variable.label for variable in variables)
            note = f"{reason}: {f'{left} alone' if left else 'everybody has the same risk'}"
        fitted[name] = _as_json(training, fit_jointly(training, variables), note)
    return fitted


def score_models(training: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Fit a Cox model of each established score that the sheet allows.

    The score itself orders the patients; the fit gives it a scale and a baseline, so that survival
    can be predicted and compared.

    Returns
    -------
    dict of str to dict
        Content of ``survival/models.json`` but the cut-offs; a score that cannot be fitted is left
        out.
    """
    fitted = {}
    for name, score in SCORES.items():
        variable = Variable(score.column, score.label)
        if not is_available(training, variable):
            continue
        joint = fit_jointly(training, [variable])
        if joint.fit is None:
            _LOG.warning("%s is left out: %s", name, "; ".join(joint.dropped.values()))
            continue
        note = _against_expectation(score, joint.fit.coefficients[0])
        fitted[name] = _as_json(training, joint, note)
    return fitted


def _against_expectation(score: Score, coefficient: float) -> str:
    """Say that these patients' hazard falls where the score's should rise, or the other way."""
    if coefficient == 0 or (coefficient > 0) == score.higher_is_worse:
        return ""
    return REVERSED if coefficient < 0 else REVERSED.replace("longer", "shorter")


def _as_json(training: pd.DataFrame, joint: Joint, note: str) -> dict[str, Any]:
    fit, terms = joint.fit, joint.terms
    if fit is None:
        # Nothing could enter: the model that gives everybody the cohort's own survival.
        time, event = training["time_months"].to_numpy(), training["event"].to_numpy()
        fit, terms = fit_cox(time, event, np.empty((len(training), 0)), []), ()
    reasons = (one if "left out" in one else f"left out: {one}" for one in joint.dropped.values())
    notes = [note, *reasons]
    stored = fit_as_json(fit, terms, training)
    design = complete_design(stored, training)
    few = design.columns[(design != 0).sum() < FEWEST]
    return stored | {"interval": interval_as_json(fit, few), "note": _joined(*notes)}


def _with_cut_off(
    model: Mapping[str, Any], training: pd.DataFrame, cut_off: Method
) -> dict[str, Any]:
    """Return a model with the cut-off of its own risk among its training patients."""
    design = complete_design(model, training)
    rows = training.loc[design.index]
    found = find_cut_off(
        model_risk(model, design), rows["time_months"].to_numpy(), rows["event"].to_numpy(), cut_off
    )
    return {**model, **found.as_json(), "note": _joined(model["note"], found.note)}


def _with_radscores_cut_off(
    model: Mapping[str, Any], radscore: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the Radscore's model with the Radscore's own cut-off, on the scale of the risk."""
    kept = {name: radscore[name] for name in ("cut_off_method", "cut_off_p", "cut_off_statistic")}
    at = pd.DataFrame({name: [radscore["cut_off"]] for name in model["variables"]}, index=[0])
    return {
        **model, "cut_off": float(model_risk(model, at)[0]), "high_risk": "above", **kept,
        "note": _joined(model["note"], radscore["note"].removesuffix(".")),
    }  # fmt: skip


def _joined(*notes: str) -> str:
    return ". ".join(note for note in notes if note)
