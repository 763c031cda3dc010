"""Training of the network's heads: for each seed the final fit, and one without each fold."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.dlopctr.dataset import Inputs
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.sets import fit_name, images_of_fits, sets_of_fit
from taceflow.dlopctr.fits.stored import history_table, save_fits
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.dlopctr.head.stack import fit_heads
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.files.tables import read_json, write_table

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
        Files to write: heads and standardisation (safetensors), what they are (JSON), the losses
        of each epoch.
    """
    settings = training.chosen(files)
    cohort, folds = load_splits(files.patients, files.splits)
    seen = images_of_fits(
        files.embeddings,
        files.tuned,
        cohort,
        folds["fold"].max() + 1,
        standardise=settings.standardise,
    )
    inputs = [Inputs(each, np.ones(len(cohort), dtype=bool)) for each in seen]
    edges = np.array(read_json(files.breaks)["breaks_months"])
    fits = cross_fit(
        inputs,
        cohort,
        folds,
        edges,
        settings,
        training.seed,
        device=training.device,
        threads=training.threads,
    )
    save_fits(fits, inputs[0], cohort, settings, files, training, model, description)
    write_table(history_table(fits), history, "dlopctr_history")


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
        _LOG.warning(
            "training stops on the validation cohort, as the study's did: the figures of "
            "that cohort are no longer those of untouched patients"
        )
    tasks = []
    for left_out, of_fit in enumerate(inputs):
        learned, watched = sets_of_fit(of_fit, cohort, folds, settings, left_out)
        for number in range(1, settings.seeds + 1):
            name = f"seed{number}.{fit_name(left_out)}"
            own_seed = int(np.random.SeedSequence([seed, number, left_out]).generate_state(1)[0])
            tasks.append(Task(name, learned, watched, settings, own_seed, of_fit.clinical))
    fitted = fit_heads(tasks, breaks_months, device=device, threads=threads)
    fits = {task.name: fit for task, fit in zip(tasks, fitted, strict=True)}
    for task in tasks:
        fit, learned = fits[task.name], task.learned
        _LOG.info(
            "fit %s: %d patients with %d deaths, %d epochs, weights of epoch %d kept",
            task.name,
            len(learned.event),
            learned.event.sum(),
            len(fit.history),
            fit.epoch,
        )
    return dict(sorted(fits.items(), key=lambda item: _place(item[0])))


def _place(name: str) -> tuple[int, int]:
    seed, fit = name.split(".")
    return int(seed.removeprefix("seed")), int(fit.removeprefix("fold").replace("final", "0"))
