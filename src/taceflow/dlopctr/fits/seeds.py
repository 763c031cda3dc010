"""The seeds of a network: their mean is its prediction, written with that of each seed."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.survival.models.interpolation import interpolated_survival

_LOG = logging.getLogger(__name__)


def write_predictions(
    name: str,
    cohort: pd.DataFrame,
    fold: np.ndarray,
    curves: np.ndarray,
    fixed: Mapping[str, Any],
    predictions: str,
    by_seed: str,
) -> None:
    """Write the predictions, averaged over the seeds, and those of each seed.

    Parameters
    ----------
    name : str
        Column of the survival probability at the horizon: higher is better.
    cohort : pandas.DataFrame
        patient_id and cohort of each patient.
    fold : numpy.ndarray of shape (patients,)
    curves : numpy.ndarray of shape (seeds, patients, intervals)
    fixed : mapping
        ``breaks_months`` and ``horizon_months``.
    predictions, by_seed : str
        Tables to write: patient_id, cohort, seed (in the second), score, its standard deviation
        over the seeds (empty of a single one) and whether out of fold (in the first), survival at
        each break.
    """
    breaks, horizon = np.array(fixed["breaks_months"]), fixed["horizon_months"]
    ids = cohort[["patient_id", "cohort"]].reset_index(drop=True)
    scores = np.array([interpolated_survival(each, breaks, [horizon]) for each in curves])
    values = np.concatenate([scores, curves], axis=2)
    columns = [name, *(f"survival_at_{months:.2f}_months" for months in breaks[1:])]
    each = [
        ids.assign(seed=number).join(pd.DataFrame(of_seed, columns=columns))
        for number, of_seed in enumerate(values, start=1)
    ]
    mean = ids.join(pd.DataFrame(values.mean(axis=0), columns=columns))
    spread = scores[:, :, 0].std(axis=0, ddof=1) if len(curves) > 1 else np.nan
    mean.insert(3, f"{name}_sd", spread)
    mean.insert(4, "out_of_fold", (fold > 0).astype(int))
    write_table(mean, predictions, "dlopctr_predictions")
    write_table(pd.concat(each, ignore_index=True), by_seed, "dlopctr_predictions_by_seed")
    _LOG.info(
        "%d patients, %d of them out of fold, %d seeds, horizon %.1f months",
        len(ids),
        int((fold > 0).sum()),
        len(curves),
        horizon,
    )
