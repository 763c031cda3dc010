"""Training of the network's head: the final fit, and one fit without each fold."""

import logging

import numpy as np
import pandas as pd
import torch

from taceflow.deep.curves import save_heads
from taceflow.deep.dataset import Images, load_images
from taceflow.deep.head import FittedHead, fit_head
from taceflow.deep.settings import HeadSettings
from taceflow.errors import ConfigurationError
from taceflow.tables import read_json, read_table, write_json, write_table

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
    settings: dict,
    seed: int,
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
    settings : dict
        The arguments of `HeadSettings`.
    seed : int
    code : str
        Digest of the code, kept in the description.
    """
    images, cohort, folds = load_training(patients, embeddings, splits)
    fixed = read_json(breaks)
    chosen = HeadSettings(**settings)
    fits = cross_fit(images, cohort, folds, np.array(fixed["breaks_months"]), chosen, seed)
    save_fits(fits, images, cohort, fixed, settings, seed, code, model, description)
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


def cross_fit(
    images: Images,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    breaks_months: np.ndarray,
    settings: HeadSettings,
    seed: int,
    clinical: int = 0,
) -> dict[str, FittedHead]:
    """Fit a head on all training patients, and one without each fold.

    Parameters
    ----------
    images : Images
    cohort : pandas.DataFrame
        The column cohort, in the order of the images' patients.
    folds : pandas.DataFrame
        fold and tuning, likewise.
    breaks_months : numpy.ndarray
    settings : HeadSettings
    seed : int
    clinical : int
        How many of the last features are clinical values.

    Returns
    -------
    dict of str to FittedHead
        ``final``, ``fold1``, ``fold2``, ...

    Raises
    ------
    ConfigurationError
        If training is to stop on validation patients and there are none.
    """
    torch.set_num_threads(1)  # the matrices are small: threads would only wait for each other
    training = (cohort["cohort"] == "training").to_numpy()
    fold, tuning = folds["fold"].to_numpy(), folds["tuning"].to_numpy() == 1
    watched = {}
    if settings.stop_on == "validation":
        validation = (cohort["cohort"] == "validation").to_numpy()
        if not validation.any():
            raise ConfigurationError(
                "dlopctr.stop_on is 'validation', but no patient is in that cohort: say 'tuning'"
            )
        _LOG.warning("training stops on the validation cohort, as the study's did: the figures of "
                     "that cohort are no longer those of untouched patients")  # fmt: skip
        watched["validation"] = images.take(validation)
    if not settings.needs_tuning:
        tuning = np.zeros_like(tuning)
    fits = {}
    for left_out in range(fold.max() + 1):
        inside = training & (fold != left_out)
        if settings.needs_tuning:
            watched["tuning"] = images.take(inside & tuning)
        learned = images.take(inside & ~tuning)
        name = f"fold{left_out}" if left_out else "final"
        fit_seed = int(np.random.SeedSequence([seed, left_out]).generate_state(1)[0])
        fits[name] = fit_head(learned, watched, breaks_months, settings, fit_seed, clinical)
        _LOG.info(
            "fit %s: %d patients with %d deaths, %d epochs, weights of epoch %d kept",
            name, len(learned.event), learned.event.sum(), len(fits[name].history),
            fits[name].epoch,
        )  # fmt: skip
    return fits


def save_fits(
    fits: dict[str, FittedHead],
    images: Images,
    cohort: pd.DataFrame,
    fixed: dict,
    settings: dict,
    seed: int,
    code: str,
    model: str,
    description: str,
    **more: object,
) -> None:
    """Write the heads and, beside them, what they were fitted on and how.

    Parameters
    ----------
    fits : dict of str to FittedHead
    images, cohort
        As given to `cross_fit`.
    fixed : dict
        Content of ``breaks.json``.
    settings : dict
        The arguments of `HeadSettings`.
    seed : int
    code : str
    model, description : str
        Files to write.
    **more
        Further entries of the description.
    """
    training = (cohort["cohort"] == "training").to_numpy()
    written = {
        "settings": settings,
        "seed": seed,
        "breaks_months": fixed["breaks_months"],
        "horizon_months": fixed["horizon_months"],
        "n": int(training.sum()),
        "events": int(images.event[training].sum()),
        "images": int(training[images.owner].sum()),
        "views": len(images.vectors),
        "features": images.vectors.shape[2],
        "kept_epochs": {name: fit.epoch for name, fit in fits.items()},
        "code": code,
        "torch": torch.__version__,
    } | more
    save_heads({name: fit.head for name, fit in fits.items()}, model, {"code": code})
    write_json(written, description)


def history_table(fits: dict[str, FittedHead]) -> pd.DataFrame:
    """Return the losses of each fit and epoch."""
    rows = [{"fit": name} | row for name, fit in fits.items() for row in fit.history]
    table = pd.DataFrame(rows)
    columns = ["fit", "epoch", "training_loss", "tuning_loss", "validation_loss", "learning_rate"]
    return table.reindex(columns=columns)
