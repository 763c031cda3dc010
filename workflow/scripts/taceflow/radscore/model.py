"""The Radscore as a file: what it was fitted on, its coefficients, and its cut-off."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.radscore.published import COEFFICIENTS, INTERCEPT
from taceflow.radscore.selection import CrossValidation, LassoPath
from taceflow.tables import read_json, read_table, write_json, write_table

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingData:
    """What the Radscore may see: training patients and reproducible features.

    Attributes
    ----------
    features : DataFrame, shape (n, p)
        Indexed by patient id.
    time_months, event, fold : ndarray, shape (n,)
        Follow-up, 1 = died, and stored fold.
    """

    features: pd.DataFrame
    time_months: np.ndarray
    event: np.ndarray
    fold: np.ndarray

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.event)

    @property
    def events(self) -> int:
        """Number of deaths."""
        return int(self.event.sum())

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(np.unique(self.fold))


def load_training(patients: str, features: str, icc: str, folds: str) -> TrainingData:
    """Read the training patients, their reproducible features and their folds.

    Parameters
    ----------
    patients, features, icc, folds : str
        Tables: cohort, features of the main reading, reproducibility, stored folds.

    Returns
    -------
    TrainingData

    Raises
    ------
    InputError
        If a training patient has no fold, or no or a missing feature.
    """
    cohort = read_table(patients)
    training = cohort.loc[cohort["cohort"] == "training"].sort_values("patient_id")
    reliable = read_table(icc, "icc")
    candidates = reliable.loc[reliable["kept"] == 1, "feature"].tolist()
    fold = read_table(folds, "radscore_folds").set_index("patient_id")["fold"]
    ids = training["patient_id"].tolist()
    unplaced = [patient for patient in ids if patient not in fold.index]
    if unplaced:
        raise InputError("the patient has no fold", patient=unplaced[0], file=folds)
    return TrainingData(
        features=_feature_rows(features, ids, candidates),
        time_months=training["time_months"].to_numpy(dtype=float),
        event=training["event"].to_numpy(dtype=int),
        fold=fold.loc[ids].to_numpy(dtype=int),
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


def store_fit(
    data: TrainingData,
    family: str,
    fitted: LassoPath | None,
    validated: CrossValidation | None,
    choose: str,
    path: str,
    cv: str,
    model: str,
) -> None:
    """Write path, cross-validation and the chosen model.

    Parameters
    ----------
    data : TrainingData
        What was fitted on.
    family : {'cox', 'binomial'}
        Family of the LASSO.
    fitted, validated : LassoPath and CrossValidation, or None
        None if no feature was reproducible: then there was nothing to fit.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty the score uses.
    path, cv, model : str
        Files to write.
    """
    names = list(data.features.columns)
    content: dict[str, Any] = {
        "family": family,
        "lambda": None,
        "lambda_min": None,
        "lambda_1se": None,
        "choose": choose,
        "intercept": None,
        "coefficients": {},
        "n": data.n,
        "events": data.events,
        "candidates": len(names),
        "note": "",
    }
    if fitted is None or validated is None:
        content["note"] = "No feature was reproducible, so none could be selected: Radscore is 0."
    else:
        chosen = validated.lambda_min if choose == "lambda.min" else validated.lambda_1se
        column = int(np.flatnonzero(fitted.lambdas == chosen)[0])
        weights = fitted.coefficients[:, column]
        content |= {
            "lambda": chosen,
            "lambda_min": validated.lambda_min,
            "lambda_1se": validated.lambda_1se,
            "coefficients": {names[j]: float(weights[j]) for j in np.flatnonzero(weights)},
        }
        if fitted.intercepts is not None:
            content["intercept"] = float(fitted.intercepts[column])
        if not content["coefficients"]:
            content["note"] = (
                f"No feature was selected at {choose}: the cross-validated deviance is lowest "
                "without any, so Radscore is the same for all patients."
            )
    content["cut_off"] = float(np.median(radscore(data.features, content)))
    log.info(
        "%d of %d features selected at %s (%d patients, %d deaths)%s",
        len(content["coefficients"]),
        len(names),
        choose,
        data.n,
        data.events,
        f". {content['note']}" if content["note"] else "",
    )
    write_table(_path_table(fitted, names), path, "radscore_path")
    write_table(_cv_table(fitted, validated), cv, "radscore_cv")
    write_json(content, model)


def store_published(*, patients: str, features: str, model: str) -> None:
    """Write the printed coefficients of Table S2 as a model, with this cohort's training cut-off.

    Parameters
    ----------
    patients, features : str
        Tables: cohort, features of the main reading.
    model : str
        File to write.
    """
    cohort = read_table(patients)
    training = cohort.loc[cohort["cohort"] == "training"]
    values = _feature_rows(features, training["patient_id"].tolist(), sorted(COEFFICIENTS))
    content = {
        "family": "published",
        "lambda": None,
        "lambda_min": None,
        "lambda_1se": None,
        "choose": None,
        "intercept": INTERCEPT,
        "coefficients": COEFFICIENTS,
        "n": len(training),
        "events": int(training["event"].sum()),
        "candidates": len(COEFFICIENTS),
        "note": "Coefficients as printed in Table S2; only the cut-off comes from this cohort.",
    }
    content["cut_off"] = float(np.median(radscore(values, content)))
    write_json(content, model)


def write_scores(*, patients: str, features: str, model: str, scores: str) -> None:
    """Apply a stored Radscore, and its stored cut-off, to all patients.

    Parameters
    ----------
    patients, features, model : str
        Cohort table, features of the main reading, ``radscore/model.json``.
    scores : str
        Table to write: ``patient_id``, ``cohort``, ``radscore``, ``risk_group``.
    """
    stored = read_json(model)
    cohort = read_table(patients)
    ids = cohort["patient_id"].tolist()
    values = radscore(_feature_rows(features, ids, sorted(stored["coefficients"])), stored)
    table = pd.DataFrame(
        {
            "patient_id": ids,
            "cohort": cohort["cohort"].to_numpy(),
            "radscore": values,
            "risk_group": np.where(values > stored["cut_off"], "high", "low"),
        }
    )
    write_table(table, scores, "radscore_scores")


def _feature_rows(path: str, ids: list[str], names: list[str]) -> pd.DataFrame:
    table = read_table(path).set_index("patient_id")
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        raise InputError(
            f"the features lack {', '.join(unknown[:5])}",
            file=path,
            remedy="Extract features with the panel that the Radscore was made for",
        )
    absent = [patient for patient in ids if patient not in table.index]
    if absent:
        raise InputError("the patient has no features", patient=absent[0], file=path)
    rows = table.loc[ids, names]
    text = [name for name in names if not pd.api.types.is_numeric_dtype(rows[name])]
    if text:
        raise InputError(f"feature '{text[0]}' is text, not a number", file=path)
    broken = ~np.isfinite(rows.to_numpy(dtype=float))
    if broken.any():
        row, column = np.argwhere(broken)[0]
        raise InputError(
            f"feature '{names[column]}' has no finite value", patient=ids[row], file=path
        )
    return rows.astype(float)


def _path_table(fitted: LassoPath | None, names: list[str]) -> pd.DataFrame:
    if fitted is None:
        return pd.DataFrame({"lambda": [], "feature": [], "coefficient": []})
    step, feature = np.nonzero(fitted.coefficients.T)
    return pd.DataFrame(
        {
            "lambda": fitted.lambdas[step],
            "feature": [names[j] for j in feature],
            "coefficient": fitted.coefficients[feature, step],
        }
    )


def _cv_table(fitted: LassoPath | None, validated: CrossValidation | None) -> pd.DataFrame:
    if fitted is None or validated is None:
        return pd.DataFrame({"lambda": [], "cvm": [], "cvsd": [], "nonzero": []})
    return pd.DataFrame(
        {
            "lambda": fitted.lambdas,
            "cvm": validated.mean,
            "cvsd": validated.standard_error,
            "nonzero": fitted.nonzero,
        }
    )
