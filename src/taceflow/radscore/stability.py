"""How stable the choice of features is: what resamples of the training patients select."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.radiomics.combat import Unharmonised
from taceflow.radscore.lambdas import Family, Lasso, chosen_step
from taceflow.radscore.resampling import Bootstrap, bootstrap_coefficients, draw_resample
from taceflow.radscore.training_data import TrainingData, patients_to_fit

COLUMNS = ["feature", "resamples", "selected", "frequency", "positive", "sign_flips"]
SCORE_COLUMNS = ["resample", "patient_id", "copies", "radscore"]


def write_stability(
    data: TrainingData,
    family: Family,
    bootstrap: Bootstrap,
    *,
    choose: str,
    horizon_months: float | None,
    frequency: str,
    resamples: str,
) -> None:
    """Fit the Radscore to resamples; write what they selected, and their scores.

    Parameters
    ----------
    data : TrainingData
        All training patients.
    family : Family
        Of the LASSO.
    bootstrap : Bootstrap
        How resamples are drawn and fitted.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty a resample's own cross-validation chooses.
    horizon_months : float or None
        See `patients_to_fit`.
    frequency, resamples : str
        ``radscore/selection_frequency.tsv`` and ``radscore/resamples.tsv``.
    """
    data = patients_to_fit(data, family.name, horizon_months)
    values, *outcome = data.fitted(family)
    fit = partial(coefficients_of, family.fit_resample, choose, values, outcome, raw=data.raw)
    names = list(data.features.columns)
    chosen = np.empty((0, 0))
    if names:
        chosen = bootstrap_coefficients(fit, data.event, len(names), data.folds, bootstrap)
    write_table(selection_table(names, chosen), frequency, "selection_frequency")
    draws = {"drawn_by": data.event, "folds": data.folds, "seed": bootstrap.seed}
    scores = resampled_scores(chosen, data.features, **draws, raw=data.raw)
    write_table(scores, resamples, "radscore_resamples")


def coefficients_of(
    lasso: Lasso,
    choose: str,
    values: np.ndarray,
    outcome: Sequence[np.ndarray],
    rows: np.ndarray,
    fold: np.ndarray,
    raw: Unharmonised | None = None,
) -> np.ndarray:
    """Return the coefficients that a resample's own path and cross-validation choose.

    Parameters
    ----------
    lasso, choose
        `Family.fit_resample`, and as for `write_stability`.
    values : ndarray, shape (n, p)
        Features of those who take part.
    outcome : sequence of ndarray, shape (n,)
        See `Family`.
    rows, fold : ndarray of int, shape (n,)
        From `resampling.draw_resample`.
    raw : Unharmonised, optional
        Of harmonised features: a resample harmonises them again, and so does each of its folds.
    """
    seen = values if raw is None else raw.seen_by(rows)
    drawn = raw and raw.take(rows)
    path, validated = lasso(seen[rows], *(each[rows] for each in outcome), fold, drawn)
    return path.coefficients[:, chosen_step(path, validated, choose)]


def selection_table(names: Sequence[str], coefficients: np.ndarray) -> pd.DataFrame:
    """Count how often each feature was selected, and how often with the rarer sign.

    Parameters
    ----------
    names : sequence of str, length p
    coefficients : ndarray, shape (resamples, p)
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


def resampled_scores(
    coefficients: np.ndarray,
    features: pd.DataFrame,
    *,
    drawn_by: np.ndarray,
    folds: int,
    seed: int,
    raw: Unharmonised | None = None,
) -> pd.DataFrame:
    """Return the score that each resample selected, of every patient, drawn into it or not.

    Parameters
    ----------
    coefficients : ndarray, shape (resamples, p)
        From `resampling.bootstrap_coefficients`; rows of NaN are passed over.
    features : DataFrame, shape (n, p)
        Of the training patients, indexed by patient id.
    drawn_by, folds, seed
        As ``event``, ``folds`` and ``seed`` of `resampling.draw_resample`.
    raw : Unharmonised, optional
        Of harmonised features: the score is of those that the resample harmonised.

    Returns
    -------
    DataFrame
        Columns `SCORE_COLUMNS`: ``copies`` is how often the resample holds the patient.
    """
    values = features.to_numpy()
    parts = []
    for number in np.flatnonzero(np.isfinite(coefficients).all(axis=1)):
        drawn, _ = draw_resample(drawn_by, folds, seed, int(number))
        # Not a matrix product: its rounding depends on the number of patients.
        seen = values if raw is None else raw.seen_by(drawn)
        score = (seen * coefficients[number]).sum(axis=1)
        copies = np.bincount(drawn, minlength=len(values))
        part = {"resample": int(number), "patient_id": features.index, "copies": copies}
        parts.append(pd.DataFrame(part | {"radscore": score}, columns=SCORE_COLUMNS))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SCORE_COLUMNS)
