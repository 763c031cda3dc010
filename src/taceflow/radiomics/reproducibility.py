"""Which radiomics features can be measured again: by two readers, by one twice, on moved masks."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.errors import InputError
from taceflow.files.tables import read_table, write_table
from taceflow.radiomics.icc import MINIMUM_REPEATS, icc_agreement, icc_of_complete, icc_one_way
from taceflow.radiomics.patient_table import read_patient_table
from taceflow.readings import MAIN_READING, REPEATS
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

FREQUENCY_RATIO = 95 / 5
UNIQUE_FRACTION = 0.10
"""caret's `nearZeroVar`: the most frequent value 19 times as frequent as the next, and distinct
values in at most 10% of patients."""


def variation_problem(values: np.ndarray) -> str:
    """Say why a feature, one value a patient, cannot tell patients apart.

    ``constant``, ``near-zero variance`` (see `FREQUENCY_RATIO`), or nothing.
    """
    distinct, counts = np.unique(values, return_counts=True)
    # Rounding in a filter can leave a constant feature with a variance of 1e-30.
    largest = np.abs(values).max()
    if len(distinct) == 1 or (values / largest).std() <= 1e-10:
        return "constant"
    ordered = np.sort(counts)[::-1]
    rare = len(distinct) <= UNIQUE_FRACTION * len(values)
    if rare and ordered[0] > FREQUENCY_RATIO * ordered[1]:
        return "near-zero variance"
    return ""


def reproducibility(
    readings: Mapping[str, pd.DataFrame],
    training: Sequence[str],
    threshold: float,
    perturbed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the ICC of each feature within and between readers, and whether it is kept.

    Parameters
    ----------
    readings : mapping of str to DataFrame
        By reading (``reader1-1``, ``reader1-2``, ``reader2-1``): rows indexed by patient id,
        columns features. `MAIN_READING` is needed, repeats are not.
    training : sequence of str
        Ids of the training patients; nobody else is looked at.
    threshold : float
        A feature is kept when every ICC that could be computed lies above it.
    perturbed : DataFrame, optional
        Features under perturbed masks, indexed by patient id, as many rows for each patient.

    Returns
    -------
    DataFrame
        Columns ``feature``; ``icc_intra``, ``icc_intra_lower``, ``icc_intra_upper`` and
        ``n_intra`` (patients), the same for ``inter`` (both ICC(2,1)) and ``perturbation``
        (ICC(1,1)); ``kept`` (0/1) and ``reason``.

    Raises
    ------
    InputError
        If a training patient has no row in the main reading.
    """
    main = readings[MAIN_READING]
    absent = [patient for patient in training if patient not in main.index]
    if absent:
        raise InputError(
            f"{counted(len(absent), 'training patient')} without features of {MAIN_READING}",
            patient=absent[0],
            remedy="Exclude them, or extract their features",
        )
    features = list(main.columns)
    sources = {
        kind: (_pairs(main, readings.get(reading), training), icc_agreement)
        for kind, reading in REPEATS.items()
    }
    sources["perturbation"] = (_stacked(perturbed, training, features), icc_one_way)
    table = pd.DataFrame({"feature": features})
    for kind, (values, estimator) in sources.items():
        icc, table[f"n_{kind}"] = icc_of_complete(values, estimator)
        for suffix, column in zip(("", "_lower", "_upper"), icc, strict=True):
            table[f"icc_{kind}{suffix}"] = column
    repeated = {kind: len(values) for kind, (values, _) in sources.items()}
    used = [kind for kind, patients in repeated.items() if patients >= MINIMUM_REPEATS]
    for kind, patients in repeated.items():
        if 0 < patients < MINIMUM_REPEATS:
            told = counted(patients, "training patient")
            _LOG.warning("no ICC %s: only %s with a repeat", kind, told)
    if not used:
        _LOG.warning("features are kept unchecked: too few training patients have a repeat")
    unchecked = _unchecked(max(repeated.values()))
    values = main.loc[list(training), features].to_numpy(dtype=float)
    verdicts = [
        _variation_verdict(values[:, j]) or _icc_verdict(row, used, threshold) or (1, unchecked)
        for j, row in enumerate(table.to_dict("records"))
    ]
    table[["kept", "reason"]] = pd.DataFrame(verdicts, columns=["kept", "reason"])
    return table


def write_reproducibility(
    *,
    patients: str,
    tables: Sequence[str],
    perturbed: Sequence[str],
    threshold: float,
    icc: str,
) -> None:
    """Compute the ICC of all features on the training patients and write ``radiomics/icc.tsv``.

    Parameters
    ----------
    patients : str
        The cohort table (``patient_id``, ``cohort``).
    tables : sequence of str
        Feature tables named after their reading, e.g. ``radiomics/reader1-2.parquet``.
    perturbed : sequence of str
        Tables of patients' features under perturbed masks; none if they are not asked for.
    threshold : float
        See `reproducibility`.
    icc : str
        The table to write.
    """
    cohort = read_table(patients)
    training = training_patients(cohort)["patient_id"].tolist()
    readings = {}
    for path in tables:
        frame = read_table(path).set_index("patient_id")
        readings[Path(path).stem] = frame.loc[:, ~frame.columns.str.startswith("diagnostics_")]
    if MAIN_READING not in readings:
        raise InputError(
            f"the features of {MAIN_READING} are missing",
            remedy="Every model uses the first reading of reader 1",
        )
    table = reproducibility(readings, training, threshold, read_perturbed(perturbed))
    most = table[["n_intra", "n_inter", "n_perturbation"]].to_numpy().max(initial=0)
    said = f"ICC > {threshold:g}" if most >= MINIMUM_REPEATS else "too few repeated readings"
    _LOG.info("%d of %d features kept (%s)", table["kept"].sum(), len(table), said)
    write_table(table, icc, "icc")


def read_perturbed(paths: Sequence[str]) -> pd.DataFrame | None:
    """Return the features of patients under perturbed masks, indexed by patient; None of none.

    Parameters
    ----------
    paths : sequence of str
        Of each patient's own table.
    """
    rows = [
        {name: cell if name == "patient_id" else float(cell or "nan") for name, cell in row.items()}
        for path in paths
        for row in read_patient_table(path)
    ]
    return pd.DataFrame(rows).set_index("patient_id") if rows else None


def _pairs(main: pd.DataFrame, repeat: pd.DataFrame | None, training: Sequence[str]) -> np.ndarray:
    """Return both readings of the training patients who have them, (patients, 2, features)."""
    again = main.iloc[:0] if repeat is None else repeat.reindex(columns=main.columns)
    both = [patient for patient in training if patient in again.index]
    return np.stack([frame.loc[both].to_numpy(float) for frame in (main, again)], axis=1)


def _stacked(
    perturbed: pd.DataFrame | None, training: Sequence[str], features: list[str]
) -> np.ndarray:
    """Return the training patients' perturbations, (patients, perturbations, features)."""
    if perturbed is None:
        return np.empty((0, 2, len(features)))
    rows = perturbed.loc[perturbed.index.isin(set(training))]
    patients = rows.index.nunique()
    count = len(rows) // max(patients, 1)
    return rows.reindex(columns=features).to_numpy(float).reshape(patients, count, len(features))


def _unchecked(patients: int) -> str:
    if not patients:
        return "no repeated reading: kept unchecked"
    return f"only {counted(patients, 'training patient')} with a repeated reading: kept unchecked"


def _variation_verdict(values: np.ndarray) -> tuple[int, str] | None:
    """Return why a feature is dropped by its values alone."""
    if not np.isfinite(values).all():
        broken = int((~np.isfinite(values)).sum())
        return 0, f"not finite in {counted(broken, 'training patient')}"
    problem = variation_problem(values)
    return (0, problem) if problem else None


def _icc_verdict(
    row: Mapping[str, float], used: Sequence[str], threshold: float
) -> tuple[int, str] | None:
    """Return whether a feature's agreement is enough, in words too; nothing without any."""
    for kind in used:
        icc, n = row[f"icc_{kind}"], row[f"n_{kind}"]
        if n < MINIMUM_REPEATS:
            return 0, f"ICC {kind} undefined: both values in only {n} of the repeated patients"
        if np.isnan(icc):
            return 0, f"ICC {kind} undefined: no variation among the repeated patients"
        if not icc > threshold:
            return 0, f"ICC {kind} {icc:.3f} not above {threshold:g}"
    if not used:
        return None
    return 1, " and ".join(f"ICC {kind}" for kind in used) + f" above {threshold:g}"
