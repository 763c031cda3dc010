"""The fewest of each kind that an interval or a test takes; below it an estimate stands alone.

Of patients without any signal the jackknife's 95% interval of Harrell's C holds the truth in 30,
67, 79, 84, 86, 92 and 94% with 1, 2, 3, 4, 5, 10 and 20 deaths (40 patients); DeLong's in 72, 83,
86, 90 and 93% with 2, 3, 4, 5 and 10 patients of the rarer outcome; the bootstrap's of the
time-dependent AUC in 31, 83, 89 and 94% with 1, 3, 5 and 10 patients beyond the horizon. A log-rank
test of two equal groups has p < 0.05 in 16, 11, 11, 7 and 6% with 1, 2, 3, 5 and 8 of 100 patients
in the smaller one. Curves and medians after Kaplan and Meier need no floor: log-log intervals of
10 patients hold 90% or more.
"""

from collections.abc import Mapping

import numpy as np

from taceflow.wording.counts import counted

FEWEST = 5
"""Of each kind: deaths and patients who outlive one, deaths by a month and patients beyond it."""


def shortfall(counts: Mapping[str, int]) -> str:
    """Say which kinds are too few for an interval or a test, or return an empty text.

    Parameters
    ----------
    counts : mapping of str to int
        Patients of each kind, which is named in the singular.

    Examples
    --------
    >>> shortfall({"death by 12 months": 3, "patient beyond": 60})
    '3 deaths by 12 months, fewer than 5'
    """
    few = [counted(number, kind) for kind, number in counts.items() if number < FEWEST]
    return f"{' and '.join(few)}, fewer than {FEWEST}" if few else ""


def of_survival(time: np.ndarray, event: np.ndarray) -> dict[str, int]:
    """Return the two kinds of whatever compares who dies with who outlives it.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.

    Returns
    -------
    dict of str to int
        Deaths, and patients who outlive at least one of them.
    """
    died = np.asarray(event).astype(bool)
    outlive = 0
    if died.any():
        first = time[died].min()
        outlive = int(np.sum((time > first) | ((time == first) & ~died)))
    return {"death": int(died.sum()), "patient who outlives a death": outlive}


def at_horizon(time: np.ndarray, event: np.ndarray, horizon_months: float) -> dict[str, int]:
    """Return the two kinds of a horizon: deaths by it, and patients followed beyond it."""
    died = np.asarray(event).astype(bool)
    return {
        f"death by {horizon_months:g} months": int(np.sum(died & (time <= horizon_months))),
        f"patient followed beyond {horizon_months:g} months": int(np.sum(time > horizon_months)),
    }
