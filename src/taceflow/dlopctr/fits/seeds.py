"""The seeds of a network: their mean is its prediction, written with that of each seed."""

import logging
from collections.abc import Mapping, Sequence
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
        Tables to write, see `average_seeds` and `each_seed`.
    """
    breaks, horizon = np.array(fixed["breaks_months"]), fixed["horizon_months"]
    ids = cohort[["patient_id", "cohort"]].reset_index(drop=True)
    scores = np.array([interpolated_survival(each, breaks, [horizon])[:, 0] for each in curves])
    columns = [f"survival_at_{months:.2f}_months" for months in breaks[1:]]
    averaged = average_seeds(name, ids, scores, curves, columns)
    averaged.insert(4, "out_of_fold", (fold > 0).astype(int))
    write_table(averaged, predictions, "dlopctr_predictions")
    write_table(
        each_seed(name, ids, scores, curves, columns), by_seed, "dlopctr_predictions_by_seed"
    )
    _LOG.info(
        "%d patients, %d of them out of fold, %d seeds, horizon %.1f months",
        len(ids),
        int((fold > 0).sum()),
        len(curves),
        horizon,
    )


def average_seeds(
    name: str, ids: pd.DataFrame, scores: np.ndarray, curves: np.ndarray, columns: Sequence[str]
) -> pd.DataFrame:
    """Return the mean over the seeds: patient_id, cohort, score and its spread, survival at breaks.

    Parameters
    ----------
    name : str
        Column of the score; that of its standard deviation over the seeds (empty of a single one)
        is called after it.
    ids : pandas.DataFrame
        patient_id and cohort.
    scores : numpy.ndarray of shape (seeds, patients)
    curves : numpy.ndarray of shape (seeds, patients, intervals)
    columns : sequence of str
        Names of survival at each break.
    """
    spread = scores.std(axis=0, ddof=1) if len(scores) > 1 else np.full(len(ids), np.nan)
    table = ids.assign(**{name: scores.mean(axis=0), f"{name}_sd": spread})
    return pd.concat([table, pd.DataFrame(curves.mean(axis=0), columns=columns)], axis=1)


def each_seed(
    name: str, ids: pd.DataFrame, scores: np.ndarray, curves: np.ndarray, columns: Sequence[str]
) -> pd.DataFrame:
    """Return patient_id, cohort, seed, score and survival at breaks; else as `average_seeds`."""
    parts = [
        pd.concat(
            [ids.assign(seed=number, **{name: score}), pd.DataFrame(curve, columns=columns)], axis=1
        )
        for number, (score, curve) in enumerate(zip(scores, curves, strict=True), start=1)
    ]
    return pd.concat(parts, ignore_index=True)
