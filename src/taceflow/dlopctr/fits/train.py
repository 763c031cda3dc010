"""Training of the network's heads: for each seed the final fit, and one without each fold."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.dlopctr.dataset import Images, Inputs, load_images
from taceflow.dlopctr.fits.sets import fit_name, images_of_fits, sets_of_fit
from taceflow.dlopctr.fits.stored import convolutions_of, history_table, save_fits
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.settings import HeadSettings, with_choice
from taceflow.dlopctr.head.stack import fit_heads
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.files.tables import read_json, read_table, write_table

_LOG = logging.getLogger(__name__)


def train_head(
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
    pre_experiment: str | None,
    settings: dict,
    seed: int,
    device: str,
    threads: int,
    code: str,
) -> None:
    """Train DLOP-CTR on the training patients and keep what was fitted.

    Parameters
    ----------
    patients, embeddings, breaks, splits : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    tuned : sequence of str
        Embeddings of each fit, see `images_of_fits`.
    backbone : str
        ``dlopctr/backbone.json``: whose embeddings they are is kept.
    model, description, history : str
        Files to write: heads and standardisation (safetensors), what they are (JSON), the losses
        of each epoch.
    pre_experiment : str or None
        ``dlopctr/pre_experiment.tsv`` if something is left to it.
    settings : dict
        From `head_settings`.
    seed : int
        From which each head's own is derived.
    device : str
        ``auto``, ``cpu`` or ``cuda``.
    threads : int
    code : str
        Digest of the code, kept in the description.
    """
    chosen = chosen_settings(settings, pre_experiment)
    as_chosen = {"standardise": chosen.standardise}
    images, cohort, folds = load_training(patients, embeddings, splits, **as_chosen)
    fixed = read_json(breaks)
    seen = images_of_fits(images, tuned, cohort, folds["fold"].max() + 1, **as_chosen)
    inputs = [Inputs(each, np.ones(len(cohort), dtype=bool)) for each in seen]
    fits = cross_fit(
        inputs, cohort, folds, np.array(fixed["breaks_months"]), chosen, seed,
        device=device, threads=threads,
    )  # fmt: skip
    save_fits(
        fits, inputs[0], cohort, fixed, chosen, seed, code, model, description, device,
        convolutions=convolutions_of(backbone, tuned),
    )  # fmt: skip
    write_table(history_table(fits), history, "dlopctr_history")


def load_training(
    patients: str, embeddings: str, splits: str, *, standardise: bool
) -> tuple[Images, pd.DataFrame, pd.DataFrame]:
    """Read images (see `load_images`), cohort and splits, in one order of patients.

    Returns
    -------
    images : Images
    cohort : pandas.DataFrame
        ``cohort/patients.tsv``, ordered by patient.
    folds : pandas.DataFrame
        fold and tuning of each row of `cohort`; fold 0 and tuning 0 outside the training cohort.
    """
    cohort, folds = load_splits(patients, splits)
    return load_images(embeddings, cohort, standardise=standardise), cohort, folds


def chosen_settings(settings: dict, pre_experiment: str | None) -> HeadSettings:
    """Return the settings, with what the pre-experiment chose if its table is given."""
    table = read_table(pre_experiment, "pre_experiment") if pre_experiment else None
    return with_choice(settings, table)


def cross_fit(
    inputs: Sequence[Inputs],
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    breaks_months: np.ndarray,
    settings: HeadSettings,
    seed: int,
    *,
    device: str = "cpu",
    threads: int = 1,
) -> dict[str, FittedHead]:
    """For each seed, fit a head on all training patients, and one without each fold.

    Parameters
    ----------
    inputs : sequence of Inputs
        Of the final fit, and of those without fold 1, 2, ...
    cohort : pandas.DataFrame
        The column cohort, in the order of the images' patients.
    folds : pandas.DataFrame
        fold and tuning, likewise.
    breaks_months : numpy.ndarray
    settings : HeadSettings
    seed : int
    device : str
    threads : int

    Returns
    -------
    dict of str to FittedHead
        ``seed1.final``, ``seed1.fold1``, ..., ``seed2.final``, ...

    Raises
    ------
    ConfigurationError
        If training is to stop on validation patients and there are none.
    CohortTooSmallError
        If none of the patients to stop on is usable.
    """
    if settings.stop_on == "validation":
        _LOG.warning("training stops on the validation cohort, as the study's did: the figures of "
                     "that cohort are no longer those of untouched patients")  # fmt: skip
    tasks = []
    for left_out, given in enumerate(inputs):
        learned, watched = sets_of_fit(given, cohort, folds, settings, left_out)
        for number in range(1, settings.seeds + 1):
            name = f"seed{number}.{fit_name(left_out)}"
            own_seed = int(np.random.SeedSequence([seed, number, left_out]).generate_state(1)[0])
            tasks.append(Task(name, learned, watched, settings, own_seed, given.clinical))
    fitted = fit_heads(tasks, breaks_months, device=device, threads=threads)
    fits = {task.name: fit for task, fit in zip(tasks, fitted, strict=True)}
    for task in tasks:
        fit, learned = fits[task.name], task.learned
        _LOG.info("fit %s: %d patients with %d deaths, %d epochs, weights of epoch %d kept",
                  task.name, len(learned.event), learned.event.sum(), len(fit.history),
                  fit.epoch)  # fmt: skip
    return dict(sorted(fits.items(), key=lambda item: _place(item[0])))


def _place(name: str) -> tuple[int, int]:
    seed, fit = name.split(".")
    return int(seed.removeprefix("seed")), int(fit.removeprefix("fold").replace("final", "0"))
