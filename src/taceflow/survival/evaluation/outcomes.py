"""Stored predictions beside what happened, one model and cohort at a time."""

from collections.abc import Iterator

import pandas as pd

from taceflow.files.tables import read_table

COHORTS = ("training", "validation", "external")


def load_outcomes(patients: str, predictions: str) -> pd.DataFrame:
    """Return the predictions with ``time_months`` and ``event`` of each patient."""
    cohort = read_table(patients)[["patient_id", "time_months", "event"]]
    return read_table(predictions, "models_predictions").merge(
        cohort, on="patient_id", how="left", validate="many_to_one"
    )


def by_model_and_cohort(outcome: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield model, cohort and its rows, models in the order of the table."""
    for model in outcome["model"].unique():
        for cohort in COHORTS:
            group = outcome.loc[(outcome["model"] == model) & (outcome["cohort"] == cohort)]
            if len(group):
                yield model, cohort, group
