"""Predictions of the heads: survival curves of patients, training patients out of fold."""

from collections.abc import Sequence

import numpy as np

from taceflow.dlopctr.dataset import Images, load_images
from taceflow.dlopctr.fits.files import fit_name
from taceflow.dlopctr.fits.seeds import write_predictions
from taceflow.dlopctr.head.fitted_head import Head, load_heads, patient_means
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.files.tables import read_json


def predict_patients(
    *,
    patients: str,
    embeddings: str,
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
    predictions, by_seed : str
        Tables to write, see `write_predictions`.
    """
    cohort, folds = load_splits(patients, splits)
    fold = folds["fold"].to_numpy()
    fitted = read_json(description)
    images = load_images(embeddings, cohort, standardise=fitted["settings"]["standardise"])
    intervals = len(fitted["breaks_months"]) - 1
    heads = load_heads(model, features=images.vectors.shape[2], intervals=intervals)
    curves = predicted_curves(heads, [images] * (fold.max() + 1), fold)
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
