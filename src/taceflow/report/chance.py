"""Whether a figure of merit says that its score is worse than drawing lots."""

CHANCE = 0.5
"""Harrell's C and areas of a score that says nothing."""


def worse_than_chance(metric: str, upper: float) -> str:
    """Say that a whole interval lies on the wrong side of chance, or return an empty text.

    Parameters
    ----------
    metric : str
        As in ``survival/performance.tsv``; others than C and areas know no chance.
    upper : float
        Upper limit; NaN without an interval.
    """
    if metric in ("c_index", "auc") and upper < CHANCE:
        return f"worse than chance: the whole interval lies below {CHANCE:g}"
    return ""
