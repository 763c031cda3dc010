"""Where a score parts low from high risk: the median, or a maximally selected log-rank statistic.

A cut-off is found once, on training patients, stored, and applied unchanged to everybody else. It
lies between two of their scores and has few digits, so that it tells nobody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import special, stats

from taceflow.survival.minimum_counts import of_survival, shortfall
from taceflow.survival.regression.partial_likelihood import PartialLikelihood
from taceflow.wording.counts import agreeing, counted

MINIMUM_PROPORTION = 0.1
"""Share of the patients that each side must have, as in R's maxstat."""

Method = Literal["median", "log_rank"]
Side = Literal["above", "below"]

REVERSED = "in these training patients a higher score went with longer survival"
"""Said of a score whose high-risk side lies below its cut-off, or whose hazard ratio is below 1."""


@dataclass(frozen=True)
class CutOff:
    """A cut-off on a score.

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
        Why the median took the place of the asked method, why the cut-off is not the median
        itself, or why there is one group.
    high_risk : {'above', 'below'}
        On which side of it the patients of high risk are.
    """

    value: float
    method: Method
    p_corrected: float | None
    statistic: float | None
    note: str = ""
    high_risk: Side = "above"

    def as_json(self) -> dict[str, Any]:
        """Return what a stored model holds of it, without the note."""
        return {
            "cut_off": self.value,
            "high_risk": self.high_risk,
            "cut_off_method": self.method,
            "cut_off_p": self.p_corrected,
            "cut_off_statistic": self.statistic,
        }


def risk_groups(scores: np.ndarray, stored: Mapping[str, Any]) -> np.ndarray:
    """Return ``high`` or ``low`` for each score, by a stored cut-off (`CutOff.as_json`)."""
    cut_off = stored["cut_off"]
    high = scores < cut_off if stored["high_risk"] == "below" else scores > cut_off
    return np.where(high, "high", "low")


def find_score_cut_off(
    scores: np.ndarray, time: np.ndarray, event: np.ndarray, method: Method
) -> CutOff:
    """Return the cut-off of a score that need not be higher for a worse prognosis.

    Parameters
    ----------
    scores, time, event, method
        As for `find_cut_off`.

    Returns
    -------
    CutOff
        High risk lies below it, and the note says so, if a Cox model of these patients would
        give the score a negative coefficient.
    """
    scores = np.asarray(scores, dtype=float)
    if not _goes_with_longer_survival(scores, time, event):
        return find_cut_off(scores, time, event, method)
    found = find_cut_off(-scores, time, event, method)
    said = f"{REVERSED}: high risk is below the cut-off"
    note = f"{said}. {found.note}" if found.note else said
    # plus 0: no cut-off of -0.0
    return replace(found, value=-found.value + 0.0, high_risk="below", note=note)


def find_cut_off(scores: np.ndarray, time: np.ndarray, event: np.ndarray, method: Method) -> CutOff:
    """Return the cut-off of a risk on the patients that it was fitted on.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Finite; higher is worse.
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    method : {'median', 'log_rank'}
        The median, or the value at which the two-sample log-rank statistic is largest
        (`maximally_selected`).
    """
    scores = np.asarray(scores, dtype=float)
    found = _at_a_score(scores, time, event, method)
    return replace(found, value=_between(scores, found.value))


def _at_a_score(scores: np.ndarray, time: np.ndarray, event: np.ndarray, method: Method) -> CutOff:
    """Return the cut-off as the highest score of the lower side."""
    if method == "median":
        return _median(scores)
    time = np.asarray(time, dtype=float)
    reason = shortfall(of_survival(time, event))
    found = None if reason else maximally_selected(scores, time, np.asarray(event))
    if found is None:
        reason = reason or (
            "no value of the score leaves at least "
            f"{MINIMUM_PROPORTION:.0%} of {counted(len(scores), 'patient')} on either side"
        )
        note = f"no log-rank cut-off: {reason}; the median is used"
        median = _median(scores)
        return replace(median, note=f"{note}. {median.note}" if median.note else note)
    value, statistic = found
    return CutOff(value, "log_rank", corrected_p(statistic), statistic)


def _between(scores: np.ndarray, cut_off: float) -> float:
    """Return the shortest number between the scores on either side of a cut-off.

    The middle, to its last digit, would be an equation that two patients' values solve.
    """
    above = scores[scores > cut_off]
    if not len(above):
        return cut_off
    lower, upper = scores[scores <= cut_off].max(), above.min()
    middle = float(np.mean([lower, upper]))
    for digits in range(1, 18):
        if lower < (short := float(f"{middle:.{digits}g}")) < upper:
            return short
    # between two neighbouring numbers there is none
    return float(lower)


def _median(scores: np.ndarray) -> CutOff:
    """Return the median; below it where half of the patients or more share the highest score."""
    median = CutOff(float(np.median(scores)), "median", None, None)
    of_all = counted(len(scores), "training patient")
    above = int(np.sum(scores > median.value))
    if above >= MINIMUM_PROPORTION * len(scores):
        return median
    if above:
        same = int(np.sum(scores == median.value))
        note = (
            f"{same} of {of_all} {agreeing(same, 'has', 'share')} the "
            f"median, {above} {agreeing(above, 'lies', 'lie')} above it"
        )
        return replace(median, note=note)
    lower = scores[scores < median.value]
    if not len(lower):
        note = f"one risk group, low: all {of_all} have the same score"
        return replace(median, note=note)
    high = len(scores) - len(lower)
    note = (
        f"{high} of {of_all} {agreeing(high, 'has', 'share')} the highest "
        "score, so that nobody lies above the median: the cut-off is the next lower score"
    )
    return replace(median, value=float(lower.max()), note=note)


def _goes_with_longer_survival(scores: np.ndarray, time: np.ndarray, event: np.ndarray) -> bool:
    """Say whether Cox's coefficient is negative: its sign is that of the likelihood's slope at 0.

    The partial likelihood is concave, so this holds where the coefficient itself is infinite.
    """
    died = np.asarray(event).astype(bool)
    if not died.any() or np.ptp(scores) == 0:
        return False
    # scaled: scores of 1e9 would lose the slope among their rounding, and squares of 1e200 overflow
    standard = ((scores - scores.mean()) / np.ptp(scores))[:, None]
    likelihood = PartialLikelihood(np.asarray(time, dtype=float), died, standard)
    return bool(likelihood(np.zeros(1))[1][0] < 0)


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
    spread = n * np.sum((values - values.mean()) ** 2)
    if len(sizes) == 0 or spread <= 0:
        return None
    expected = sizes / n * values.sum()
    variance = sizes * (n - sizes) / (n**2 * (n - 1)) * spread
    statistics = np.abs(np.cumsum(values)[sizes - 1] - expected) / np.sqrt(variance)
    best = int(np.argmax(statistics))
    return float(ordered[sizes[best] - 1]), float(statistics[best])


def log_rank_scores(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return each patient's log-rank score, event less cumulative hazard, shape (n,).

    Ties as Hothorn and Lausen: each of several deaths at one time sees those behind the last of
    them, and itself, at risk.
    """
    died = np.asarray(event, dtype=float)
    rank = stats.rankdata(time, method="max").astype(int)
    increments = died / (len(rank) - rank + 1)
    cumulative = np.cumsum(increments[np.argsort(time, kind="stable")])
    return died - cumulative[rank - 1]


def corrected_p(statistic: float, minimum_proportion: float = MINIMUM_PROPORTION) -> float:
    """Return the p of a maximally selected statistic (Miller & Siegmund 1982, Biometrics 38:1011).

    maxstat's ``pmethod = "Lau92"``: the supremum of a standardised Brownian bridge. It is 1 for a
    statistic below 1, where the approximation does not hold.
    """
    if statistic < 1:
        return 1.0
    density = np.exp(-(statistic**2) / 2) / np.sqrt(2 * np.pi)
    reach = 2 * special.logit(1 - minimum_proportion)
    p = 4 * density / statistic + density * (statistic - 1 / statistic) * reach
    return float(np.clip(p, 0.0, 1.0))
