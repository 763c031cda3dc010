"""Fitted networks applied to new patients: the heads of the final fits, nothing trained."""

import logging

import numpy as np

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.predict import predicted_curves
from taceflow.dlopctr.fits.seeds import write_predictions
from taceflow.dlopctr.head.fitted_head import load_heads
from taceflow.errors import WeightsError
from taceflow.files.tables import read_json, read_table
from taceflow.survival.regression.design import encode, term_from_json
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)


def apply_heads(
    name: str,
    *,
    patients: str,
    embeddings: str,
    heads: str,
    description: str,
    predictions: str,
    by_seed: str,
) -> None:
    """Predict new patients' survival; who lacks a clinical variable of DLOP-Combin takes no part.

    Parameters
    ----------
    name : str
        ``dlopctr`` or ``dlop_combin``.
    patients, embeddings : str
        ``cohort/patients.tsv`` and ``dlopctr/embeddings.parquet``.
    heads, description : str
        Files of the bundle.
    predictions, by_seed : str
        Tables to write, see `write_predictions`.

    Raises
    ------
    WeightsError
        If the heads are another network's.
    """
    fitted = read_json(description)
    # nothing is fitted: no follow-up is looked at
    cohort = read_table(patients).assign(time_months=0.0, event=0)
    images = load_images(embeddings, cohort, standardise=fitted["settings"]["standardise"])
    found = load_heads(heads, intervals=len(fitted["breaks_months"]) - 1)
    design = encode(cohort, [term_from_json(one) for one in fitted.get("terms", [])])
    usable = design.notna().all(axis=1).to_numpy()
    # a head may be wider than its terms, for those of fits that stayed where it was made
    spare = next(iter(found.values())).weight.shape[1] - images.vectors.shape[2] - design.shape[1]
    if spare < 0:
        raise WeightsError(
            f"{heads} holds heads of "
            f"{counted(images.vectors.shape[2] + design.shape[1] + spare, 'input')}, "
            f"but the images have {images.vectors.shape[2]} and the clinical variables "
            f"{design.shape[1]}: it belongs to another network"
        )
    values = np.zeros((len(cohort), design.shape[1] + spare))
    values[usable, : design.shape[1]] = design[usable].to_numpy(dtype=float)
    if values.shape[1]:
        images = images.with_columns(values)
    nobodys_fold = np.zeros(len(cohort), dtype=int)
    curves = predicted_curves(found, [images], nobodys_fold)
    write_predictions(
        name,
        cohort[usable],
        nobodys_fold[usable],
        curves[:, usable],
        fitted,
        predictions,
        by_seed,
    )
    _LOG.info("%d of %d patients have all that %s takes", int(usable.sum()), len(cohort), name)
