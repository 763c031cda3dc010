"""Stored predictions beside what happened, one model and cohort at a time."""

from collections.abc import Iterator

import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import COHORTS
from taceflow.files.tables import read_table


def load_outcomes(patients: str, predictions: str) -> pd.DataFrame:
    """Return the predictions of followed patients with ``time_months`` and ``event``."""
    rows = read_table(predictions, "survival_predictions")
    joined = join_by_patient(rows, read_table(patients), ["time_months", "event"], file=patients)
    return followed(joined).reset_index(drop=True)


def followed(patients: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of patients whose follow-up is known: of new patients it need not be."""
    return patients.dropna(subset=["time_months", "event"])


def by_model_and_cohort(outcome: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield model, cohort and its rows, models in the order of the table."""
    for model in outcome["model"].unique():
        for cohort in COHORTS:
            group = outcome.loc[(outcome["model"] == model) & (outcome["cohort"] == cohort)]
            if len(group):
                yield model, cohort, group
