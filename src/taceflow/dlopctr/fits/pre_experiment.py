"""The pre-experiment: a small grid of hyper-parameters on a sample of training slices."""

import itertools
import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from taceflow.cohort.training import is_training
from taceflow.dlopctr.dataset import Images, load_images
from taceflow.dlopctr.fits.files import Training
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.settings import VARIED, HeadSettings
from taceflow.dlopctr.head.stack import fit_heads
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.files.tables import read_json, write_table

_LOG = logging.getLogger(__name__)


def run_pre_experiment(
    training: Training,
    *,
    patients: str,
    splits: str,
    breaks: str,
    embeddings: str,
    grid: dict,
    table: str,
) -> None:
    """Compare learning rates, batch sizes and dropouts, cross-validated by patient.

    Parameters
    ----------
    training : Training
        Its settings hold for all that the grid leaves open.
    patients, splits, breaks, embeddings : str
        As of `HeadFiles`.
    grid : dict
        ``slices`` (the most), ``epochs`` and lists ``learning_rate``, ``batch_size``, ``dropout``.
    table : str
        Table to write: learning_rate, batch_size, dropout, epochs (the number with the lowest
        loss on patients left out), loss (that loss), standard_error (over the folds).
    """
    settings, seed = training.settings, training.seed
    cohort, folds = load_splits(patients, splits)
    images = load_images(embeddings, cohort, standardise=settings["standardise"])
    inside = is_training(cohort)
    sample = sample_slices(images.take(inside), grid["slices"], np.random.default_rng(seed))
    fold = pd.Series(folds["fold"].to_numpy(), index=cohort["patient_id"])[sample.patients]
    parts = [
        (sample.take(fold.to_numpy() != left_out), sample.take(fold.to_numpy() == left_out))
        for left_out in np.unique(fold)
    ]
    points = [
        dict(zip(VARIED, values, strict=True))
        for values in itertools.product(*(grid[name] for name in VARIED))
    ]
    tasks = []
    for point in points:
        named = settings | point | {"epochs": grid["epochs"], "stopping_epochs": grid["epochs"]}
        tried = HeadSettings(**named | {"stop_on": "tuning", "keep_weights": "tuning"})
        tasks += [
            Task(f"{point} without fold {number}", learned, {"tuning": left}, tried, seed + number)
            for number, (learned, left) in enumerate(parts, start=1)
        ]
    edges = np.array(read_json(breaks)["breaks_months"])
    fitted = fit_heads(tasks, edges, device=training.device, threads=training.threads)
    rows = [
        point | _summary(fitted[start : start + len(parts)])
        for point, start in zip(points, range(0, len(tasks), len(parts)), strict=True)
    ]
    write_table(pd.DataFrame(rows), table, "pre_experiment")
    _LOG.info(
        "%d images of %d patients; lowest loss: %s",
        len(sample.owner),
        len(sample.patients),
        min(rows, key=lambda row: row["loss"]),
    )


def sample_slices(images: Images, slices: int, random: np.random.Generator) -> Images:
    """Return at most so many slices, drawn at random; every patient keeps one at least."""
    count = len(images.owner)
    order = random.permutation(count)
    _, first = np.unique(images.owner[order], return_index=True)
    ahead = np.concatenate([order[first], np.delete(order, first)])
    chosen = np.sort(ahead[: max(slices, len(first))])
    return replace(images, vectors=images.vectors[:, chosen], owner=images.owner[chosen])


def _summary(fitted: list[FittedHead]) -> dict[str, float]:
    by_epoch = np.array([[row["tuning_loss"] for row in fit.history] for fit in fitted])
    best = int(by_epoch.mean(axis=0).argmin())
    spread = by_epoch[:, best].std(ddof=1) / np.sqrt(len(by_epoch))
    return {
        "epochs": best + 1,
        "loss": float(by_epoch[:, best].mean()),
        "standard_error": float(spread),
    }
