"""The cohort with the scores that the study itself makes."""

import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.files.tables import read_table
from taceflow.scores import OWN_SCORES


def cohort_with_scores(
    patients: str, radscore_scores: str, dlopctr_predictions: str | None
) -> pd.DataFrame:
    """Return the cohort with the columns ``radscore`` and ``dlopctr``, rows sorted by patient.

    Columns of these names in the sheet are the user's own: no model is fitted to them.
    """
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    cohort = cohort.drop(columns=list(OWN_SCORES), errors="ignore")
    for path, column in ((radscore_scores, "radscore"), (dlopctr_predictions, "dlopctr")):
        if path is None:
            continue
        cohort = join_by_patient(cohort, read_table(path), [column], file=path)
    return cohort
