"""Predictions of DLOP-CTR: survival curves of patients, training patients out of fold."""

import logging

import numpy as np
import pandas as pd

from taceflow.deep.curves import Head, load_heads, patient_means, survival_at
from taceflow.deep.dataset import Images, load_images
from taceflow.tables import read_json, read_table, write_table

_LOG = logging.getLogger(__name__)


def predict_patients(
    *, patients: str, embeddings: str, splits: str, model: str, description: str, predictions: str
) -> None:
    """Predict every patient's survival.

    Parameters
    ----------
    patients, embeddings, splits, model, description : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    predictions : str
        Table to write: patient_id, cohort, dlopctr (survival probability at the horizon: higher is
        better), out_of_fold, survival at each break.
    """
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    images = load_images(embeddings, cohort)
    fold = folds_of(cohort, splits)
    fitted = read_json(description)
    breaks = np.array(fitted["breaks_months"])
    curves = predicted_curves(load_heads(model), images, fold)
    table = pd.DataFrame(
        {
            "patient_id": cohort["patient_id"],
            "cohort": cohort["cohort"],
            "dlopctr": survival_at(curves, breaks, fitted["horizon_months"]),
            "out_of_fold": (fold > 0).astype(int),
        }
    )
    for number, months in enumerate(breaks[1:]):
        table[f"survival_at_{months:.2f}_months"] = curves[:, number]
    write_table(table, predictions, "dlopctr_predictions")
    _LOG.info("%d patients, %d of them out of fold, horizon %.1f months",
              len(table), int(table["out_of_fold"].sum()), fitted["horizon_months"])  # fmt: skip


def folds_of(cohort: pd.DataFrame, splits: str) -> np.ndarray:
    """Return the fold of each patient; 0 outside the training cohort.

    Parameters
    ----------
    cohort : pandas.DataFrame
        With patient_id.
    splits : str
        ``dlopctr/splits.tsv``.

    Returns
    -------
    numpy.ndarray of int
    """
    drawn = read_table(splits, "dlopctr_splits").set_index("patient_id")["fold"]
    return cohort["patient_id"].map(drawn).fillna(0).to_numpy(dtype=int)


def predicted_curves(heads: dict[str, Head], images: Images, fold: np.ndarray) -> np.ndarray:
    """Return each patient's mean survival curve.

    Parameters
    ----------
    heads : dict of str to Head
        ``final``, ``fold1``, ...
    images : Images
    fold : numpy.ndarray of shape (patients,)
        The patient's fold, whose head never saw the patient; 0 takes the final head.

    Returns
    -------
    numpy.ndarray of shape (patients, intervals)
    """
    mean = np.empty((len(fold), len(heads["final"].bias)))
    for number in np.unique(fold):
        head = heads[f"fold{number}" if number else "final"]
        part = images.take(fold == number)
        curves = head.curves(part.vectors[0])
        mean[fold == number] = patient_means(curves, part.owner, len(part.patients))
    return mean
