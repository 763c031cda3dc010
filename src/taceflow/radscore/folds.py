"""Folds of the cross-validation: drawn once, by event, and stored."""

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_table, write_table
from taceflow.survival.evaluation.binary_outcome import death_by


def stratified_folds(event: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deal patients to folds so that events, and patients, differ by at most one between folds.

    Parameters
    ----------
    event : ndarray of {1, 0, -1}, shape (n,)
        Whether each patient died; -1 where it is not known.

    Returns
    -------
    ndarray of int, shape (n,)
        Fold of each patient, 1 to `folds`. Fewer patients fill fewer folds: whether they
        suffice is for the fit to say.
    """
    event = np.asarray(event)
    generator = np.random.default_rng(seed)
    # Events first, then the others, the unknown last, dealt round like cards: each comes out even.
    order = np.concatenate([generator.permutation(np.flatnonzero(event == k)) for k in (1, 0, -1)])
    fold = np.empty(len(event), dtype=int)
    fold[order] = np.arange(len(event)) % folds + 1
    return fold


def write_folds(
    *, patients: str, folds: int, seed: int, horizon_months: float | None, output: str
) -> None:
    """Draw the folds of the training patients and write ``radscore/folds.tsv``.

    Parameters
    ----------
    patients : str
        The cohort table.
    folds, seed : int
        See `stratified_folds`.
    horizon_months : float or None
        Where survival is fitted as yes or no: then those who died by it are spread evenly.
    output : str
        The table to write: ``patient_id``, ``fold``.
    """
    cohort = read_table(patients)
    training = training_patients(cohort).sort_values("patient_id")
    event = training["event"].to_numpy()
    if horizon_months is not None:
        died = death_by(training["time_months"].to_numpy(float), event, horizon_months)
        event = np.where(np.isfinite(died), died, -1).astype(int)
    fold = stratified_folds(event, folds, seed)
    write_table(
        pd.DataFrame({"patient_id": training["patient_id"], "fold": fold}),
        output,
        "radscore_folds",
    )
