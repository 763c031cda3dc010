"""Models built again on bootstrap resamples of the training patients."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import TaceflowError
from taceflow.survival.models.fit import cox_models

Models = Mapping[str, Mapping[str, Any]]
"""As ``survival/models.json`` holds them."""

Resample = tuple[pd.DataFrame, pd.DataFrame, Models]
"""The patients of a resample, all patients, and the models built on the first."""


def resamples_of(
    training: pd.DataFrame,
    build: Callable[[pd.DataFrame], Models],
    bootstraps: int,
    generator: np.random.Generator,
) -> Iterator[Resample]:
    """Draw resamples of the training patients, and build the models again on each.

    Parameters
    ----------
    training : DataFrame
        Training patients with all columns that `build` uses.
    build : callable
        From patients to models. Must repeat every choice that was made on these patients.
    bootstraps : int
        Resamples; one in which nothing can be fitted is left out.
    generator : Generator
        Where they are drawn from.

    Yields
    ------
    Resample
    """
    for _ in range(bootstraps):
        rows = generator.integers(0, len(training), len(training))
        sample = training.iloc[rows].reset_index(drop=True)
        try:
            models = build(sample)
        except TaceflowError:
            continue
        yield sample, training, models


def resamples_of_scores(training: pd.DataFrame, scores: pd.DataFrame) -> Iterator[Resample]:
    """Return the resamples that the selection frequency fitted the Radscore to.

    Parameters
    ----------
    training : DataFrame
        Training patients with ``patient_id``, ``time_months`` and ``event``.
    scores : DataFrame
        ``radscore/resamples.tsv``. Patients whom it lacks took no part in the fits: they were
        censored before the horizon of a binomial Radscore.

    Yields
    ------
    Resample
        Of the Radscore's model.
    """
    follow_up = training.set_index("patient_id")[["time_months", "event"]]
    for _, one in scores.groupby("resample"):
        patients = follow_up.join(one.set_index("patient_id"), how="inner").reset_index()
        sample = patients.loc[patients.index.repeat(patients["copies"])].reset_index(drop=True)
        try:
            models = cox_models(sample, [])
        except TaceflowError:
            continue
        yield sample, patients, models
