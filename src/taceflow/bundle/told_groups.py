"""How the training patients of each risk group survived, as far as it is not a handful's story."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from taceflow.bundle.without_patients import FEWEST_PATIENTS
from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_table
from taceflow.survival.kaplan_meier import kaplan_meier
from taceflow.survival.minimum_counts import FEWEST, at_horizon, shortfall


def training_risks(patients: str, predictions: str) -> pd.DataFrame:
    """Return what the run predicted of its training patients, and what became of them.

    Parameters
    ----------
    patients, predictions : str
        Tables: cohort, ``survival/predictions.tsv``.

    Returns
    -------
    DataFrame
        ``model``, ``patient_id``, ``risk_group``, ``time_months``, ``event``: a row a model and
        patient.
    """
    predicted = training_patients(read_table(predictions, "survival_predictions"))
    predicted = predicted[["model", "patient_id", "risk_group"]]
    return join_by_patient(predicted, read_table(patients), ["time_months", "event"], file=patients)


def told_groups(training: pd.DataFrame, horizons_months: Sequence[float]) -> dict[str, Any]:
    """Return Kaplan-Meier survival of a model's risk groups at the horizons.

    Parameters
    ----------
    training : DataFrame
        A model's rows of `training_risks`.
    horizons_months : sequence of float
        Told are those with five deaths by then and five patients followed beyond.

    Returns
    -------
    dict
        By group, if it has ten patients and five deaths: ``n``, ``events`` and ``survival``, by
        horizon the estimate with its lower and upper limit, to two digits.
    """
    told = {}
    for name, group in training.groupby("risk_group", sort=True):
        time, event = group["time_months"].to_numpy(), group["event"].to_numpy()
        if len(group) < FEWEST_PATIENTS or event.sum() < FEWEST:
            continue
        curve = kaplan_meier(time, event).set_index("time_months")
        told[str(name)] = {
            "n": len(group),
            "events": int(event.sum()),
            "survival": {
                f"{horizon:g}": curve.loc[:horizon, ["survival", "lower", "upper"]]
                .iloc[-1]
                .round(2)
                .tolist()
                for horizon in horizons_months
                if not shortfall(at_horizon(time, event, horizon))
            },
        }
    return told
