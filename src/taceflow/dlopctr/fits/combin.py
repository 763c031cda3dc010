"""DLOP-Combin: one network over the images' embeddings and the clinical factors."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.patients import is_training
from taceflow.dlopctr.dataset import Images, Inputs
from taceflow.dlopctr.fits.predict import predicted_curves, prediction_tables
from taceflow.dlopctr.fits.sets import images_of_fits
from taceflow.dlopctr.fits.stored import convolutions_of, history_table, save_fits
from taceflow.dlopctr.fits.train import chosen_settings, cross_fit, load_training
from taceflow.errors import CohortTooSmallError
from taceflow.files.tables import read_json, write_table
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.regression.design import Term, encode
from taceflow.survival.regression.screening import fit_jointly
from taceflow.survival.regression.variable_selection import Select, select_variables, selection_name

_LOG = logging.getLogger(__name__)


def train_combin(
    *,
    patients: str,
    embeddings: str,
    tuned: Sequence[str] = (),
    backbone: str,
    breaks: str,
    splits: str,
    model: str,
    description: str,
    history: str,
    predictions: str,
    by_seed: str,
    pre_experiment: str | None,
    variables: Sequence[Mapping[str, Any]],
    p_enter: float,
    select: Select,
    settings: dict,
    seed: int,
    device: str,
    threads: int,
    code: str,
) -> None:
    """Train DLOP-Combin and predict; patients with a missing factor take no part.

    The head, its loss, the folds and the tuning patients are those of DLOP-CTR; the clinical
    factors enter beside the embedding of each of the patient's images. Each fit chooses its
    factors among its own patients: had the patients of a fold a say in the factors of the fit that
    predicts them, that fit would know something of their follow-up.

    Parameters
    ----------
    patients, embeddings, breaks, splits : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    tuned : sequence of str
        Embeddings of each fit, see `images_of_fits`.
    backbone : str
        ``dlopctr/backbone.json``: whose embeddings they are is kept.
    model, description, history, predictions, by_seed : str
        Files to write, as of DLOP-CTR.
    pre_experiment : str or None
        ``dlopctr/pre_experiment.tsv`` if something is left to it.
    variables : sequence of mapping
        ``survival.variables`` of the configuration.
    p_enter, select
        ``survival.p_enter`` and ``survival.select`` of the configuration, see `select_variables`.
    settings : dict
        From `head_settings`.
    seed : int
    device : str
        ``auto``, ``cpu`` or ``cuda``.
    threads : int
    code : str

    Raises
    ------
    CohortTooSmallError
        If no patient of a fit has all its factors.
    """
    used = chosen_settings(settings, pre_experiment)
    as_used = {"standardise": used.standardise}
    images, cohort, folds = load_training(patients, embeddings, splits, **as_used)
    fold = folds["fold"].to_numpy()
    training = is_training(cohort)
    candidates = clinical_candidates(variables)
    chosen = {}
    for left_out in range(fold.max() + 1):
        learning = cohort[training & (fold != left_out)]
        # coded as the clinical Cox model codes them, less what it has to leave out
        factors = select_variables(learning, candidates, p_enter, select)
        terms = fit_jointly(learning, factors).terms
        chosen[f"fold{left_out}" if left_out else "final"] = terms
        _LOG.info("%s: %s", f"without fold {left_out}" if left_out else "final fit",
                  ", ".join(term.column for term in terms) or "no clinical factor")  # fmt: skip
    seen = images_of_fits(images, tuned, cohort, len(chosen), **as_used)
    inputs = clinical_inputs(seen, cohort, list(chosen.values()), training)
    fixed = read_json(breaks)
    edges = np.array(fixed["breaks_months"])
    fits = cross_fit(
        inputs, cohort, folds, edges, used, seed,
        device=device, threads=threads,
    )  # fmt: skip
    save_fits(
        fits, inputs[0], cohort, fixed, used, seed, code, model, description, device,
        terms={name: [term.as_json() for term in terms] for name, terms in chosen.items()},
        clinical={
            name: [column for term in terms for column in term.design_columns]
            for name, terms in chosen.items()
        },
        selection=selection_name(p_enter, select),
        convolutions=convolutions_of(backbone, tuned),
    )  # fmt: skip
    write_table(history_table(fits), history, "dlopctr_history")
    usable = np.array([inputs[number].usable[row] for row, number in enumerate(fold)])
    heads = {name: fit.head for name, fit in fits.items()}
    curves = predicted_curves(heads, [each.images for each in inputs], fold)
    together, apart = prediction_tables(
        "dlop_combin", cohort[usable], fold[usable], curves[:, usable], edges,
        fixed["horizon_months"],
    )  # fmt: skip
    write_table(together, predictions, "dlopctr_predictions")
    write_table(apart, by_seed, "dlopctr_predictions_by_seed")
    _LOG.info("%d of %d patients have all factors", len(together), len(cohort))


def clinical_inputs(
    images: Sequence[Images],
    cohort: pd.DataFrame,
    terms: Sequence[Sequence[Term]],
    training: np.ndarray,
) -> list[Inputs]:
    """Return the inputs of each fit: embeddings and the fit's clinical factors.

    Parameters
    ----------
    images : sequence of Images
        Of all patients as each fit sees them, in the order of `cohort`.
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
    designs = [encode(cohort, list(own)) for own in terms]
    width = max(design.shape[1] for design in designs)
    inputs = []
    for seen, own, design in zip(images, terms, designs, strict=True):
        usable = design.notna().all(axis=1).to_numpy()
        if not usable[training].any():
            names = ", ".join(term.column for term in own)
            raise CohortTooSmallError(
                f"none of {int(training.sum())} training patients has a value of each of: {names}. "
                "Fill the gaps, or take a variable out of survival.variables"
            )
        values = np.zeros((len(cohort), width))
        values[usable, : design.shape[1]] = design[usable].to_numpy(dtype=float)
        inputs.append(Inputs(seen.with_columns(values), usable, width))
    return inputs
