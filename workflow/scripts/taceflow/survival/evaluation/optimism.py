"""How much better a model looks on the patients it was fitted on: Harrell's bootstrap."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import TaceflowError
from taceflow.survival.evaluation.concordance import concordance
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.models.fit import cox_models, load_cohort, model_risk
from taceflow.survival.regression.design import encode, term_from_json
from taceflow.survival.regression.screening import entering, screen
from taceflow.tables import read_json, read_table, write_table

log = logging.getLogger(__name__)

COLUMNS = ["model", "metric", "apparent", "optimism", "corrected", "resamples", "note"]

REPEATED = {
    "clinical": "screening and fit repeated in each resample",
    "dlop_cox": "screening and fit repeated in each resample, DLOP-CTR out of fold and as it is",
}
"""The models that are built again, and what is repeated."""

USABLE_SHARE = 0.5
"""Share of the resamples that must give a model; below it there is no correction."""

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
    variables, p_enter
        ``survival.variables`` and ``survival.p_enter`` of the configuration.
    bootstraps, seed : int
        Resamples of the training patients, and the seed of their draws.
    optimism : str
        Table to write.
    """
    cohort = load_cohort(patients, radscore_scores, dlopctr_predictions)
    training = cohort[cohort["cohort"] == "training"].reset_index(drop=True)
    candidates = clinical_candidates(variables)

    def build(sample: pd.DataFrame) -> Mapping[str, Mapping[str, Any]]:
        kept = entering(screen(sample, candidates), p_enter)
        return cox_models(sample, kept, "no clinical variable entered")

    generator = np.random.default_rng(seed)
    table = bootstrap_optimism(training, read_json(models), build, bootstraps, generator)
    if radscore_resamples is not None:
        row = _of_radscore(training, read_table(radscore_resamples))
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
    write_table(table, optimism, "optimism")


def bootstrap_optimism(
    training: pd.DataFrame,
    apparent: Mapping[str, Mapping[str, Any]],
    build: Build,
    bootstraps: int,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Correct Harrell's C of the training patients for optimism.

    In each resample of the patients the models are built again; how much better they order the
    resample than the patients themselves is their optimism, whose mean is taken off the apparent C
    (Harrell, Lee & Mark, Stat Med 1996;15:361).

    Parameters
    ----------
    training : DataFrame
        Training patients with all columns that `build` uses.
    apparent : mapping
        The models fitted on all of them.
    build : Build
        Must repeat every choice that was made on these patients.
    bootstraps : int
        Resamples.
    generator : Generator
        Where they are drawn from.

    Returns
    -------
    DataFrame
        Rows of ``models/optimism.tsv``, one for each of `REPEATED` that there is.
    """
    names = [name for name in REPEATED if name in apparent]
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(bootstraps):
        rows = generator.integers(0, len(training), len(training))
        sample = training.iloc[rows].reset_index(drop=True)
        try:
            models = build(sample)
        except TaceflowError:
            # a resample in which nothing can be fitted
            continue
        for name in names:
            difference = c_index(models[name], sample) - c_index(models[name], training)
            if np.isfinite(difference):
                found[name].append(difference)
    table = [
        _built_again(name, c_index(apparent[name], training), found[name], bootstraps)
        for name in names
    ]
    for row in table:
        log.info("%s: C %.3f, optimism %.3f", row["model"], row["apparent"], row["optimism"])
    return pd.DataFrame(table, columns=COLUMNS)


def c_index(model: Mapping[str, Any], patients: pd.DataFrame) -> float:
    """Return Harrell's C of a stored Cox model among the patients who have its variables.

    Parameters
    ----------
    model : mapping
        An entry of ``models/models.json``.
    patients : DataFrame
        With the model's columns.

    Returns
    -------
    float
        0.5 for a model without variables; NaN where no two patients can be compared.
    """
    design = encode(patients, [term_from_json(term) for term in model["terms"]])
    design = design[design.notna().all(axis=1)]
    rows = patients.loc[design.index]
    time, event = rows["time_months"].to_numpy(float), rows["event"].to_numpy(int)
    return float(concordance(time, event, model_risk(model, design)).estimate)


def _built_again(
    name: str, apparent: float, found: Sequence[float], bootstraps: int
) -> dict[str, Any]:
    """Return the row of a model, from its optimism in each resample that gave one."""
    if len(found) >= USABLE_SHARE * bootstraps:
        return _row(name, apparent, float(np.mean(found)), len(found), REPEATED[name])
    note = f"{len(found)} of {bootstraps} resamples gave a model: no correction"
    return _row(name, apparent, float("nan"), len(found), note)


def _of_radscore(training: pd.DataFrame, resamples: pd.DataFrame) -> dict[str, Any]:
    """Return the row of the Radscore, whose LASSO the selection frequency repeated."""
    time, event = training["time_months"].to_numpy(float), training["event"].to_numpy(int)
    apparent = float(concordance(time, event, training["radscore"].to_numpy(float)).estimate)
    found = (resamples["c_index_resample"] - resamples["c_index_training"]).to_numpy(float)
    optimism = float(found.mean()) if len(found) else float("nan")
    note = "path, cross-validation and penalty repeated in each resample, the ICC filter not"
    return _row("radscore", apparent, optimism, len(found), note)


def _row(model: str, apparent: float, optimism: float, resamples: int, note: str) -> dict[str, Any]:
    values = (model, "c_index", apparent, optimism, apparent - optimism, resamples, note)
    return dict(zip(COLUMNS, values, strict=True))
