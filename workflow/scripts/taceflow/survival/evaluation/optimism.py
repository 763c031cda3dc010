"""How much better a model looks on the patients it was fitted on: Harrell's bootstrap."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import TaceflowError
from taceflow.survival.evaluation.concordance import concordance
from taceflow.survival.evaluation.merits import merits, months_of_brier
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.models.fit import cox_models, load_cohort
from taceflow.survival.models.predicted import predicted_by_cox
from taceflow.survival.models.stored_cox import complete_design, model_risk
from taceflow.survival.regression.selection import Select, select_variables
from taceflow.tables import read_json, read_table, write_table

log = logging.getLogger(__name__)

COLUMNS = ["model", "metric", "horizon_months", "apparent", "optimism", "corrected"]
COLUMNS += ["resamples", "note"]

REPEATED = {
    "clinical": "selection and fit repeated in each resample",
    "dlop_cox": "selection and fit repeated in each resample, DLOP-CTR out of fold and as it is",
}
"""The models that are built again, and what is repeated."""

USABLE_SHARE = 0.5
"""Share of the resamples that must give a number; below it there is no correction."""

Merit = tuple[str, float | None]
"""A figure of merit and its horizon."""

Build = Callable[[pd.DataFrame], Mapping[str, Mapping[str, Any]]]
"""From patients to models, as ``models/models.json`` holds them."""


def write_optimism(
    *,
    patients: str,
    radscore_scores: str,
    radscore_resamples: str | None,
    dlopctr_predictions: str | None,
    models: str,
    variables: Sequence[Mapping[str, Any]],
    p_enter: float,
    select: Select,
    horizons_months: Sequence[float],
    bootstraps: int,
    seed: int,
    optimism: str,
) -> None:
    """Write ``models/optimism.tsv``.

    Parameters
    ----------
    patients, radscore_scores : str
        Tables: cohort, Radscore.
    radscore_resamples : str or None
        ``radscore/resamples.tsv``; None if the coefficients are the published ones.
    dlopctr_predictions : str or None
        DLOP-CTR (out of fold for training patients); None if the study has no images.
    models : str
        ``models/models.json``, for the apparent figures.
    variables, p_enter, select
        ``survival.variables``, ``survival.p_enter`` and ``survival.select`` of the configuration.
    horizons_months : sequence of float
        Horizons of the AUC.
    bootstraps, seed : int
        Resamples of the training patients, and the seed of their draws.
    optimism : str
        Table to write.
    """
    cohort = load_cohort(patients, radscore_scores, dlopctr_predictions)
    training = cohort[cohort["cohort"] == "training"].reset_index(drop=True)
    candidates = clinical_candidates(variables)

    def build(sample: pd.DataFrame) -> Mapping[str, Mapping[str, Any]]:
        kept = select_variables(sample, candidates, p_enter, select)
        return cox_models(sample, kept, "no clinical variable entered")

    rows = bootstrap_optimism(
        training, read_json(models), build, horizons_months, bootstraps,
        np.random.default_rng(seed),
    )  # fmt: skip
    if radscore_resamples is not None:
        rows.append(_of_radscore(training, read_table(radscore_resamples)))
    write_table(pd.DataFrame(rows, columns=COLUMNS), optimism, "optimism")


def bootstrap_optimism(
    training: pd.DataFrame,
    apparent: Mapping[str, Mapping[str, Any]],
    build: Build,
    horizons_months: Sequence[float],
    bootstraps: int,
    generator: np.random.Generator,
) -> list[dict[str, Any]]:
    """Correct the training patients' figures of merit for optimism.

    In each resample of the patients the models are built again; how much better they do in the
    resample than among the patients themselves is their optimism, whose mean is taken off the
    apparent figure (Harrell, Lee & Mark, Stat Med 1996;15:361).

    Parameters
    ----------
    training : DataFrame
        Training patients with all columns that `build` uses.
    apparent : mapping
        The models fitted on all of them.
    build : Build
        Must repeat every choice that was made on these patients.
    horizons_months : sequence of float
        Horizons of the AUC; the Brier score is integrated up to the last within reach.
    bootstraps : int
        Resamples.
    generator : Generator
        Where they are drawn from.

    Returns
    -------
    list of dict
        Rows of ``models/optimism.tsv``: of each of `REPEATED` that there is, each figure that the
        training patients have.
    """
    names = [name for name in REPEATED if name in apparent]
    figures = {name: measured(apparent[name], training, training, horizons_months)[0]
               for name in names}  # fmt: skip
    found: dict[tuple[str, Merit], list[float]] = {
        (name, merit): [] for name in names for merit in figures[name]
    }
    for _ in range(bootstraps):
        rows = generator.integers(0, len(training), len(training))
        sample = training.iloc[rows].reset_index(drop=True)
        try:
            models = build(sample)
        except TaceflowError:
            # a resample in which nothing can be fitted
            continue
        for name in names:
            inside, outside = measured(models[name], sample, training, horizons_months)
            for merit in figures[name]:
                difference = inside.get(merit, np.nan) - outside.get(merit, np.nan)
                if np.isfinite(difference):
                    found[name, merit].append(difference)
    table = [
        _built_again(name, merit, value, found[name, merit], bootstraps)
        for name in names
        for merit, value in figures[name].items()
    ]
    for row in table:
        log.info(
            "%s: %s %.3f, optimism %.3f",
            row["model"], row["metric"], row["apparent"], row["optimism"],
        )  # fmt: skip
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
        An entry of ``models/models.json``.
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


def _built_again(
    name: str, merit: Merit, apparent: float, found: Sequence[float], bootstraps: int
) -> dict[str, Any]:
    """Return a row of a model, from its optimism in each resample that gave one."""
    if len(found) >= USABLE_SHARE * bootstraps:
        return _row(name, merit, apparent, float(np.mean(found)), len(found), REPEATED[name])
    note = f"{len(found)} of {bootstraps} resamples gave a number: no correction"
    return _row(name, merit, apparent, float("nan"), len(found), note)


def _of_radscore(training: pd.DataFrame, resamples: pd.DataFrame) -> dict[str, Any]:
    """Return the row of the Radscore, whose LASSO the selection frequency repeated."""
    time, event = training["time_months"].to_numpy(float), training["event"].to_numpy(int)
    apparent = float(concordance(time, event, training["radscore"].to_numpy(float)).estimate)
    found = (resamples["c_index_resample"] - resamples["c_index_training"]).to_numpy(float)
    optimism = float(found.mean()) if len(found) else float("nan")
    note = "path, cross-validation and penalty repeated in each resample, the ICC filter not"
    return _row("radscore", ("c_index", None), apparent, optimism, len(found), note)


def _row(
    model: str, merit: Merit, apparent: float, optimism: float, resamples: int, note: str
) -> dict[str, Any]:
    values = (model, *merit, apparent, optimism, apparent - optimism, resamples, note)
    return dict(zip(COLUMNS, values, strict=True))
