"""Missing values of clinical variables: multiple imputation by chained equations."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.survival.regression.design import (
    Variable,
    as_levels,
    is_available,
    refuse_infinite,
)

_LOG = logging.getLogger(__name__)

IMPUTATIONS = 20

ROUNDS = 10
"""How often each variable is imputed from the others before its values are taken."""

DONORS = 5
"""Patients nearest in prediction, of whom one gives the value, as in R's mice."""

RIDGE = 1e-5
"""Share of its own variance added to each predictor, as in R's mice."""


def impute(
    patients: pd.DataFrame,
    variables: Sequence[Variable],
    seed: int,
    imputations: int = IMPUTATIONS,
) -> list[pd.DataFrame]:
    """Fill the gaps of the variables several times, by predictive mean matching.

    Each variable with gaps is regressed on the others, on the event and on the Nelson-Aalen
    cumulative hazard (White & Royston 2009, Stat Med 28:1982), with coefficients drawn from
    their posterior; the value is that of one of the nearest known patients (van Buuren,
    Flexible Imputation of Missing Data, 3.4, type 1 matching). So 0/1 stays 0/1 and a level a
    level: the columns of a factor are predicted together and matched by their distance. A
    score made of other variables is imputed like any other.

    Parameters
    ----------
    patients : DataFrame
        Training patients: ``time_months``, ``event`` and the variables' columns.
    variables : sequence of Variable
        Those without any value are passed over.
    seed : int
        Of all draws.

    Returns
    -------
    list of DataFrame
        Tables as `patients`, without gaps in the variables.

    Raises
    ------
    InputError
        If a number is infinite.
    """
    usable = [variable for variable in variables if is_available(patients, variable)]
    for variable in usable:
        refuse_infinite(patients, variable)
    gaps = [variable for variable in usable if patients[variable.column].isna().any()]
    outcome = np.column_stack(
        [
            patients["event"].to_numpy(float),
            nelson_aalen(patients["time_months"].to_numpy(float), patients["event"].to_numpy(int)),
        ]
    )
    _LOG.info(
        "imputing %s, %d times",
        ", ".join(f"{one.column} ({int(patients[one.column].isna().sum())})" for one in gaps)
        or "nothing",
        imputations,
    )
    return [
        _impute_once(patients, usable, gaps, outcome, np.random.default_rng([seed, number]))
        for number in range(imputations)
    ]


def nelson_aalen(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return the Nelson-Aalen cumulative hazard at each patient's own time, shape (n,)."""
    times, counts = np.unique(time[event == 1], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), times, side="left")
    steps = np.concatenate([[0.0], np.cumsum(counts / at_risk)])
    return steps[np.searchsorted(times, time, side="right")]


def _impute_once(
    patients: pd.DataFrame,
    usable: Sequence[Variable],
    gaps: Sequence[Variable],
    outcome: np.ndarray,
    draw: np.random.Generator,
) -> pd.DataFrame:
    known = {one.column: patients[one.column].notna().to_numpy() for one in usable}
    coded = {one.column: _columns(patients[one.column], one) for one in usable}
    # Which patient each row's value is taken from; at first any who has one.
    source = {one.column: np.arange(len(patients)) for one in usable}
    for one in gaps:
        holders = np.flatnonzero(known[one.column])
        source[one.column][~known[one.column]] = draw.choice(holders, (~known[one.column]).sum())
    for _ in range(ROUNDS):
        for one in gaps:
            others = [coded[v.column][source[v.column]] for v in usable if v is not one]
            predictors = _standardised(np.column_stack([*others, outcome]))
            rows = known[one.column]
            donors = _match(predictors, coded[one.column], rows, draw)
            source[one.column][~rows] = donors
    filled = patients.copy()
    for one in gaps:
        filled[one.column] = patients[one.column].array.take(source[one.column])
    return filled


def _match(
    predictors: np.ndarray, values: np.ndarray, known: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """Return for each patient without a value the position of the one who gives it."""
    x = np.column_stack([np.ones(known.sum()), predictors[known]])
    information = x.T @ x
    information[np.diag_indices_from(information)] *= 1 + RIDGE
    # Least squares, for a constant predictor leaves no unique answer.
    covariance = np.linalg.pinv(information, hermitian=True)
    estimate = covariance @ x.T @ values[known]
    residual = values[known] - x @ estimate
    freedom = max(len(x) - x.shape[1], 1)
    spread = np.sqrt(np.square(residual).sum(axis=0) / draw.chisquare(freedom))
    root = _root(covariance)
    drawn = estimate + root @ draw.standard_normal(estimate.shape) * spread
    gaps = np.column_stack([np.ones((~known).sum()), predictors[~known]]) @ drawn
    distance = np.linalg.norm(gaps[:, None, :] - (x @ estimate)[None, :, :], axis=2)
    count = min(DONORS, distance.shape[1])
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :count]
    picked = nearest[np.arange(len(nearest)), draw.integers(0, count, len(nearest))]
    return np.flatnonzero(known)[picked]


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(values, 0.0, None))


def _columns(values: pd.Series, variable: Variable) -> np.ndarray:
    """Return a number as one column, a factor as one column a level but the first, scaled."""
    if not variable.is_factor and pd.api.types.is_numeric_dtype(values):
        return _standardised(values.to_numpy(float)[:, None])
    levels = as_levels(values)
    names = sorted(level for level in levels.unique() if level is not None)
    return np.column_stack([(levels == name).to_numpy(float) for name in names[1:] or names])


def _standardised(values: np.ndarray) -> np.ndarray:
    centred = values - np.nanmean(values, axis=0)
    scale = np.nanstd(centred, axis=0)
    return centred / np.where(scale > 0, scale, 1.0)
