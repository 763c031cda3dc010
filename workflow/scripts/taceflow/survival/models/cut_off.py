"""Where a score parts low from high risk: the median, or a maximally selected log-rank statistic.

A cut-off is found once, on training patients, stored, and applied unchanged to everybody else.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import special, stats

MINIMUM_PROPORTION = 0.1
"""Share of the patients that each side must have, as in R's maxstat."""

Method = Literal["median", "log_rank"]


@dataclass(frozen=True)
class CutOff:
    """A cut-off on a score: high risk is above it.

    Attributes
    ----------
    value : float
        The cut-off.
    method : {'median', 'log_rank'}
        How it was found: `log_rank` falls back to the median where there is nothing to select.
    p_corrected : float or None
        P that accounts for the choice among all cut-offs; None for the median.
    statistic : float or None
        The largest standardised log-rank statistic; None for the median.
    note : str
        Why the median took the place of the asked method.
    """

    value: float
    method: Method
    p_corrected: float | None
    statistic: float | None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what a stored model holds of it, without the note."""
        return {
            "cut_off": self.value,
            "cut_off_method": self.method,
            "cut_off_p": self.p_corrected,
            "cut_off_statistic": self.statistic,
        }


def find_cut_off(scores: np.ndarray, time: np.ndarray, event: np.ndarray, method: Method) -> CutOff:
    """Return the cut-off of a score on the patients that it was fitted on.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Finite; higher or lower may be worse.
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    method : {'median', 'log_rank'}
        The median, or the value at which the two-sample log-rank statistic is largest
        (`maximally_selected`).

    Returns
    -------
    CutOff
    """
    scores = np.asarray(scores, dtype=float)
    median = CutOff(float(np.median(scores)), "median", None, None)
    if method == "median":
        return median
    found = maximally_selected(scores, np.asarray(time, dtype=float), np.asarray(event))
    if found is None:
        note = (
            "no log-rank cut-off: no value of the score leaves at least "
            f"{MINIMUM_PROPORTION:.0%} of {len(scores)} patients on either side, or nobody died; "
            "the median is used"
        )
        return CutOff(median.value, "median", None, None, note)
    value, statistic = found
    return CutOff(value, "log_rank", corrected_p(statistic), statistic)


def maximally_selected(
    scores: np.ndarray, time: np.ndarray, event: np.ndarray
) -> tuple[float, float] | None:
    """Return the cut-off with the largest standardised log-rank statistic, and that statistic.

    As R's ``maxstat.test(smethod = "LogRank", minprop = 0.1, maxprop = 0.9)``: rank statistics of
    the log-rank scores of those at or below each cut-off, standardised by their permutation mean
    and variance (Lausen & Schumacher 1992, Biometrics 48:73; Hothorn & Lausen 2003, Comput Stat
    Data Anal 43:121).

    Parameters
    ----------
    scores, time, event : ndarray, shape (n,)
        As for `find_cut_off`.

    Returns
    -------
    (cut_off, statistic) or None
        The smallest such value among equals; None if there is no admissible cut-off or no death.
    """
    n = len(scores)
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    # The size of the lower group at each cut-off: only where the score changes.
    sizes = np.flatnonzero(np.diff(ordered) > 0) + 1
    lowest = max(1, int(np.floor(n * MINIMUM_PROPORTION)))
    highest = int(np.floor(n * (1 - MINIMUM_PROPORTION)))
    sizes = sizes[(sizes >= lowest) & (sizes <= highest)]
    values = log_rank_scores(time, event)[order]
    spread = n * np.sum(values**2) - values.sum() ** 2
    if len(sizes) == 0 or spread <= 0:
        return None
    expected = sizes / n * values.sum()
    variance = sizes * (n - sizes) / (n**2 * (n - 1)) * spread
    statistics = np.abs(np.cumsum(values)[sizes - 1] - expected) / np.sqrt(variance)
    best = int(np.argmax(statistics))
    return float(ordered[sizes[best] - 1]), float(statistics[best])


def log_rank_scores(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return each patient's log-rank score, event less cumulative hazard.

    Ties as Hothorn and Lausen: each of several deaths at one time sees those behind the last of
    them, and itself, at risk.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.

    Returns
    -------
    ndarray, shape (n,)
    """
    died = np.asarray(event, dtype=float)
    rank = stats.rankdata(time, method="max").astype(int)
    increments = died / (len(rank) - rank + 1)
    cumulative = np.cumsum(increments[np.argsort(time, kind="stable")])
    return died - cumulative[rank - 1]


def corrected_p(statistic: float, minimum_proportion: float = MINIMUM_PROPORTION) -> float:
    """Return the p of a maximally selected statistic (Miller & Siegmund 1982, Biometrics 38:1011).

    maxstat's ``pmethod = "Lau92"``: the supremum of a standardised Brownian bridge.

    Parameters
    ----------
    statistic : float
        The largest absolute standardised statistic b.
    minimum_proportion : float
        Smallest share on either side.

    Returns
    -------
    float
        1 below b = 1, where the approximation does not hold.
    """
    if statistic < 1:
        return 1.0
    density = np.exp(-(statistic**2) / 2) / np.sqrt(2 * np.pi)
    reach = 2 * special.logit(1 - minimum_proportion)
    p = 4 * density / statistic + density * (statistic - 1 / statistic) * reach
    return float(np.clip(p, 0.0, 1.0))
