"""The intervals of discrete time: half-life spacing, fixed by the training patients.

A median is a patient's own time: half-life and horizon are taken in whole months, as is the end of
the follow-up.
"""

import logging

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

from taceflow.cohort.training import training_patients
from taceflow.errors import CohortTooSmallError, ConfigurationError
from taceflow.files.tables import read_table, write_json
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

_LAST_QUANTILE = 0.95
_EVENTS_AN_INTERVAL = 3


def write_breaks(patients: str, breaks: str, intervals: int, horizon_months: float | None) -> None:
    """Choose the intervals and the horizon from the training patients.

    Parameters
    ----------
    patients : str
        ``cohort/patients.tsv``.
    breaks : str
        JSON file to write: breaks_months, half_life_months, horizon_months, n, events and the
        events of each interval.
    intervals : int
        Intervals wanted; fewer when events are few.
    horizon_months : float, optional
        The horizon of the score; by default the training patients' median follow-up in whole
        months, or the last break if that is earlier.

    Raises
    ------
    CohortTooSmallError
        If fewer than two training patients died.
    ConfigurationError
        If the horizon lies beyond the last break.
    """
    cohort = read_table(patients)
    training = training_patients(cohort)
    time = training["time_months"].to_numpy(dtype=float)
    event = training["event"].to_numpy(dtype=int)
    edges, half_life = choose_breaks(time, event, intervals)
    if horizon_months is not None and horizon_months > edges[-1]:
        raise ConfigurationError(
            f"dlopctr.horizon_months is {horizon_months:g}, but the last of "
            f"{counted(len(edges) - 1, 'interval')} ends at {edges[-1]:.1f} months (longest "
            f"follow-up of the training patients {time.max():.1f}): the network says nothing "
            f"there. At most {edges[-1]:.1f} or null"
        )
    horizon = horizon_months or _whole_months(median_follow_up(time, event))
    horizon = min(float(horizon), float(edges[-1]))
    deaths = events_by_interval(time, event, edges)
    write_json(
        {
            "breaks_months": edges.tolist(),
            "events_by_interval": deaths.tolist(),
            "half_life_months": half_life,
            "horizon_months": horizon,
            "intervals_asked": intervals,
            "n": len(time),
            "events": int(event.sum()),
        },
        breaks,
    )
    _LOG.info(
        "%d intervals (asked: %d) up to %.1f months, half-life %.1f months, horizon %.1f",
        len(edges) - 1,
        intervals,
        edges[-1],
        half_life,
        horizon,
    )


def choose_breaks(
    time_months: np.ndarray, event: np.ndarray, intervals: int
) -> tuple[np.ndarray, float]:
    """Choose breaks in half-life spacing.

    The half-life is the Kaplan-Meier median (where survival never falls to one half: that of the
    exponential with as many deaths a month) in whole months. One interval asks for three deaths.
    The last break is the 95% quantile of the exponential, or the first whole month beyond the
    longest follow-up if that is earlier.
    An interval in which nobody died joins the one before it (the first: the one after), since
    nothing could teach the network its hazard.

    Parameters
    ----------
    time_months, event : numpy.ndarray of shape (patients,)
        Follow-up of the training patients.
    intervals : int
        The most intervals.

    Returns
    -------
    breaks_months : numpy.ndarray
        Increasing from 0; at least two intervals while the deaths fall into two of them.
    half_life_months : float

    Raises
    ------
    CohortTooSmallError
        If fewer than two patients died.
    """
    deaths = int(event.sum())
    if deaths < 2:
        raise CohortTooSmallError(
            f"{deaths} of {counted(len(event), 'training patient')} died: the survival network "
            "needs at least 2 deaths. Follow the patients longer or add some"
        )
    half_life = float(KaplanMeierFitter().fit(time_months, event).median_survival_time_)
    if not np.isfinite(half_life) or half_life <= 0:
        half_life = float(np.log(2) * time_months.sum() / deaths)
        _LOG.info("more than half survive: half-life from deaths a month")
    half_life = _whole_months(half_life)
    wanted = int(np.clip(deaths // _EVENTS_AN_INTERVAL, 2, intervals))
    last = np.floor(time_months.max()) + 1
    followed = 1 - 2 ** (-last / half_life)
    edges = half_life_breaks(half_life, wanted, min(_LAST_QUANTILE, followed))
    if followed < _LAST_QUANTILE:
        # to the last digit, since a horizon may be asked for there
        edges[-1] = last
    return _merge_empty(time_months, event, edges), half_life


def half_life_breaks(
    half_life_months: float, intervals: int, last_quantile: float = _LAST_QUANTILE
) -> np.ndarray:
    """Return breaks that an exponential law with this half-life fills evenly.

    The authors' example: ``-log(1 - arange(0, 0.96, 0.05)) * half_life / log(2)`` is the case of
    19 intervals.

    Parameters
    ----------
    half_life_months : float
    intervals : int
    last_quantile : float
        Quantile of that law at which the last break stands.

    Returns
    -------
    numpy.ndarray of shape (intervals + 1,)
        Months, from 0.
    """
    return -np.log2(1 - np.linspace(0, last_quantile, intervals + 1)) * half_life_months + 0.0


def events_by_interval(
    time_months: np.ndarray, event: np.ndarray, breaks_months: np.ndarray
) -> np.ndarray:
    """Count the deaths of each interval [lower, upper).

    Returns
    -------
    numpy.ndarray of int, shape (intervals,)
    """
    place = np.searchsorted(breaks_months, time_months[event == 1], side="right") - 1
    inside = place[place < len(breaks_months) - 1]
    return np.bincount(inside, minlength=len(breaks_months) - 1)


def median_follow_up(time_months: np.ndarray, event: np.ndarray) -> float:
    """Return the median follow-up by the reverse Kaplan-Meier method (Schemper & Smith 1996).

    Where it is not reached, because almost everybody died, the median of all times.

    Parameters
    ----------
    time_months, event : numpy.ndarray of shape (patients,)

    Returns
    -------
    float
        Months.
    """
    median = float(KaplanMeierFitter().fit(time_months, 1 - event).median_survival_time_)
    return median if np.isfinite(median) else float(pd.Series(time_months).median())


def _whole_months(months: float) -> float:
    """Return a time in whole months, at least one."""
    return max(1.0, float(np.round(months)))


def _merge_empty(time: np.ndarray, event: np.ndarray, edges: np.ndarray) -> np.ndarray:
    while len(edges) > 2:
        empty = np.flatnonzero(events_by_interval(time, event, edges) == 0)
        if not len(empty):
            break
        edges = np.delete(edges, max(1, empty[0]))
    return edges
