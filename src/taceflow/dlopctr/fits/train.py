"""Training of the network's heads: for each seed the final fit, and one without each fold."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.cohort.training import is_training
from taceflow.dlopctr.dataset import Images, Inputs, load_images
from taceflow.dlopctr.fits.files import HeadFiles, Training, fit_name
from taceflow.dlopctr.fits.stored import save_fits
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.dlopctr.head.stack import fit_heads
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.errors import CohortTooSmallError, ConfigurationError
from taceflow.files.tables import read_json
from taceflow.wording.counts import agreeing, counted

_LOG = logging.getLogger(__name__)


def train_head(
    files: HeadFiles, training: Training, *, model: str, description: str, history: str
) -> None:
    """Train DLOP-CTR on the training patients and keep what was fitted.

    Parameters
    ----------
    files : HeadFiles
    training : Training
    model, description, history : str
        Files to write, see `save_fits`.
    """
    settings = training.chosen(files)
    cohort, folds = load_splits(files.patients, files.splits)
    images = load_images(files.embeddings, cohort, standardise=settings.standardise)
    inputs = Inputs(images, np.ones(len(cohort), dtype=bool))
    fits = cross_fit([inputs] * (folds["fold"].max() + 1), cohort, folds, settings, files, training)
    save_fits(fits, inputs, cohort, settings, files, training, model, description, history)


def cross_fit(
    inputs: Sequence[Inputs],
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    settings: HeadSettings,
    files: HeadFiles,
    training: Training,
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
    settings : HeadSettings
        As they are used.
    files : HeadFiles
        Of which the breaks are read.
    training : Training

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
        _LOG.warning(
            "training stops on the validation cohort, as the study's did: the figures of "
            "that cohort are no longer those of untouched patients"
        )
    seeds = range(1, settings.seeds + 1)
    tasks = []
    for left_out, of_fit in enumerate(inputs):
        learned, watched = _sets_of_fit(of_fit, cohort, folds, settings, left_out)
        for seed in seeds:
            name = f"seed{seed}.{fit_name(left_out)}"
            draws = np.random.SeedSequence([training.seed, seed, left_out]).generate_state(1)
            tasks.append(Task(name, learned, watched, settings, int(draws[0])))
    edges = np.array(read_json(files.breaks)["breaks_months"])
    fitted = fit_heads(tasks, edges, device=training.device, threads=training.threads)
    for task, fit in zip(tasks, fitted, strict=True):
        _LOG.info(
            "fit %s: %d patients with %d deaths, %d epochs, weights of epoch %d kept",
            task.name,
            len(task.learned.event),
            task.learned.event.sum(),
            len(fit.history),
            fit.epoch,
        )
    fits = {task.name: fit for task, fit in zip(tasks, fitted, strict=True)}
    names = [f"seed{seed}.{fit_name(fold)}" for seed in seeds for fold in range(len(inputs))]
    return {name: fits[name] for name in names}


def _sets_of_fit(
    inputs: Inputs,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    settings: HeadSettings,
    left_out: int,
) -> tuple[Images, dict[str, Images]]:
    """Return the images that a fit learns from, and by name those on which it is watched."""
    validation = cohort["cohort"].eq("validation").to_numpy()
    tuning = folds["tuning"].to_numpy() == 1
    inside = is_training(cohort) & (folds["fold"].to_numpy() != left_out) & inputs.usable
    watched = {}
    if settings.stop_on == "validation":
        if not validation.any():
            raise ConfigurationError(
                "dlopctr.stop_on is 'validation', but no patient is in that cohort: say 'tuning'"
            )
        watched["validation"] = inputs.images.take(validation & inputs.usable)
    if settings.needs_tuning:
        watched["tuning"] = inputs.images.take(inside & tuning)
        inside &= ~tuning
    for name, images in watched.items():
        if not len(images.patients):
            left = int(inside.sum())
            raise CohortTooSmallError(
                f"none of the {name} patients of {fit_name(left_out)} has all that it takes "
                f"({counted(left, 'patient')} to learn from {agreeing(left, 'has', 'have')}): its "
                "training cannot be stopped. Fill the gaps of the clinical variables, or raise "
                "dlopctr.tuning_fraction"
            )
    return inputs.images.take(inside), watched
