"""The Radscore as a file: what it was fitted on, its coefficients, and its cut-off."""

import logging
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_json, read_table, write_json, write_table
from taceflow.radscore.lambdas import CrossValidation, Family, LassoPath, chosen_step
from taceflow.radscore.published import COEFFICIENTS, INTERCEPT
from taceflow.radscore.training_data import TrainingData, feature_rows, patients_to_fit
from taceflow.survival.models.cut_off import Method, find_score_cut_off, risk_groups

_LOG = logging.getLogger(__name__)

_NOTHING = np.empty(0)
_NO_PATH = (
    LassoPath(_NOTHING, np.empty((0, 0)), None, _NOTHING),
    CrossValidation(_NOTHING, _NOTHING, np.nan, np.nan),
)


def radscore(features: pd.DataFrame, model: dict[str, Any]) -> np.ndarray:
    """Return the weighted sum of features, plus the intercept where there is one.

    Parameters
    ----------
    features : DataFrame, shape (n, p)
        Raw features that contain the model's.
    model : dict
        Content of ``radscore/model.json``.

    Returns
    -------
    ndarray, shape (n,)
        0 (or the intercept) for everybody if the model selected nothing.
    """
    weights = model["coefficients"]
    names = sorted(weights)
    values = np.ascontiguousarray(features[names].to_numpy(dtype=float))
    # Row by row, not a matrix product: BLAS rounds a patient's score by who else is in the table,
    # and the patient at the median would then change sides of the cut-off.
    score = (values * np.array([weights[name] for name in names])).sum(axis=1)
    return score + (model["intercept"] or 0.0)


def fit_radscore(
    data: TrainingData,
    family: Family,
    *,
    choose: str,
    horizon_months: float | None,
    cut_off: Method,
    path: str,
    cv: str,
    model: str,
) -> None:
    """Fit the Radscore by a LASSO; write path, cross-validation and the chosen model.

    Parameters
    ----------
    data : TrainingData
        All training patients: the cut-off is theirs.
    family : Family
        Of the LASSO.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty the score uses.
    horizon_months : float or None
        See `patients_to_fit`.
    cut_off : {'median', 'log_rank'}
        See `taceflow.survival.models.cut_off`.
    path, cv, model : str
        Files to write.

    Raises
    ------
    CohortTooSmallError
        If the training patients have too few deaths, or too few survivors for the family.
    """
    fitted_on = patients_to_fit(data, family.name, horizon_months)
    names = list(data.features.columns)
    content = _of_no_lasso(family.name, fitted_on.n, fitted_on.events, len(names))
    content |= {"choose": choose, "horizon_months": fitted_on.horizon_months}
    notes = [fitted_on.note]
    if not names:
        notes.append("No feature was reproducible, so none could be selected: Radscore is 0.")
        fitted, validated = _NO_PATH
    else:
        fitted, validated = family.fit(*fitted_on.fitted(family), fitted_on.fold, fitted_on.raw)
        column = chosen_step(fitted, validated, choose)
        weights = fitted.coefficients[:, column]
        content |= {
            "lambda": float(fitted.lambdas[column]),
            "lambda_min": validated.lambda_min,
            "lambda_1se": validated.lambda_1se,
            "coefficients": {names[j]: float(weights[j]) for j in np.flatnonzero(weights)},
        }
        if fitted.intercepts is not None:
            content["intercept"] = float(fitted.intercepts[column])
        if not content["coefficients"]:
            notes.append(
                f"No feature was selected at {choose}: the cross-validated deviance is lowest "
                "without any, so Radscore is the same for all patients."
            )
    scores = radscore(data.features, content)
    content |= _cut_off(scores, data.time_months, data.event, cut_off, notes)
    _LOG.info(
        "%d of %d features selected at %s (%d patients, %d deaths)%s",
        len(content["coefficients"]),
        len(names),
        choose,
        fitted_on.n,
        fitted_on.events,
        f". {content['note']}" if content["note"] else "",
    )
    step, feature = np.nonzero(fitted.coefficients.T)
    selected = {
        "lambda": fitted.lambdas[step],
        "feature": [names[j] for j in feature],
        "coefficient": fitted.coefficients[feature, step],
    }
    write_table(pd.DataFrame(selected), path, "radscore_path")
    by_penalty = {
        "lambda": fitted.lambdas,
        "cvm": validated.mean,
        "cvsd": validated.standard_error,
        "nonzero": fitted.nonzero,
    }
    write_table(pd.DataFrame(by_penalty), cv, "radscore_cv")
    write_json(content, model)


def store_published(*, patients: str, features: str, cut_off: Method, model: str) -> None:
    """Write the printed coefficients of Table S2 as a model, with this cohort's training cut-off.

    Parameters
    ----------
    patients, features : str
        Tables: cohort, features of the main reading.
    cut_off : {'median', 'log_rank'}
        See `taceflow.survival.models.cut_off`.
    model : str
        File to write.
    """
    cohort = read_table(patients)
    training = training_patients(cohort)
    values = feature_rows(features, training["patient_id"].tolist(), sorted(COEFFICIENTS))
    events = int(training["event"].sum())
    content = _of_no_lasso("published", len(training), events, len(COEFFICIENTS))
    content |= {"intercept": INTERCEPT, "coefficients": COEFFICIENTS}
    note = "Coefficients as printed in Table S2; only the cut-off comes from this cohort."
    outcome = training["time_months"].to_numpy(float), training["event"].to_numpy(int)
    content |= _cut_off(radscore(values, content), *outcome, cut_off, [note])
    write_json(content, model)


def write_scores(*, patients: str, features: str, model: str, scores: str) -> None:
    """Apply a stored Radscore, and its stored cut-off, to all patients.

    Parameters
    ----------
    patients, features, model : str
        Cohort table, features of the main reading (harmonised, if the run harmonises them),
        ``radscore/model.json`` or a bundle's ``radscore.json``.
    scores : str
        Table to write: ``patient_id``, ``cohort``, ``radscore``, ``risk_group``.
    """
    stored = read_json(model)
    cohort = read_table(patients)
    ids = cohort["patient_id"].tolist()
    values = radscore(feature_rows(features, ids, sorted(stored["coefficients"])), stored)
    table = pd.DataFrame(
        {
            "patient_id": ids,
            "cohort": cohort["cohort"].to_numpy(),
            "radscore": values,
            "risk_group": risk_groups(values, stored),
        }
    )
    write_table(table, scores, "radscore_scores")


def _of_no_lasso(family: str, n: int, events: int, candidates: int) -> dict[str, Any]:
    """Return what ``radscore/model.json`` holds where nothing was selected."""
    unknown = ("lambda", "lambda_min", "lambda_1se", "choose", "horizon_months", "intercept")
    known = {"family": family, "n": n, "events": events, "candidates": candidates}
    return dict.fromkeys(unknown) | known | {"coefficients": {}}


def _cut_off(
    scores: np.ndarray, time: np.ndarray, event: np.ndarray, method: Method, notes: list[str]
) -> dict[str, Any]:
    """Return what a model holds of its cut-off, and its note: the sentences given and found."""
    found = find_score_cut_off(scores, time, event, method)
    fallback = f"{found.note[0].upper()}{found.note[1:]}." if found.note else ""
    return found.as_json() | {"note": " ".join(part for part in (*notes, fallback) if part)}
