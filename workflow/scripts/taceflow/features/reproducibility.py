"""Which radiomics features two readers, and one reader twice, measure alike: ICC(2,1)."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from taceflow.errors import InputError
from taceflow.readings import MAIN_READING, REPEATS
from taceflow.tables import read_table, write_table

log = logging.getLogger(__name__)


MINIMUM_REPEATS = 3
"""Fewer patients with a repeat count as none: an ICC of two patients says nothing."""

FREQUENCY_RATIO = 95 / 5
UNIQUE_FRACTION = 0.10
"""caret's `nearZeroVar`: the most frequent value 19 times as frequent as the next, and distinct
values in at most 10% of patients."""


def icc_agreement(
    readings: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ICC(2,1), two-way random, absolute agreement, single measurement, with its interval.

    Shrout & Fleiss 1979, Psychol Bull 86:420; interval after McGraw & Wong 1996, Psychol
    Methods 1:30 (ICC(A,1)), as R's psych and irr compute it.

    Parameters
    ----------
    readings : ndarray, shape (n_patients, n_readings, n_features)
        Measurements without gaps.
    confidence : float
        Level of the interval.

    Returns
    -------
    icc, lower, upper : ndarray, shape (n_features,)
        NaN where a feature does not vary at all; 1 with an interval of no width where all
        readings are identical.

    Raises
    ------
    ValueError
        With fewer than two patients or two readings.
    """
    n, k, _ = readings.shape
    if n < 2 or k < 2:
        raise ValueError(f"an ICC needs two patients and two readings, not {n} and {k}")
    # A common shift changes nothing but keeps large means from eating the digits of the squares.
    values = readings - readings.mean(axis=(0, 1))
    ms_rows = k * np.square(values.mean(axis=1)).sum(axis=0) / (n - 1)
    ms_columns = n * np.square(values.mean(axis=0)).sum(axis=0) / (k - 1)
    residual = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True)
    ms_error = np.square(residual).sum(axis=(0, 1)) / ((n - 1) * (k - 1))

    with np.errstate(divide="ignore", invalid="ignore"):
        icc = (ms_rows - ms_error) / (
            ms_rows + (k - 1) * ms_error + k * (ms_columns - ms_error) / n
        )
        ratio = ms_columns / ms_error
        spread = n * (1 + (k - 1) * icc) - k * icc
        freedom = (
            (k - 1)
            * (n - 1)
            * (k * icc * ratio + spread) ** 2
            / ((n - 1) * k**2 * icc**2 * ratio**2 + spread**2)
        )
        tail = 1 - (1 - confidence) / 2
        f_upper = stats.f.ppf(tail, n - 1, freedom)
        f_lower = stats.f.ppf(tail, freedom, n - 1)
        others = k * ms_columns + (k * n - k - n) * ms_error
        lower = n * (ms_rows - f_upper * ms_error) / (f_upper * others + n * ms_rows)
        upper = n * (f_lower * ms_rows - ms_error) / (others + n * f_lower * ms_rows)
    identical = (ms_error <= 1e-24 * ms_rows) & (ms_columns <= 1e-24 * ms_rows) & (ms_rows > 0)
    return tuple(np.where(identical, 1.0, value) for value in (icc, lower, upper))


def variation_problem(values: np.ndarray) -> str:
    """Say why a feature cannot tell patients apart, or return an empty text.

    Parameters
    ----------
    values : ndarray, shape (n_patients,)
        One feature, no gaps.

    Returns
    -------
    str
        ``constant``, ``near-zero variance`` (see `FREQUENCY_RATIO`), or nothing.
    """
    distinct, counts = np.unique(values, return_counts=True)
    # Rounding in a filter can leave a constant feature with a variance of 1e-30.
    if len(distinct) == 1 or values.std() <= 1e-10 * np.abs(values).max():
        return "constant"
    ordered = np.sort(counts)[::-1]
    rare = len(distinct) <= UNIQUE_FRACTION * len(values)
    if rare and ordered[0] > FREQUENCY_RATIO * ordered[1]:
        return "near-zero variance"
    return ""


def reproducibility(
    readings: Mapping[str, pd.DataFrame], training: Sequence[str], threshold: float
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

    Returns
    -------
    DataFrame
        Columns ``feature``, ``icc_intra``, ``icc_intra_lower``, ``icc_intra_upper``, the same
        for ``inter``, ``n_intra``, ``n_inter`` (patients), ``kept`` (0/1) and ``reason``.

    Raises
    ------
    InputError
        If a training patient has no row in the main reading.
    """
    main = readings[MAIN_READING]
    absent = [patient for patient in training if patient not in main.index]
    if absent:
        raise InputError(
            f"{len(absent)} training patients have no features of {MAIN_READING}",
            patient=absent[0],
            remedy="Exclude them, or extract their features",
        )
    features = list(main.columns)
    values = main.loc[list(training), features].to_numpy(dtype=float)
    table = pd.DataFrame({"feature": features})
    available = {}
    for kind, reading in REPEATS.items():
        icc, n = _repeat_icc(main, readings.get(reading), training, features)
        for suffix, column in zip(("", "_lower", "_upper"), icc, strict=True):
            table[f"icc_{kind}{suffix}"] = column
        table[f"n_{kind}"] = n
        if n >= MINIMUM_REPEATS:
            available[kind] = icc[0]
    verdicts = [
        _verdict(values[:, j], {kind: icc[j] for kind, icc in available.items()}, threshold)
        for j in range(len(features))
    ]
    table["kept"] = [int(kept) for kept, _ in verdicts]
    table["reason"] = [reason for _, reason in verdicts]
    return table


def write_reproducibility(
    *, patients: str, tables: Sequence[str], threshold: float, icc: str
) -> None:
    """Compute the ICC of all features on the training patients and write ``features/icc.tsv``.

    Parameters
    ----------
    patients : str
        The cohort table (``patient_id``, ``cohort``).
    tables : sequence of str
        Feature tables named after their reading, e.g. ``features/reader1-2.parquet``.
    threshold : float
        See `reproducibility`.
    icc : str
        The table to write.
    """
    cohort = read_table(patients)
    training = cohort.loc[cohort["cohort"] == "training", "patient_id"].tolist()
    readings = {}
    for path in tables:
        frame = read_table(path).set_index("patient_id")
        readings[Path(path).stem] = frame.loc[:, ~frame.columns.str.startswith("diagnostics_")]
    if MAIN_READING not in readings:
        raise InputError(
            f"the features of {MAIN_READING} are missing",
            remedy="Every model uses the first reading of reader 1",
        )
    table = reproducibility(readings, training, threshold)
    log.info("%d of %d features kept (ICC > %g)", table["kept"].sum(), len(table), threshold)
    write_table(table, icc, "icc")


def _repeat_icc(
    main: pd.DataFrame,
    repeat: pd.DataFrame | None,
    training: Sequence[str],
    features: list[str],
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], int]:
    nothing = np.full(len(features), np.nan)
    if repeat is None:
        return (nothing, nothing, nothing), 0
    both = [patient for patient in training if patient in repeat.index]
    if len(both) < MINIMUM_REPEATS:
        return (nothing, nothing, nothing), len(both)
    pairs = np.stack(
        [frame.loc[both].reindex(columns=features).to_numpy(float) for frame in (main, repeat)],
        axis=1,
    )
    return icc_agreement(pairs), len(both)


def _verdict(
    values: np.ndarray, available: Mapping[str, float], threshold: float
) -> tuple[bool, str]:
    """Return whether a feature is kept, and the reason in words."""
    if not np.isfinite(values).all():
        return False, f"not finite in {int((~np.isfinite(values)).sum())} training patients"
    problem = variation_problem(values)
    if problem:
        return False, problem
    if not available:
        return True, "no repeated reading: kept unchecked"
    for kind, icc in available.items():
        if np.isnan(icc):
            return False, f"ICC {kind} undefined: no variation among the repeated patients"
        if not icc > threshold:
            return False, f"ICC {kind} {icc:.3f} not above {threshold:g}"
    return True, " and ".join(f"ICC {kind}" for kind in available) + f" above {threshold:g}"
