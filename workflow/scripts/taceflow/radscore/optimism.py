"""How much better the Radscore orders the patients that it was selected on."""

import numpy as np
import pandas as pd

from taceflow.radscore.resampling import draw_resample
from taceflow.survival.evaluation.concordance import concordance

COLUMNS = ["resample", "c_index_resample", "c_index_training"]


def resampled_concordance(
    coefficients: np.ndarray,
    features: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    *,
    drawn_by: np.ndarray,
    folds: int,
    seed: int,
) -> pd.DataFrame:
    """Measure the score that each resample selected, there and in all training patients.

    The mean difference is the optimism of the score's concordance in training (Harrell, Lee &
    Mark, Stat Med 1996;15:361): every step, from the path to the penalty, was repeated.

    Parameters
    ----------
    coefficients : ndarray, shape (bootstraps, p)
        From `resampling.bootstrap_coefficients`; rows of NaN are passed over.
    features : ndarray, shape (n, p)
        Raw features of the training patients.
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    drawn_by : ndarray of {0, 1}, shape (n,)
        What the resamples were drawn by, see `resampling.draw_resample`.
    folds, seed : int
        As in the bootstrap.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a resample that could be fitted.
    """
    rows = []
    for number in np.flatnonzero(np.isfinite(coefficients).all(axis=1)):
        drawn, _ = draw_resample(drawn_by, folds, seed, int(number))
        score = features @ coefficients[number]
        there = concordance(time[drawn], event[drawn], score[drawn]).estimate
        rows.append((int(number), there, concordance(time, event, score).estimate))
    return pd.DataFrame(rows, columns=COLUMNS)
