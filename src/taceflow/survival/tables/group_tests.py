"""Tests of one variable between two groups, and which of them is right."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from taceflow.survival.minimum_counts import FEWEST

NORMALITY_P = 0.05
"""Shapiro-Wilk p, in each group, below which a variable is not taken for normal."""

VARIANCE_P = 0.05
"""P of the F test of variances below which Welch's t test replaces Student's."""

SMALLEST_EXPECTED = 5.0
"""Expected count below which Fisher's test replaces chi-square's."""

MOST_TABLES = 2_000_000
"""Fisher's test enumerates up to this many tables, and draws at random beyond."""

EXACT_RANKS = 50
"""Wilcoxon's test is exact below this group size without ties, as in R."""


@dataclass(frozen=True)
class GroupTest:
    """A test between two groups.

    Attributes
    ----------
    name : str
        Which test.
    p : float
        Two-sided; NaN if there is nothing to test.
    normal : bool
        Whether mean and standard deviation describe the variable.
    """

    name: str
    p: float
    normal: bool = False


def compare_numbers(first: np.ndarray, second: np.ndarray) -> GroupTest:
    """Test a number, without gaps, by Student's t, Welch's t or Wilcoxon's rank-sum test."""
    if min(len(first), len(second)) < FEWEST:
        return GroupTest("", float("nan"))
    if not (_is_normal(first) and _is_normal(second)):
        return GroupTest("Wilcoxon rank-sum", wilcoxon_p(first, second))
    equal = variance_ratio_p(first, second) >= VARIANCE_P
    p = float(stats.ttest_ind(first, second, equal_var=equal).pvalue)
    return GroupTest("Student's t" if equal else "Welch's t", p, normal=True)


def compare_counts(table: np.ndarray, seed: int = 0) -> GroupTest:
    """Test a table of counts by chi-square or Fisher's exact test.

    Parameters
    ----------
    table : ndarray of int, shape (levels, 2)
        Patients of each level in the two groups.
    seed : int
        For tables too large to enumerate.

    Returns
    -------
    GroupTest
        Chi-square with Yates' correction for 2 x 2, as in R.
    """
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or table.sum(axis=0).min() < FEWEST:
        return GroupTest("", float("nan"))
    if stats.contingency.expected_freq(table).min() < SMALLEST_EXPECTED:
        return GroupTest("Fisher's exact", fisher_p(table, seed))
    return GroupTest("chi-square", float(stats.chi2_contingency(table).pvalue))


def wilcoxon_p(first: np.ndarray, second: np.ndarray) -> float:
    """Return the p of Wilcoxon's rank-sum test by R's rule: exact if small and without ties."""
    ties = len(np.unique(np.concatenate([first, second]))) < len(first) + len(second)
    exact = not ties and max(len(first), len(second)) < EXACT_RANKS
    method = "exact" if exact else "asymptotic"
    return float(stats.mannwhitneyu(first, second, method=method).pvalue)


def variance_ratio_p(first: np.ndarray, second: np.ndarray) -> float:
    """Return the two-sided p of the F test of equal variances (R's ``var.test``)."""
    ratio = first.var(ddof=1) / second.var(ddof=1)
    below = stats.f.cdf(ratio, len(first) - 1, len(second) - 1)
    return float(2 * min(below, 1 - below))


def fisher_p(table: np.ndarray, seed: int = 0) -> float:
    """Return the p of Fisher's exact test for any number of levels in two groups.

    All tables with these margins are enumerated, in less than 200 MB; if they are more than
    `MOST_TABLES`, scipy draws 100,000 at random, in as little.

    Parameters
    ----------
    table : ndarray of int, shape (levels, 2)
        Counts.
    seed : int
        Of that draw.
    """
    if table.shape[0] == 2:
        return float(stats.fisher_exact(table).pvalue)
    # The largest level last: what the others leave is its count, so that its size multiplies
    # nothing. With the levels as they come a table of 421 patients took 2.4 GB.
    table = table[np.argsort(table.sum(axis=1), kind="stable")]
    levels = table.sum(axis=1)
    if np.prod(levels[:-1] + 1.0) > MOST_TABLES:
        # in batches: all at once took 0.6 GB of 76 levels
        generator = np.random.default_rng(seed)
        drawn = stats.MonteCarloMethod(n_resamples=100_000, batch=5_000, rng=generator)
        return float(stats.fisher_exact(table, method=drawn).pvalue)
    size = int(table[:, 0].sum())
    log_choose = [stats.binom.logpmf(np.arange(m + 1), m, 0.5) + m * np.log(2) for m in levels]
    # Counts of the first group, level by level: (placed so far, log of ways) of each table.
    placed, ways = np.zeros(1, dtype=np.int32), np.zeros(1)
    left = int(levels.sum())
    for m, choose in zip(levels[:-1], log_choose[:-1], strict=True):
        placed = (placed[:, None] + np.arange(m + 1, dtype=np.int32)).ravel()
        ways = (ways[:, None] + choose).ravel()
        left -= m
        possible = (placed <= size) & (placed + left >= size)
        ways, placed = ways[possible], placed[possible]
    ways += log_choose[-1][size - placed]
    observed = sum(choose[k] for choose, k in zip(log_choose, table[:, 0], strict=True))
    weights = np.exp(ways - ways.max())
    # R's slack: tables as likely as the observed one, but for rounding, count.
    as_rare = ways <= observed + 1e-7
    return float(min(1.0, weights[as_rare].sum() / weights.sum()))


def _is_normal(values: np.ndarray) -> bool:
    if len(values) < 3 or np.ptp(values) == 0:
        return False
    return bool(stats.shapiro(values).pvalue >= NORMALITY_P)
