"""Predictions of the heads: survival curves of patients, training patients out of fold."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.dlopctr.dataset import Images, load_images
from taceflow.dlopctr.fits.sets import images_of_fits
from taceflow.dlopctr.head.curves import Head, load_heads, patient_means
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.files.tables import read_json, write_table
from taceflow.survival.models.interpolation import survival_at

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
        Tables to write, see `prediction_tables`.
    """
    cohort, folds = load_splits(patients, splits)
    fitted = read_json(description)
    as_fitted = {"standardise": fitted["settings"]["standardise"]}
    images = load_images(embeddings, cohort, **as_fitted)
    fold = folds["fold"].to_numpy()
    breaks = np.array(fitted["breaks_months"])
    heads = load_heads(model, features=images.vectors.shape[2], intervals=len(breaks) - 1)
    seen = images_of_fits(images, tuned, cohort, fold.max() + 1, **as_fitted)
    curves = predicted_curves(heads, seen, fold)
    together, apart = prediction_tables(
        "dlopctr", cohort, fold, curves, breaks, fitted["horizon_months"]
    )
    write_table(together, predictions, "dlopctr_predictions")
    write_table(apart, by_seed, "dlopctr_predictions_by_seed")
    _LOG.info("%d patients, %d of them out of fold, %d seeds, horizon %.1f months",
              len(together), int(together["out_of_fold"].sum()), len(curves),
              fitted["horizon_months"])  # fmt: skip


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
            head = heads[f"{seed}.{f'fold{number}' if number else 'final'}"]
            curves[place, fold == number] = patient_means(
                head.curves(part.vectors[0]), part.owner, len(part.patients)
            )
    return curves


def prediction_tables(
    name: str,
    cohort: pd.DataFrame,
    fold: np.ndarray,
    curves: np.ndarray,
    breaks_months: np.ndarray,
    horizon_months: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return predictions, the mean over the seeds, and those of each seed.

    Parameters
    ----------
    name : str
        Column of the survival probability at the horizon: higher is better.
    cohort : pandas.DataFrame
        patient_id and cohort of each patient.
    fold : numpy.ndarray of shape (patients,)
    curves : numpy.ndarray of shape (seeds, patients, intervals)
    breaks_months : numpy.ndarray of shape (intervals + 1,)
    horizon_months : float

    Returns
    -------
    together : pandas.DataFrame
        patient_id, cohort, score and its standard deviation over the seeds (empty of a single
        one), out_of_fold, survival at each break.
    apart : pandas.DataFrame
        patient_id, cohort, seed, score, survival at each break.
    """
    ids = cohort[["patient_id", "cohort"]].reset_index(drop=True)
    scores = np.array([survival_at(each, breaks_months, [horizon_months])[:, 0] for each in curves])
    several = len(curves) > 1
    own = {
        name: scores.mean(axis=0),
        f"{name}_sd": scores.std(axis=0, ddof=1) if several else np.full(len(ids), np.nan),
        "out_of_fold": (fold > 0).astype(int),
    }
    columns = [f"survival_at_{months:.2f}_months" for months in breaks_months[1:]]
    together = pd.concat(
        [ids.assign(**own), pd.DataFrame(curves.mean(axis=0), columns=columns)], axis=1
    )
    apart = [
        pd.concat(
            [ids.assign(seed=number, **{name: score}), pd.DataFrame(each, columns=columns)], axis=1
        )
        for number, (score, each) in enumerate(zip(scores, curves, strict=True), start=1)
    ]
    return together, pd.concat(apart, ignore_index=True)
