"""Predictions of the heads: survival curves of patients, training patients out of fold."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.dlopctr.dataset import Images
from taceflow.dlopctr.fits.sets import fit_name, images_of_fits
from taceflow.dlopctr.head.curves import Head, load_heads, patient_means
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.files.tables import read_json, write_table
from taceflow.survival.models.interpolation import interpolated_survival

_LOG = logging.getLogger(__name__)


def predict_patients(
    *,
    patients: str,
    embeddings: str,
    tuned: Sequence[str] = (),
    splits: str,
    model: str,
    description: str,
    predictions: str,
    by_seed: str,
) -> None:
    """Predict every patient's survival.

    Parameters
    ----------
    patients, embeddings, splits, model, description : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    tuned : sequence of str
        Embeddings of each fit, see `images_of_fits`.
    predictions, by_seed : str
        Tables to write, see `write_predictions`.
    """
    cohort, folds = load_splits(patients, splits)
    fold = folds["fold"].to_numpy()
    fitted = read_json(description)
    images = images_of_fits(
        embeddings, tuned, cohort, fold.max() + 1, standardise=fitted["settings"]["standardise"]
    )
    intervals = len(fitted["breaks_months"]) - 1
    heads = load_heads(model, features=images[0].vectors.shape[2], intervals=intervals)
    curves = predicted_curves(heads, images, fold)
    write_predictions("dlopctr", cohort, fold, curves, fitted, predictions, by_seed)


def predicted_curves(
    heads: dict[str, Head], images: Sequence[Images], fold: np.ndarray
) -> np.ndarray:
    """Return each patient's survival curve of each seed, the mean over the patient's slices.

    Parameters
    ----------
    heads : dict of str to Head
        ``seed1.final``, ``seed1.fold1``, ...
    images : sequence of Images
        All patients' images as the final fit takes them, and those without fold 1, 2, ...
    fold : numpy.ndarray of shape (patients,)
        The patient's fold, whose head never saw the patient; 0 takes the final head.

    Returns
    -------
    numpy.ndarray of shape (seeds, patients, intervals)
    """
    seeds = sorted({name.split(".")[0] for name in heads}, key=lambda name: int(name[4:]))
    curves = np.empty((len(seeds), len(fold), len(next(iter(heads.values())).bias)))
    for number in np.unique(fold):
        part = images[number].take(fold == number)
        for place, seed in enumerate(seeds):
            head = heads[f"{seed}.{fit_name(number)}"]
            curves[place, fold == number] = patient_means(
                head.curves(part.vectors[0]), part.owner, len(part.patients)
            )
    return curves


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
