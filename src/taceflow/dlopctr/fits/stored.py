"""What was fitted, as files: heads, what they were fitted on and how, the course of training."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import torch

from taceflow.cohort.patients import is_training
from taceflow.dlopctr.dataset import Inputs
from taceflow.dlopctr.device import choose_computing
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.curves import save_heads
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.files.tables import read_json, write_json


def save_fits(
    fits: dict[str, FittedHead],
    inputs: Inputs,
    cohort: pd.DataFrame,
    fixed: dict,
    settings: HeadSettings,
    seed: int,
    code: str,
    model: str,
    description: str,
    device: str,
    **more: object,
) -> None:
    """Write the heads and, beside them, what they were fitted on and how.

    Parameters
    ----------
    fits : dict of str to FittedHead
    inputs : Inputs
        Of the final fits.
    cohort : pandas.DataFrame
        The column cohort, in the order of the images' patients.
    fixed : dict
        Content of ``breaks.json``.
    settings : HeadSettings
    seed : int
    code : str
    model, description : str
        Files to write.
    device : str
        As for `fit_heads`. What was used is kept: a GPU draws other dropout than a CPU.
    **more
        Further entries of the description.
    """
    images = inputs.images
    training = is_training(cohort) & inputs.usable
    written = {
        "settings": asdict(settings),
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
        "device": choose_computing(device, "float32").device.type,
    } | more
    save_heads({name: fit.head for name, fit in fits.items()}, model, {"code": code})
    write_json(written, description)


def convolutions_of(backbone: str, tuned: Sequence[str]) -> dict[str, object]:
    """Return what heads rest on: the convolutions' digest and normalisation.

    Parameters
    ----------
    backbone : str
        ``dlopctr/backbone.json``.
    tuned : sequence of str
        Embeddings by a tuned last stage, none if it is frozen.

    Returns
    -------
    dict
    """
    described = read_json(backbone)
    kept = ("source", "sha256", "channel_means", "channel_scales")
    return {key: described[key] for key in kept} | {"last_stage_tuned": bool(tuned)}


def history_table(fits: dict[str, FittedHead]) -> pd.DataFrame:
    """Return the losses of each seed, fit and epoch."""
    rows = []
    for name, fitted in fits.items():
        seed, fit = name.split(".")
        named = {"seed": int(seed.removeprefix("seed")), "fit": fit}
        rows += [named | row for row in fitted.history]
    columns = ["training_loss", "tuning_loss", "validation_loss", "learning_rate"]
    return pd.DataFrame(rows).reindex(columns=["seed", "fit", "epoch", *columns])
