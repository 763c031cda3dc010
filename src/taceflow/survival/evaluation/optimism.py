"""How much better a model looks on the patients it was fitted on: Harrell's bootstrap."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.models import CLINICAL_COX, MODELS
from taceflow.survival.evaluation.bootstrap_intervals import USABLE_SHARE
from taceflow.survival.evaluation.merits import merits, months_of_brier
from taceflow.survival.evaluation.resampled_models import (
    Models,
    Resample,
    resamples_of,
    resamples_of_scores,
)
from taceflow.survival.minimum_counts import at_horizon, of_survival, shortfall
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.models.fit import cox_models
from taceflow.survival.models.joined_scores import cohort_with_scores
from taceflow.survival.models.predictions import predicted_by_cox
from taceflow.survival.models.stored_cox import complete_design, model_risk
from taceflow.survival.regression.variable_selection import Selection, select_variables
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

COLUMNS = ["model", "metric", "horizon_months", "apparent", "optimism", "corrected"]
COLUMNS += ["resamples", "note"]

_AS_THEY_ARE = {
    "images": "DLOP-CTR out of fold and as it is",
    "radscore": "the Radscore as it is",
}
"""What no resample makes again of the Cox models with clinical variables."""

POSSIBLE = {"c_index": (0.0, 1.0), "auc": (0.0, 1.0), "brier_integrated": (0.0, np.inf)}
"""What a figure can be: a negative optimism would lift a C of 0.99 above 1."""

Merit = tuple[str, float | None]
"""A figure of merit and its horizon."""


def write_optimism(
    *,
    patients: str,
    radscore_scores: str,
    radscore_resamples: str | None,
    dlopctr_predictions: str | None,
    models: str,
    selection: Selection,
    horizons_months: Sequence[float],
    bootstraps: int,
    seed: int,
    optimism: str,
) -> None:
    """Write ``survival/optimism.tsv``.

    Parameters
    ----------
    patients, radscore_scores : str
        Tables: cohort, Radscore.
    radscore_resamples : str or None
        ``radscore/resamples.tsv``; None if the coefficients are the published ones.
    dlopctr_predictions : str or None
        DLOP-CTR (out of fold for training patients); None if the study has no images.
    models : str
        ``survival/models.json``, for the apparent figures.
    selection : Selection
        Each resample selects again.
    horizons_months : sequence of float
        Horizons of the AUC.
    bootstraps, seed : int
        Resamples of the training patients, and the seed of their draws.
    optimism : str
        Table to write.
    """
    cohort = cohort_with_scores(patients, radscore_scores, dlopctr_predictions)
    training = training_patients(cohort).reset_index(drop=True)
    candidates = clinical_candidates(selection.variables)

    def build(sample: pd.DataFrame) -> Models:
        kept = select_variables(sample, candidates, selection.p_enter, selection.select)
        return cox_models(sample, kept, "no clinical variable entered")

    fitted = read_json(models)
    apparent = {name: fitted[name] for name in CLINICAL_COX if name in fitted}
    drawn = resamples_of(training, build, bootstraps, np.random.default_rng(seed))
    rows = bootstrap_optimism(training, apparent, drawn, horizons_months, bootstraps)
    if radscore_resamples is not None:
        scores = read_table(radscore_resamples, "radscore_resamples")
        rows += bootstrap_optimism(
            training, {"radscore": fitted["radscore"]}, resamples_of_scores(training, scores),
            horizons_months, scores["resample"].nunique(),
        )  # fmt: skip
    write_table(pd.DataFrame(rows, columns=COLUMNS), optimism, "optimism")


def bootstrap_optimism(
    training: pd.DataFrame,
    apparent: Models,
    resamples: Iterable[Resample],
    horizons_months: Sequence[float],
    bootstraps: int,
) -> list[dict[str, Any]]:
    """Correct the training patients' figures of merit for optimism.

    How much better the models of a resample do in the resample than among the patients themselves
    is their optimism, whose mean is taken off the apparent figure (Harrell, Lee & Mark, Stat Med
    1996;15:361).

    Parameters
    ----------
    training : DataFrame
        Training patients.
    apparent : mapping
        The models fitted on all of them.
    resamples : iterable of Resample
        With the models of the same names.
    horizons_months : sequence of float
        Horizons of the AUC; the Brier score is integrated up to the last within reach.
    bootstraps : int
        How many resamples were asked for.

    Returns
    -------
    list of dict
        Rows of ``survival/optimism.tsv``: each figure that the training patients of a model have.
    """
    figures = {name: measured(model, training, training, horizons_months)[0]
               for name, model in apparent.items()}  # fmt: skip
    few = {merit: shortfall(_kinds(merit, training)) for merits in figures.values()
           for merit in merits}  # fmt: skip
    found: dict[tuple[str, Merit], list[float]] = {
        (name, merit): [] for name in figures for merit in figures[name]
    }
    for sample, whole, models in resamples:
        for name in figures:
            inside, outside = measured(models[name], sample, whole, horizons_months)
            for merit in figures[name]:
                difference = inside.get(merit, np.nan) - outside.get(merit, np.nan)
                if np.isfinite(difference):
                    found[name, merit].append(difference)
    table = [
        _row(name, merit, value, found[name, merit], bootstraps, few[merit])
        for name in figures
        for merit, value in figures[name].items()
    ]
    for row in table:
        _LOG.info("%(model)s: %(metric)s %(apparent).3f, optimism %(optimism).3f", row)
    return table


def measured(
    model: Mapping[str, Any],
    first: pd.DataFrame,
    second: pd.DataFrame,
    horizons_months: Sequence[float],
) -> tuple[dict[Merit, float], dict[Merit, float]]:
    """Return the figures of merit of a stored Cox model in a resample and in all patients.

    Parameters
    ----------
    model : mapping
        An entry of ``survival/models.json``.
    first, second : DataFrame
        Patients with the model's columns, the first drawn from the second: Brier scores of both
        are integrated over the months that the first allows.
    horizons_months : sequence of float
        As for `bootstrap_optimism`.

    Returns
    -------
    of_first, of_second : dict of (metric, horizon) to float
        Among the patients who have the model's variables; what has no estimate is left out.
    """
    months, found = None, []
    for patients in (first, second):
        design = complete_design(model, patients)
        rows = patients.loc[design.index]
        time, event = rows["time_months"].to_numpy(float), rows["event"].to_numpy(int)
        predicted = predicted_by_cox(model_risk(model, design), model)
        if months is None:
            months, _ = months_of_brier(time, event, predicted, horizons_months)
        values = merits(time, event, predicted, horizons_months, months=months)
        found.append({(metric, horizon): one.estimate for metric, horizon, one in values
                      if np.isfinite(one.estimate)})  # fmt: skip
    return found[0], found[1]


def _kinds(merit: Merit, training: pd.DataFrame) -> dict[str, int]:
    """Return how many of each kind a figure of merit rests on."""
    time, event = training["time_months"].to_numpy(float), training["event"].to_numpy(int)
    return of_survival(time, event) if merit[1] is None else at_horizon(time, event, merit[1])


def _repeated(model: str) -> str:
    """Return what of a model is made again in each resample."""
    if model not in CLINICAL_COX:
        return "path, cross-validation and penalty repeated in each resample, the ICC filter not"
    kept = [_AS_THEY_ARE[part] for part in MODELS[model].made_of if part in _AS_THEY_ARE]
    return ", ".join(["selection and fit repeated in each resample", *kept])


def _row(
    model: str,
    merit: Merit,
    apparent: float,
    found: Sequence[float],
    bootstraps: int,
    few: str,
) -> dict[str, Any]:
    """Return a row of a model, from its optimism in each resample that gave one."""
    note, optimism = _repeated(model), float("nan")
    if few:
        note = f"{few}: no correction"
    elif found and len(found) >= USABLE_SHARE * bootstraps:
        optimism = float(np.mean(found))
    else:
        note = f"{len(found)} of {counted(bootstraps, 'resample')} gave a number: no correction"
    corrected = float(np.clip(apparent - optimism, *POSSIBLE.get(merit[0], (-np.inf, np.inf))))
    values = (model, *merit, apparent, optimism, corrected, len(found), note)
    return dict(zip(COLUMNS, values, strict=True))
