"""DLOP-Combin: one network over the images' embeddings and the clinical factors."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.cohort.training import is_training
from taceflow.dlopctr.dataset import Images, Inputs, load_images
from taceflow.dlopctr.fits.files import HeadFiles, Training, fit_name
from taceflow.dlopctr.fits.predict import predicted_curves
from taceflow.dlopctr.fits.seeds import write_predictions
from taceflow.dlopctr.fits.stored import save_fits
from taceflow.dlopctr.fits.train import cross_fit
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.errors import CohortTooSmallError
from taceflow.files.tables import read_json
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.regression.design import Term, encode
from taceflow.survival.regression.screening import fit_jointly
from taceflow.survival.regression.variable_selection import (
    Selection,
    select_variables,
    selection_name,
)
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)


def train_combin(
    files: HeadFiles,
    training: Training,
    selection: Selection,
    *,
    model: str,
    description: str,
    history: str,
    predictions: str,
    by_seed: str,
) -> None:
    """Train DLOP-Combin and predict; patients with a missing factor take no part.

    The head, its loss, the folds and the tuning patients are those of DLOP-CTR; the clinical
    factors enter beside the embedding of each of the patient's images. Each fit chooses its
    factors among its own patients: had the patients of a fold a say in the factors of the fit that
    predicts them, that fit would know something of their follow-up.

    Parameters
    ----------
    files : HeadFiles
    training : Training
    selection : Selection
    model, description, history, predictions, by_seed : str
        Files to write, as of DLOP-CTR.

    Raises
    ------
    CohortTooSmallError
        If no patient of a fit has all its factors.
    """
    settings = training.chosen(files)
    cohort, folds = load_splits(files.patients, files.splits)
    fold = folds["fold"].to_numpy()
    inside = is_training(cohort)
    candidates = clinical_candidates(selection.variables)
    terms = {}
    for left_out in range(fold.max() + 1):
        learning = cohort[inside & (fold != left_out)]
        # coded as the clinical Cox model codes them, less what it has to leave out
        factors = select_variables(learning, candidates, selection.p_enter, selection.select)
        name = fit_name(left_out)
        terms[name] = fit_jointly(learning, factors).terms
        columns = ", ".join(term.column for term in terms[name])
        _LOG.info("fit %s: %s", name, columns or "no clinical factor")
    images = load_images(files.embeddings, cohort, standardise=settings.standardise)
    inputs = clinical_inputs(images, cohort, list(terms.values()), inside)
    fits = cross_fit(inputs, cohort, folds, settings, files, training)
    save_fits(
        fits,
        inputs[0],
        cohort,
        settings,
        files,
        training,
        model,
        description,
        history,
        terms={name: [term.as_json() for term in chosen] for name, chosen in terms.items()},
        clinical={
            name: [column for term in chosen for column in term.design_columns]
            for name, chosen in terms.items()
        },
        selection=selection_name(selection.p_enter, selection.select),
    )
    usable = np.array([inputs[number].usable[row] for row, number in enumerate(fold)])
    heads = {name: fit.head for name, fit in fits.items()}
    curves = predicted_curves(heads, [each.images for each in inputs], fold)
    write_predictions(
        "dlop_combin",
        cohort[usable],
        fold[usable],
        curves[:, usable],
        read_json(files.breaks),
        predictions,
        by_seed,
    )
    _LOG.info("%d of %d patients have all factors", int(usable.sum()), len(cohort))


def clinical_inputs(
    images: Images,
    cohort: pd.DataFrame,
    terms: Sequence[Sequence[Term]],
    training: np.ndarray,
) -> list[Inputs]:
    """Return the inputs of each fit: embeddings and the fit's clinical factors.

    Parameters
    ----------
    images : Images
        Of all patients, in the order of `cohort`.
    cohort : pandas.DataFrame
    terms : sequence of sequence of Term
        Each fit's factors.
    training : numpy.ndarray of bool, shape (patients,)

    Returns
    -------
    list of Inputs
        All with as many columns, so that their heads can be trained together: a fit with fewer
        factors than another has columns of zeros, which no head takes notice of.

    Raises
    ------
    CohortTooSmallError
        If no training patient has all factors of a fit.
    """
    designs = [encode(cohort, list(of_fit)) for of_fit in terms]
    width = max(design.shape[1] for design in designs)
    inputs = []
    for of_fit, design in zip(terms, designs, strict=True):
        usable = design.notna().all(axis=1).to_numpy()
        if not usable[training].any():
            names = ", ".join(term.column for term in of_fit)
            raise CohortTooSmallError(
                f"none of {counted(int(training.sum()), 'training patient')} has a value of each "
                f"of: {names}. Fill the gaps, or take a variable out of survival.variables"
            )
        values = np.zeros((len(cohort), width))
        values[usable, : design.shape[1]] = design[usable].to_numpy(dtype=float)
        inputs.append(Inputs(images.with_columns(values), usable))
    return inputs
