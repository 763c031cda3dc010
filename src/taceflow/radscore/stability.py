"""How stable the choice of features is: what resamples of the training patients select."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.radscore.resampled_scores import resampled_scores
from taceflow.radscore.resampling import Fit, bootstrap_coefficients
from taceflow.radscore.training import TrainingData

COLUMNS = ["feature", "resamples", "selected", "frequency", "positive", "sign_flips"]


def write_stability(
    data: TrainingData,
    fit: Fit,
    *,
    bootstraps: int,
    seed: int,
    threads: int,
    frequency: str,
    resamples: str,
) -> None:
    """Fit the Radscore to resamples; write what they selected, and their scores.

    Parameters
    ----------
    data : TrainingData
        Those who take part, with what is fitted as their event.
    fit : Fit
        From rows of `data` and their folds to the coefficients chosen.
    bootstraps, seed, threads : int
        Number of resamples, seed of their draws, processes at a time.
    frequency, resamples : str
        ``radscore/selection_frequency.tsv`` and ``radscore/resamples.tsv``.
    """
    names = list(data.features.columns)
    found = np.empty((0, 0))
    if names:
        found = bootstrap_coefficients(
            fit,
            data.event,
            len(names),
            folds=data.folds,
            bootstraps=bootstraps,
            seed=seed,
            threads=threads,
        )
    write_table(selection_table(names, found), frequency, "selection_frequency")
    scores = resampled_scores(
        found, data.features, drawn_by=data.event, folds=data.folds, seed=seed
    )
    write_table(scores, resamples, "radscore_resamples")


def selection_table(names: Sequence[str], coefficients: np.ndarray) -> pd.DataFrame:
    """Count how often each feature was selected, and how often with the rarer sign.

    Parameters
    ----------
    names : sequence of str, length p
        Features.
    coefficients : ndarray, shape (bootstraps, p)
        From `resampling.bootstrap_coefficients`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, most frequent first: ``frequency`` is ``selected`` of ``resamples``
        (those that could be fitted), ``positive`` of the selected had a coefficient above 0, and
        ``sign_flips`` had the sign that is the rarer one for the feature.
    """
    fitted = coefficients[np.isfinite(coefficients).all(axis=1)]
    selected = np.count_nonzero(fitted, axis=0)
    positive = np.count_nonzero(fitted > 0, axis=0)
    table = pd.DataFrame(
        {
            "feature": list(names),
            "resamples": len(fitted),
            "selected": selected,
            "frequency": selected / max(len(fitted), 1),
            "positive": positive,
            "sign_flips": np.minimum(positive, selected - positive),
        },
        columns=COLUMNS,
    )
    return table.sort_values(["selected", "feature"], ascending=[False, True], ignore_index=True)
