"""The pre-experiment: a small grid of hyper-parameters on a sample of training slices."""

import itertools
import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from taceflow.deep.dataset import Images
from taceflow.deep.head import fit_head
from taceflow.deep.settings import HeadSettings
from taceflow.deep.train import load_training
from taceflow.tables import read_json, write_table

_LOG = logging.getLogger(__name__)


def run_pre_experiment(
    *,
    patients: str,
    embeddings: str,
    breaks: str,
    splits: str,
    table: str,
    settings: dict,
    grid: dict,
    seed: int,
) -> None:
    """Compare learning rates, batch sizes and dropouts, cross-validated by patient.

    Parameters
    ----------
    patients, embeddings, breaks, splits : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    table : str
        Table to write: learning_rate, batch_size, dropout, epochs (the number with the lowest
        loss on patients left out), loss (that loss), standard_error (over the folds).
    settings : dict
        The arguments of `HeadSettings`, for all that the grid leaves open.
    grid : dict
        ``slices`` (the most), ``epochs`` and lists ``learning_rate``, ``batch_size``, ``dropout``.
    seed : int
    """
    torch.set_num_threads(1)
    images, cohort, folds = load_training(patients, embeddings, splits)
    training = (cohort["cohort"] == "training").to_numpy()
    sample = sample_slices(images.take(training), grid["slices"], np.random.default_rng(seed))
    fold = pd.Series(folds["fold"].to_numpy(), index=cohort["patient_id"])[sample.patients]
    edges = np.array(read_json(breaks)["breaks_months"])
    rows = []
    for values in itertools.product(*(grid[name] for name in _VARIED)):
        point = dict(zip(_VARIED, values, strict=True))
        tried = replace(
            HeadSettings(**settings), **point, epochs=grid["epochs"],
            stopping_epochs=grid["epochs"], stop_on="tuning", keep_weights="tuning",
        )  # fmt: skip
        rows.append(point | _cross_validated(sample, fold.to_numpy(), edges, tried, seed))
        _LOG.info("pre-experiment %s", rows[-1])
    write_table(pd.DataFrame(rows), table, "pre_experiment")


_VARIED = ("learning_rate", "batch_size", "dropout")


def sample_slices(images: Images, slices: int, random: np.random.Generator) -> Images:
    """Return at most so many slices, drawn at random; every patient keeps one at least.

    Parameters
    ----------
    images : Images
    slices : int
    random : numpy.random.Generator

    Returns
    -------
    Images
    """
    count = len(images.owner)
    order = random.permutation(count)
    _, first = np.unique(images.owner[order], return_index=True)
    ahead = np.concatenate([order[first], np.delete(order, first)])
    chosen = np.zeros(count, dtype=bool)
    chosen[ahead[: max(slices, len(first))]] = True
    return images.take_images(chosen)


def _cross_validated(
    images: Images, fold: np.ndarray, edges: np.ndarray, settings: HeadSettings, seed: int
) -> dict[str, float]:
    losses = []
    for left_out in np.unique(fold):
        fitted = fit_head(
            images.take(fold != left_out), {"tuning": images.take(fold == left_out)}, edges,
            settings, seed,
        )  # fmt: skip
        losses.append([row["tuning_loss"] for row in fitted.history])
    by_epoch = np.array(losses)
    best = int(by_epoch.mean(axis=0).argmin())
    spread = by_epoch[:, best].std(ddof=1) / np.sqrt(len(by_epoch))
    return {
        "epochs": best + 1,
        "loss": float(by_epoch[:, best].mean()),
        "standard_error": float(spread),
    }
