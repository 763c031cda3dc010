"""Features harmonised by scanner or centre: learnt from the training patients, stored, applied."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import is_training
from taceflow.errors import InputError
from taceflow.files.tables import read_json, read_table, write_json, write_table
from taceflow.radiomics.combat import Combat, fit_combat
from taceflow.radscore.training_data import candidates, feature_rows
from taceflow.survival.minimum_counts import FEWEST
from taceflow.survival.regression.design import as_levels
from taceflow.wording.counts import agreeing, counted

_LOG = logging.getLogger(__name__)

OF_IMAGES = "manufacturer"
"""The column of ``cohort/acquisition.tsv`` that batches may be named by."""


def write_harmonised(
    *,
    patients: str,
    features: str,
    icc: str,
    acquisition: str | None,
    by: str,
    unseen: str,
    batches: str,
    model: str,
    harmonised: str,
) -> None:
    """Harmonise the reproducible features by ComBat, fitted on the training patients.

    Parameters
    ----------
    patients, features, icc : str
        Tables: cohort, features of the main reading, reproducibility.
    acquisition : str or None
        ``cohort/acquisition.tsv``, if the study has images.
    by : str
        See `batches_of`.
    unseen : {'leave', 'refuse'}
        What becomes of a patient whose batch no training patient has.
    batches, model, harmonised : str
        Files to write: ``patient_id``, ``cohort``, ``batch``, ``harmonised``, ``note``; what was
        learnt (see `described`); features of all patients.

    Raises
    ------
    InputError
        See `check_batches`; or if a patient's batch is unseen and that is to be refused.
    """
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    batch = batches_of(cohort, acquisition and read_table(acquisition, "acquisition"), by)
    training = is_training(cohort)
    source = patients if by in cohort else acquisition
    check_batches(batch[training], cohort["patient_id"][training], by=by, file=source)
    known = batch.isin(batch[training])
    _check_unseen(known, cohort["patient_id"], by=by, unseen=unseen, file=source)
    names = candidates(icc)
    learnt = feature_rows(features, cohort["patient_id"][training].tolist(), names)
    combat = fit_combat(learnt.to_numpy(), batch[training].tolist())
    rows = read_table(features).set_index("patient_id")[names].astype(float)
    rows = rows.loc[rows.index.isin(cohort["patient_id"])]
    of_rows = batch.set_axis(cohort["patient_id"]).loc[rows.index]
    moved = pd.DataFrame(combat.apply(rows.to_numpy(), of_rows), index=rows.index, columns=names)
    _LOG.info(
        "%d of %d features harmonised by %s (%d batches); %d patients left as they are",
        combat.adjusted.sum(),
        len(names),
        by,
        len(combat.batches),
        (~known).sum(),
    )
    write_table(_table(cohort, batch, known, by), batches, "batches")
    write_json({"by": by, "unseen": unseen, **described(combat, names)}, model)
    write_table(moved.reset_index(), harmonised, "features")


def apply_harmonisation(
    *,
    patients: str,
    features: str,
    acquisition: str | None,
    radscore_model: str,
    by: str,
    unseen: str,
    batches: str,
    harmonised: str,
) -> None:
    """Harmonise the features of new patients by what a bundle stores of its training patients.

    Parameters
    ----------
    patients, features, acquisition, by, unseen, batches, harmonised
        As for `write_harmonised`.
    radscore_model : str
        ``radscore.json`` of the bundle, which has the Radscore's features alone.

    Raises
    ------
    InputError
        If a patient's batch is unseen and that is to be refused.
    """
    stored = read_json(radscore_model)
    cohort = read_table(patients).sort_values("patient_id", ignore_index=True)
    batch = batches_of(cohort, acquisition and read_table(acquisition, "acquisition"), by)
    known = batch.isin(stored["harmonisation"]["batches"])
    source = patients if by in cohort else acquisition
    _check_unseen(known, cohort["patient_id"], by=by, unseen=unseen, file=source)
    rows = feature_rows(features, cohort["patient_id"].tolist(), sorted(stored["coefficients"]))
    moved = harmonise(rows, batch.tolist(), stored["harmonisation"])
    _LOG.info("%d patients harmonised by %s, %d left as they are", known.sum(), by, (~known).sum())
    write_table(_table(cohort, batch, known, by), batches, "batches")
    write_table(moved.reset_index(), harmonised, "features")


def _check_unseen(
    known: pd.Series, patients: pd.Series, *, by: str, unseen: str, file: str | None
) -> None:
    if unseen == "refuse" and not known.all():
        left = patients[~known]
        raise InputError(
            f"no training patient has the {by} of {counted(len(left), 'patient')}",
            patient=left.iloc[0],
            file=file,
            remedy="Exclude them, or say radiomics.harmonise.unseen: leave, which leaves their "
            "features as they are",
        )


def _table(cohort: pd.DataFrame, batch: pd.Series, known: pd.Series, by: str) -> pd.DataFrame:
    """Return who is of which batch, and whose features stay as they are."""
    reason = np.where(batch.isna(), f"no {by} is known", f"no training patient has this {by}")
    notes = [
        None if one else f"{why}: left as it is" for one, why in zip(known, reason, strict=True)
    ]
    return cohort[["patient_id", "cohort"]].assign(
        batch=batch, harmonised=known.astype(int), note=notes
    )


def batches_of(cohort: pd.DataFrame, acquisition: pd.DataFrame | None, by: str) -> pd.Series:
    """Return the batch of each patient, None where it is not known.

    Parameters
    ----------
    cohort : DataFrame
        ``patient_id`` and the sheet's columns.
    acquisition : DataFrame or None
        ``cohort/acquisition.tsv``.
    by : str
        A column of the cohort; `OF_IMAGES`, where the cohort has no such column, of the
        acquisition: without regard to capitals and spaces, which differ between software versions.
    """
    if by in cohort:
        return as_levels(cohort[by])
    told = pd.Series(dtype=object)
    if acquisition is not None and by in acquisition:
        told = acquisition.set_index("patient_id")[by].dropna()
    plain = told.map(lambda name: " ".join(name.split()).upper())
    found = cohort["patient_id"].map(plain).astype(object)
    return found.where(found.notna(), None)


def check_batches(batch: pd.Series, patients: pd.Series, *, by: str, file: str | None) -> None:
    """Refuse training patients whose batches cannot be told apart.

    Parameters
    ----------
    batch, patients : Series, length n
        Batches and ids of the training patients.
    by, file : str
        For the message.

    Raises
    ------
    InputError
        If one's batch is not known, if all have the same, or if one has fewer than `FEWEST`. The
        batch is not named, since a header may say anything; the patient is.
    """
    counts = batch.map(batch.value_counts())
    problem = ""
    if batch.isna().any():
        found = batch.isna()
        of_all = counted(len(batch), "training patient")
        problem = f"the {by} is not known, and so of {found.sum()} of {of_all}"
    elif counts.eq(len(batch)).all():
        found = counts > 0
        problem = f"all training patients have the same {by}: nothing is to be harmonised"
    elif counts.min() < FEWEST:
        found = counts == counts.min()
        problem = (
            f"{counted(counts.min(), 'training patient')} alone "
            f"{agreeing(counts.min(), 'has', 'have')} this {by}, and what it does to features "
            f"takes {FEWEST} to tell"
        )
    if problem:
        raise InputError(
            problem,
            patient=patients[found].iloc[0],
            file=file,
            remedy="Name a column of your own in radiomics.harmonise.by, in which such patients "
            "are put with others of a like scanner, exclude them, or set radiomics.harmonise to "
            "null",
        )


def described(combat: Combat, names: Sequence[str]) -> dict[str, Any]:
    """Return what was learnt as it is stored.

    Returns
    -------
    dict
        ``batches`` (list of str) and ``features``: of each that is harmonised ``centre``, and a
        list in the order of the batches of ``location`` and of ``scale``. See `Combat`.
    """
    return {
        "batches": list(combat.batches),
        "features": {
            name: {
                "centre": float(combat.centre[j]),
                "location": combat.location[:, j].tolist(),
                "scale": combat.scale[:, j].tolist(),
            }
            for j, name in enumerate(names)
            if combat.adjusted[j]
        },
    }


def harmonise(
    rows: pd.DataFrame, batch: Sequence[str | None], model: Mapping[str, Any]
) -> pd.DataFrame:
    """Return features as a stored model harmonises them.

    Parameters
    ----------
    rows : DataFrame, shape (n, p)
        Raw features; those that the model has not are left as they are.
    batch : sequence of str or None, length n
        One that the model has not: the patient is left as he is.
    model : mapping
        See `described`.
    """
    stored = [model["features"].get(name) for name in rows.columns]
    count = len(model["batches"])
    one = {"centre": 0.0, "location": [0.0] * count, "scale": [1.0] * count}
    filled = [feature or one for feature in stored]
    combat = Combat(
        tuple(model["batches"]),
        np.array([feature["centre"] for feature in filled]),
        np.array([feature["location"] for feature in filled]).T,
        np.array([feature["scale"] for feature in filled]).T,
        np.array([feature is not None for feature in stored], dtype=bool),
    )
    moved = combat.apply(rows.to_numpy(dtype=float), batch)
    return pd.DataFrame(moved, index=rows.index, columns=rows.columns)
