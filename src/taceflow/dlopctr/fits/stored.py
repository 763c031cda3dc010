"""What was fitted, as files: heads, what they were fitted on and how, the course of training."""

from dataclasses import asdict

import pandas as pd
import torch

from taceflow.cohort.training import is_training
from taceflow.dlopctr.dataset import Inputs
from taceflow.dlopctr.device import choose_computing
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.fitted_head import save_heads
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.files.tables import read_json, write_json, write_table

_OF_CONVOLUTIONS = ("source", "sha256", "channel_means", "channel_scales")
_OF_AN_EPOCH = ("epoch", "training_loss", "tuning_loss", "validation_loss", "learning_rate")


def save_fits(
    fits: dict[str, FittedHead],
    inputs: Inputs,
    cohort: pd.DataFrame,
    settings: HeadSettings,
    files: HeadFiles,
    training: Training,
    model: str,
    description: str,
    history: str,
    **more: object,
) -> None:
    """Write the heads, what they were fitted on and how, and the losses of each epoch.

    Parameters
    ----------
    fits : dict of str to FittedHead
    inputs : Inputs
        Of the final fits.
    cohort : pandas.DataFrame
        The column cohort, in the order of the images' patients.
    settings : HeadSettings
        As they were used.
    files : HeadFiles
        What the heads rest on is kept: intervals, the convolutions' digest and normalisation.
    training : Training
        The device that was used is kept: a GPU draws other dropout than a CPU.
    model, description, history : str
        Files to write: heads and standardisation (safetensors), what they are (JSON), the losses
        of each seed, fit and epoch (table).
    **more
        Further entries of the description.
    """
    fixed, backbone = read_json(files.breaks), read_json(files.backbone)
    images = inputs.images
    learned = is_training(cohort) & inputs.usable
    written = {
        "settings": asdict(settings),
        "seed": training.seed,
        "breaks_months": fixed["breaks_months"],
        "horizon_months": fixed["horizon_months"],
        "n": int(learned.sum()),
        "events": int(images.event[learned].sum()),
        "images": int(learned[images.owner].sum()),
        "views": len(images.vectors),
        "features": images.vectors.shape[2],
        "kept_epochs": {name: fit.epoch for name, fit in fits.items()},
        "code": training.code,
        "torch": torch.__version__,
        "device": choose_computing(training.device, "float32").device.type,
        "convolutions": {key: backbone[key] for key in _OF_CONVOLUTIONS},
    } | more
    save_heads({name: fit.head for name, fit in fits.items()}, model, {"code": training.code})
    write_json(written, description)
    write_table(_history_table(fits), history, "dlopctr_history")


def _history_table(fits: dict[str, FittedHead]) -> pd.DataFrame:
    rows = []
    for name, fitted in fits.items():
        seed, fit = name.split(".")
        named = {"seed": int(seed.removeprefix("seed")), "fit": fit}
        rows += [named | row for row in fitted.history]
    return pd.DataFrame(rows).reindex(columns=["seed", "fit", *_OF_AN_EPOCH])
