"""Cox models as ``survival/models.json`` holds them: stored, and applied."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.survival.models.cut_off import risk_groups
from taceflow.survival.models.predictions import predicted_by_cox, prediction_rows
from taceflow.survival.regression.cox import CoxFit, linear_predictor
from taceflow.survival.regression.design import Term, as_levels, encode, term_from_json


def fit_as_json(fit: CoxFit, terms: Sequence[Term], training: pd.DataFrame) -> dict[str, Any]:
    """Return a fit as it is stored, from a centre that tells no patient's values.

    Means of two models, one of them without a patient, would. The centre is the training patients'
    median, the same for every model, and 0 for a level; the baseline is that of a patient there.
    """
    medians = encode(training, terms).median()
    centre = np.array([_rounded(name, medians[name]) for name in fit.names])
    moved = float((centre - fit.centre) @ fit.coefficients)
    return {
        "kind": "cox",
        "variables": list(fit.names),
        "terms": [term.as_json() for term in terms],
        "coefficients": dict(zip(fit.names, fit.coefficients.tolist(), strict=True)),
        "standard_errors": {
            name: None if name in fit.unbounded else float(error)
            for name, error in zip(fit.names, fit.standard_errors, strict=True)
        },
        "unbounded": list(fit.unbounded),
        "centre": dict(zip(fit.names, centre.tolist(), strict=True)),
        "baseline": {
            "times_months": fit.times_months.tolist(),
            "log_cumulative_hazard": (fit.log_cumulative_hazard + moved).tolist(),
            "last_follow_up_months": fit.last_follow_up_months,
        },
        "n": fit.n,
        "events": fit.events,
    }


def _rounded(name: str, median: float) -> float:
    return 0.0 if "=" in name else float(f"{round(median, 1):.2g}")


def complete_design(model: Mapping[str, Any], patients: pd.DataFrame) -> pd.DataFrame:
    """Return the covariates of the patients who have all of a stored model's variables."""
    design = encode(patients, [term_from_json(term) for term in model["terms"]])
    return design.loc[design.notna().all(axis=1)]


def unknown_levels(model: Mapping[str, Any], patients: pd.DataFrame) -> str:
    """Say which levels of a stored model's factors its training patients did not have.

    Parameters
    ----------
    model : mapping
        An entry of ``survival/models.json``.
    patients : DataFrame
        The whole cohort.

    Returns
    -------
    str
        Empty if every patient's levels are known; the others have no prediction.
    """
    told = []
    for term in map(term_from_json, model["terms"]):
        if term.reference is None:
            continue
        levels = as_levels(patients[term.column])
        unknown = levels[levels.notna() & ~levels.isin([term.reference, *term.levels])]
        told += [
            f"{term.column} '{level}' ({count} {'patient' if count == 1 else 'patients'})"
            for level, count in unknown.value_counts().sort_index().items()
        ]
    if not told:
        return ""
    return f"no prediction at a level that no training patient of the fit has: {', '.join(told)}"


def model_risk(model: Mapping[str, Any], design: pd.DataFrame) -> np.ndarray:
    """Return the linear predictor of a stored model, 0 at its centre, shape (n,)."""
    names = model["variables"]
    return linear_predictor(
        design[names].to_numpy(dtype=float),
        np.array([model["coefficients"][name] for name in names]),
        np.array([model["centre"][name] for name in names]),
    )


def apply_model(
    name: str,
    model: Mapping[str, Any],
    cohort: pd.DataFrame,
    horizons_months: Sequence[float],
    groups: pd.Series | None = None,
    *,
    with_limits: bool = False,
) -> pd.DataFrame:
    """Return a stored Cox model's rows of ``survival/predictions.tsv``.

    Patients with a missing covariate have none.

    Parameters
    ----------
    name : str
        Name of the model.
    model : mapping
        Its entry in ``survival/models.json``.
    cohort : DataFrame
        Patients with the model's columns.
    horizons_months : sequence of float
        Where survival is predicted; empty beyond the training patients' follow-up.
    groups : Series, optional
        Risk groups by patient, where they were decided before; by the model's cut-off without.
    with_limits : bool
        See `prediction_rows`.
    """
    design = complete_design(model, cohort)
    rows = cohort.loc[design.index]
    covariates = design[model["variables"]].to_numpy(dtype=float)
    predicted = predicted_by_cox(model_risk(model, design), model, covariates)
    if groups is None:
        decided = risk_groups(predicted.risk, model)
    else:
        decided = rows["patient_id"].map(groups)
    return prediction_rows(name, rows, predicted, decided, horizons_months, with_limits=with_limits)
