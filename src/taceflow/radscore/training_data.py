"""What the Radscore may see: training patients, reproducible features, outcomes, folds."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import training_patients
from taceflow.errors import CohortTooSmallError, InputError
from taceflow.files.tables import read_table
from taceflow.radiomics.combat import Unharmonised
from taceflow.radscore.lambdas import Family
from taceflow.survival.evaluation.binary_outcome import death_by
from taceflow.wording.counts import counted

MINIMUM_EVENTS = 10
"""Fewer deaths than this carry no selection among hundreds of features, however few the folds."""

MINIMUM_EVENTS_PER_FOLD = 2
"""The deviance of a fold with fewer deaths is noise."""

MINIMUM_SURVIVORS = 8
"""glmnet warns below this number in either class of a binomial fit."""


@dataclass(frozen=True)
class TrainingData:
    """What the Radscore may see: training patients and reproducible features.

    Attributes
    ----------
    features : DataFrame, shape (n, p)
        Indexed by patient id.
    time_months, event, fold : ndarray, shape (n,)
        Follow-up, 1 = died, and stored fold.
    horizon_months : float or None
        Where survival was taken as yes or no: `event` is that.
    note : str
        What a reader of the model must know of the outcome.
    raw : Unharmonised or None
        Where `features` are harmonised by all training patients: what they were before, since a
        fit on a part of the patients must not know the others.
    """

    features: pd.DataFrame
    time_months: np.ndarray
    event: np.ndarray
    fold: np.ndarray
    horizon_months: float | None = None
    note: str = ""
    raw: Unharmonised | None = None

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.event)

    @property
    def events(self) -> int:
        """Number of deaths."""
        return int(self.event.sum())

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(np.unique(self.fold))

    def fitted(self, family: Family) -> list[np.ndarray]:
        """Return features, shape (n, p), and the outcome that a family of the LASSO fits."""
        return [self.features.to_numpy(), *(getattr(self, name) for name in family.outcome)]


def load_training(
    patients: str,
    features: str,
    icc: str,
    folds: str,
    *,
    harmonised: str | None = None,
    batches: str | None = None,
) -> TrainingData:
    """Read the training patients, their reproducible features and their folds.

    Parameters
    ----------
    patients, features, icc, folds : str
        Tables: cohort, features of the main reading, reproducibility, stored folds.
    harmonised, batches : str, optional
        Where features are harmonised: ``radscore/harmonised.parquet`` and ``batches.tsv``.

    Raises
    ------
    InputError
        If a training patient has no fold, or no or a missing feature.
    """
    training = training_patients(read_table(patients)).sort_values("patient_id")
    training = join_by_patient(training, read_table(folds, "radscore_folds"), ["fold"], file=folds)
    ids, names = training["patient_id"].tolist(), candidates(icc)
    rows, raw = feature_rows(features, ids, names), None
    if harmonised and batches:
        of_patients = read_table(batches, "batches")
        known = join_by_patient(training[["patient_id"]], of_patients, ["batch"], file=batches)
        raw = Unharmonised(rows.to_numpy(), known["batch"].to_numpy(dtype=object))
        rows = feature_rows(harmonised, ids, names)
    return TrainingData(
        features=rows,
        time_months=training["time_months"].to_numpy(dtype=float),
        event=training["event"].to_numpy(dtype=int),
        fold=training["fold"].to_numpy(dtype=int),
        raw=raw,
    )


def candidates(icc: str) -> list[str]:
    """Return the features that ``radiomics/icc.tsv`` keeps."""
    reliable = read_table(icc, "icc")
    return reliable.loc[reliable["kept"] == 1, "feature"].tolist()


def with_death_by(data: TrainingData, horizon_months: float) -> TrainingData:
    """Return the patients whose survival at a horizon is known, with it as their event.

    Returns
    -------
    TrainingData
        ``event`` is 1 for a death by the horizon; ``note`` says how many take part, and how many
        were censored before.
    """
    died = death_by(data.time_months, data.event, horizon_months)
    known = np.isfinite(died)
    kept = replace(
        data,
        features=data.features.loc[known],
        time_months=data.time_months[known],
        event=died[known].astype(int),
        fold=data.fold[known],
        horizon_months=horizon_months,
        raw=data.raw and data.raw.take(known),
    )
    note = (
        f"Fitted on survival at {horizon_months:g} months: {kept.events} of "
        f"{counted(kept.n, 'training patient')} had died by then; {data.n - kept.n} more, censored "
        "before, took no part."
    )
    return replace(kept, note=note)


def patients_to_fit(data: TrainingData, family: str, horizon_months: float | None) -> TrainingData:
    """Return the patients who take part in a fit, with what is fitted as their event.

    Parameters
    ----------
    data : TrainingData
        All training patients.
    family : {'cox', 'binomial'}
        Of the LASSO.
    horizon_months : float or None
        Where survival is taken as yes or no; None: the event as it is.

    Raises
    ------
    CohortTooSmallError
        See `check_size`.
    """
    if horizon_months is not None:
        data = with_death_by(data, horizon_months)
    check_size(data.n, data.events, data.folds, family, horizon_months)
    return data


def check_size(n: int, events: int, folds: int, family: str, horizon_months: float | None) -> None:
    """Refuse a cohort in which a cross-validated LASSO means nothing.

    Parameters
    ----------
    n, events : int
        Training patients who take part, and deaths among them.
    folds : int
        Folds of the cross-validation.
    family, horizon_months
        As for `patients_to_fit`.

    Raises
    ------
    CohortTooSmallError
        With fewer than `MINIMUM_EVENTS` deaths, or than `MINIMUM_EVENTS_PER_FOLD` for each fold;
        for a binomial fit with fewer than `MINIMUM_SURVIVORS`.
    """
    needed = max(MINIMUM_EVENTS, MINIMUM_EVENTS_PER_FOLD * folds)
    if events < needed:
        died = counted(events, "death")
        died += "" if horizon_months is None else f" up to {horizon_months:g} months"
        fewer = "lower radscore.folds, " if events >= MINIMUM_EVENTS else ""
        raise CohortTooSmallError(
            f"the Radscore cannot be fitted: {counted(n, 'training patient')} with {died}, and "
            f"{folds} folds need at least {needed} deaths ({MINIMUM_EVENTS_PER_FOLD} a fold, "
            f"{MINIMUM_EVENTS} in all). Bring more patients, leave fewer to validation, {fewer}"
            "or set radscore.family to published"
        )
    if family == "binomial" and n - events < MINIMUM_SURVIVORS:
        what = "survived" if horizon_months is None else f"survived {horizon_months:g} months"
        raise CohortTooSmallError(
            f"the binomial Radscore cannot be fitted: {n - events} of "
            f"{counted(n, 'training patient')} {what}, at least {MINIMUM_SURVIVORS} are needed. "
            "Set radscore.family to cox, or choose another radscore.horizon_months"
        )


def feature_rows(path: str, ids: list[str], names: list[str]) -> pd.DataFrame:
    """Return the features of patients, in the given order.

    Parameters
    ----------
    path : str
        Table of features.
    ids, names : list of str
        Patients and features wanted.

    Returns
    -------
    DataFrame of float, shape (n, p)
        Indexed by patient id.

    Raises
    ------
    InputError
        If a feature or a patient is absent, or a value is text or not finite.
    """
    table = read_table(path).set_index("patient_id")
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        raise InputError(
            f"the features lack {', '.join(unknown[:5])}",
            file=path,
            remedy="Extract features with the panel that the Radscore was made for",
        )
    absent = [patient for patient in ids if patient not in table.index]
    if absent:
        raise InputError("the patient has no features", patient=absent[0], file=path)
    rows = table.loc[ids, names]
    text = [name for name in names if not pd.api.types.is_numeric_dtype(rows[name])]
    if text:
        raise InputError(f"feature '{text[0]}' is text, not a number", file=path)
    broken = ~np.isfinite(rows.to_numpy(dtype=float))
    if broken.any():
        row, column = np.argwhere(broken)[0]
        if broken[row].all():
            raise InputError(
                f"none of {counted(len(names), 'feature')} has a finite value",
                patient=ids[row],
                file=path,
                remedy="Extract them again, or exclude the patient",
            )
        raise InputError(
            f"feature '{names[column]}' has no finite value", patient=ids[row], file=path
        )
    return rows.astype(float)
