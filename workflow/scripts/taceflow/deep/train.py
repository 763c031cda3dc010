"""Training of the network's heads: for each seed the final fit, and one without each fold."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.deep.bank import Task
from taceflow.deep.course import FittedHead
from taceflow.deep.dataset import Images, Inputs, load_images
from taceflow.deep.fits import history_table, save_fits
from taceflow.deep.settings import HeadSettings, with_choice
from taceflow.deep.stack import fit_heads
from taceflow.errors import CohortTooSmallError, ConfigurationError
from taceflow.tables import read_json, read_table, write_table

_LOG = logging.getLogger(__name__)


def train_head(
    *,
    patients: str,
    embeddings: str,
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
    images, cohort, folds = load_training(patients, embeddings, splits)
    fixed = read_json(breaks)
    inputs = [Inputs(images, np.ones(len(cohort), dtype=bool))] * (folds["fold"].max() + 1)
    chosen = chosen_settings(settings, pre_experiment)
    fits = cross_fit(
        inputs, cohort, folds, np.array(fixed["breaks_months"]), chosen, seed,
        device=device, threads=threads,
    )  # fmt: skip
    save_fits(fits, inputs[0], cohort, fixed, chosen, seed, code, model, description)
    write_table(history_table(fits), history, "dlopctr_history")


def load_training(
    patients: str, embeddings: str, splits: str
) -> tuple[Images, pd.DataFrame, pd.DataFrame]:
    """Read images, cohort and splits; images and cohort in one order of patients.

    Returns
    -------
    images : Images
    cohort : pandas.DataFrame
        ``cohort/patients.tsv``, ordered by patient.
    folds : pandas.DataFrame
        fold and tuning of each row of `cohort`; fold 0 and tuning 0 outside the training cohort.
    """
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    drawn = read_table(splits, "dlopctr_splits").set_index("patient_id")
    drawn = drawn.reindex(cohort["patient_id"]).fillna(0).astype(int).reset_index(drop=True)
    return load_images(embeddings, cohort), cohort, drawn


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
    training = (cohort["cohort"] == "training").to_numpy()
    validation = (cohort["cohort"] == "validation").to_numpy()
    fold, tuning = folds["fold"].to_numpy(), folds["tuning"].to_numpy() == 1
    if settings.stop_on == "validation":
        if not validation.any():
            raise ConfigurationError(
                "dlopctr.stop_on is 'validation', but no patient is in that cohort: say 'tuning'"
            )
        _LOG.warning("training stops on the validation cohort, as the study's did: the figures of "
                     "that cohort are no longer those of untouched patients")  # fmt: skip
    if not settings.needs_tuning:
        tuning = np.zeros_like(tuning)
    tasks = []
    for left_out, given in enumerate(inputs):
        inside = training & (fold != left_out) & given.usable
        watched = {}
        if settings.stop_on == "validation":
            watched["validation"] = given.images.take(validation & given.usable)
        if settings.needs_tuning:
            watched["tuning"] = given.images.take(inside & tuning)
        learned = given.images.take(inside & ~tuning)
        for set_of, images in watched.items():
            if not len(images.patients):
                raise CohortTooSmallError(
                    f"none of the {set_of} patients of {_fit_name(left_out)} has all that it takes "
                    f"({int((inside & ~tuning).sum())} patients to learn from have): its training "
                    "cannot be stopped. Fill the gaps of the clinical variables, or raise "
                    "dlopctr.tuning_fraction"
                )
        for number in range(1, settings.seeds + 1):
            name = f"seed{number}.{_fit_name(left_out)}"
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


def _fit_name(left_out: int) -> str:
    return f"fold{left_out}" if left_out else "final"


def _place(name: str) -> tuple[int, int]:
    seed, fit = name.split(".")
    return int(seed.removeprefix("seed")), int(fit.removeprefix("fold").replace("final", "0"))
