"""Folds and tuning patients: drawn once among the training patients, by patient, and stored."""

import logging

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import training_patients
from taceflow.errors import CohortTooSmallError
from taceflow.files.tables import read_table, write_table
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)


def write_splits(patients: str, splits: str, folds: int, tuning_fraction: float, seed: int) -> None:
    """Draw the folds and the tuning patients.

    Parameters
    ----------
    patients : str
        ``cohort/patients.tsv``.
    splits : str
        Table to write: patient_id, fold (1 to `folds`), tuning (0/1).
    folds : int
        Folds of the out-of-fold predictions.
    tuning_fraction : float
        Part of the training patients on whose loss training is stopped.
    seed : int
        Seed of the draw.

    Raises
    ------
    CohortTooSmallError
        If patients or deaths do not suffice.
    """
    training = training_patients(read_table(patients))
    training = training.sort_values("patient_id", ignore_index=True)
    fold, tuning = draw_splits(
        training["time_months"].to_numpy(dtype=float),
        training["event"].to_numpy(dtype=int),
        folds,
        tuning_fraction,
        np.random.default_rng(seed),
    )
    table = pd.DataFrame({"patient_id": training["patient_id"], "fold": fold, "tuning": tuning})
    write_table(table, splits, "dlopctr_splits")
    _LOG.info("%d training patients: %d folds, %d for tuning", len(table), folds, tuning.sum())


def load_splits(patients: str, splits: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the cohort with its splits.

    Parameters
    ----------
    patients, splits : str
        ``cohort/patients.tsv`` and ``dlopctr/splits.tsv``.

    Returns
    -------
    cohort : pandas.DataFrame
        Ordered by patient.
    folds : pandas.DataFrame
        fold and tuning of each row of `cohort`; fold 0 and tuning 0 outside the training cohort.

    Raises
    ------
    DamagedFileError
        If a training patient has no row: fold 0 would be predicted by heads that know him.
    """
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    drawn = read_table(splits, "dlopctr_splits")
    drawn = join_by_patient(training_patients(cohort), drawn, ["fold", "tuning"], file=splits)
    return cohort, drawn[["fold", "tuning"]].reindex(cohort.index).fillna(0).astype(int)


def draw_splits(
    time_months: np.ndarray,
    event: np.ndarray,
    folds: int,
    tuning_fraction: float,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Deal patients into folds, and set some of each fold aside for tuning.

    Both are balanced in event and follow-up: patients of like event and follow-up are dealt to
    different folds. A fold with more early deaths than the rest would leave a rest that predicts
    too well for it, and out-of-fold predictions of different folds could not be compared.

    Parameters
    ----------
    time_months, event : numpy.ndarray of shape (patients,)
    folds : int
    tuning_fraction : float
        Between 0 and 1.
    random : numpy.random.Generator

    Returns
    -------
    fold : numpy.ndarray of int
        1 to `folds`.
    tuning : numpy.ndarray of int
        1 = set aside.

    Raises
    ------
    CohortTooSmallError
        If there are fewer patients or deaths than folds, or fitting or tuning patients of the whole
        or of a fold have no death.
    """
    deaths = int(event.sum())
    if min(deaths, len(event)) < folds:
        raise CohortTooSmallError(
            f"{counted(len(event), 'training patient')} with {counted(deaths, 'death')} cannot be "
            f"dealt into {folds} folds with a death in each. Lower dlopctr.folds or add patients"
        )
    fold, tuning = np.zeros(len(event), dtype=int), np.zeros(len(event), dtype=int)
    set_aside = np.zeros(folds + 1, dtype=int)
    for stratum in (1, 0):
        members = np.flatnonzero(event == stratum)
        members = members[np.argsort(time_months[members], kind="stable")]
        for start in range(0, len(members), folds):
            alike = members[start : start + folds]
            fold[alike] = 1 + random.permutation(folds)[: len(alike)]
        count = round(tuning_fraction * len(members))
        if stratum == 1:
            # at least two, so that one remains when a fold that holds the other is left out
            count = max(count, min(2, deaths - 1))
        for alike in np.array_split(members, count) if count else []:
            candidates = random.permutation(alike)
            chosen = candidates[np.argmin(set_aside[fold[candidates]])]
            tuning[chosen] = 1
            set_aside[fold[chosen]] += 1
    _check(fold, tuning, event, folds)
    return fold, tuning


def _check(fold: np.ndarray, tuning: np.ndarray, event: np.ndarray, folds: int) -> None:
    for left_out in range(folds + 1):
        inside = fold != left_out
        for part, name in ((tuning == 0, "fitting"), (tuning == 1, "tuning")):
            deaths = int(event[inside & part].sum())
            if deaths == 0:
                whom = counted(int((inside & part).sum()), f"{name} patient")
                raise CohortTooSmallError(
                    f"no death among the {whom} when fold {left_out} of {folds} is left out "
                    f"({counted(int(event.sum()), 'death')} in all). Change "
                    "dlopctr.folds or dlopctr.tuning_fraction, or add patients"
                )
