"""Resamples of the training patients: drawn, dealt to folds, fitted in processes of their own."""

import logging
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from taceflow.errors import ConvergenceError
from taceflow.radscore.folds import stratified_folds

_LOG = logging.getLogger(__name__)

PROGRESS_EVERY_S = 10

MINIMUM_FOLDS = 3
"""`cv.glmnet` refuses fewer."""

Fit = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From rows drawn, shape (n,), and their folds to the coefficients chosen, shape (p,)."""


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """How resamples are drawn and fitted.

    Attributes
    ----------
    resamples : int
        Their number.
    seed : int
        Of their draws.
    threads : int
        Processes at a time; what comes out does not depend on it.
    """

    resamples: int
    seed: int
    threads: int


_job: dict[str, Any] = {}
"""In a fitting process: what every resample needs, sent once."""


def draw_resample(
    event: np.ndarray, folds: int, seed: int, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw as many patients as there are, with replacement, and deal them to folds.

    All copies of a patient lie in one fold: otherwise the cross-validation would test on
    patients that it was fitted on.

    Parameters
    ----------
    event : ndarray of {0, 1}, shape (n,)
        What the folds are stratified by.
    folds : int
        Number of folds; fewer if the resample holds fewer different deaths.
    seed, number : int
        Of the bootstrap, and of the resample in it: each resample has its own stream.

    Returns
    -------
    rows, fold : ndarray of int, shape (n,)
        Positions of the patients drawn, in order, and the fold of each.
    """
    generator = np.random.default_rng([seed, number])
    rows = np.sort(generator.integers(0, len(event), len(event)))
    patients, copies = np.unique(rows, return_counts=True)
    deaths = int(np.asarray(event)[patients].sum())
    count = max(min(folds, deaths), 1)
    dealt = stratified_folds(np.asarray(event)[patients], count, int(generator.integers(2**31)))
    return rows, np.repeat(dealt, copies)


def bootstrap_coefficients(
    fit: Fit, event: np.ndarray, features: int, folds: int, bootstrap: Bootstrap
) -> np.ndarray:
    """Fit the Radscore to resamples of the patients, in processes of their own.

    Parameters
    ----------
    fit : Fit
        Can be sent to another process. A `ConvergenceError` of it gives up the resample.
    event, folds
        As for `draw_resample`.
    features : int
        Number of features p.

    Returns
    -------
    ndarray, shape (resamples, p)
        A row of NaN where a resample could not be fitted.
    """
    count = bootstrap.resamples
    chosen = np.full((count, features), np.nan)
    start = logged = time.monotonic()
    # spawn: a fork would inherit the threads of libraries that do not survive it
    pool = ProcessPoolExecutor(
        min(bootstrap.threads, count),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(fit, np.asarray(event), folds, bootstrap.seed),
    )
    with pool:
        for number, coefficients in enumerate(pool.map(_fit_resample, range(count))):
            if coefficients is not None:
                chosen[number] = coefficients
            now = time.monotonic()
            if now - logged >= PROGRESS_EVERY_S or number + 1 == count:
                logged = now
                left = (count - number - 1) * (now - start) / (number + 1)
                _LOG.info("%d of %d resamples fitted, %.0f s left", number + 1, count, left)
    failed = int(np.isnan(chosen).all(axis=1).sum()) if features else 0
    if failed:
        _LOG.warning("%d of %d resamples could not be fitted and do not count", failed, count)
    return chosen


def _start(fit: Fit, event: np.ndarray, folds: int, seed: int) -> None:
    logging.disable()
    _job.update(fit=fit, event=event, folds=folds, seed=seed)


def _fit_resample(number: int) -> np.ndarray | None:
    rows, fold = draw_resample(_job["event"], _job["folds"], _job["seed"], number)
    if len(np.unique(fold)) < MINIMUM_FOLDS:
        return None
    try:
        return _job["fit"](rows, fold)
    except ConvergenceError:
        return None
