"""Numbers as a journal prints them."""

import math
import re

NOT_REACHED = "NR"
"""What stands for a median or a bound that the curve does not reach."""

EN_DASH = "\N{EN DASH}"
"""What joins the ends of a range, in place of the hyphen of names and the minus of numbers."""

CHANCE = 0.5
"""Harrell's C and areas of a score that says nothing."""

_MOST_DECIMALS = 5
_MOST_RATIO = 9999


def p_value(p: float | None) -> str:
    """Return a p value with three decimals, ``<0.001`` or ``>0.999``; empty if missing."""
    if _missing(p):
        return ""
    if p < 0.001:
        return "<0.001"
    return ">0.999" if p > 0.9995 else f"{p:.3f}"


def p_statement(p: float | None) -> str:
    """Return ``p = 0.012``, ``p < 0.001``, or that it is not defined."""
    text = p_value(p)
    if not text:
        return "p not defined"
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def number(value: float | None, decimals: int = 2) -> str:
    """Return a number with fixed decimals, in scientific form where these would not do.

    Minus is the typographic one; a missing value is empty.
    """
    if _missing(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    big = abs(value) >= 10_000
    text = f"{value:.{decimals}e}" if big else f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def coefficient(value: float) -> str:
    """Return a coefficient with seven significant digits and a typographic minus."""
    return f"{value:.7g}".replace("-", "−")


def with_interval(
    estimate: float | None,
    lower: float | None,
    upper: float | None,
    decimals: int = 2,
    *,
    ratio: bool = False,
) -> str:
    """Return ``1.43 (1.08–1.90)``; bounds that may be negative are joined by "to".

    Where both bounds would print alike though they differ (a hazard ratio a unit of a quantity
    in the thousands), decimals are added until the interval is three units wide, five at most.
    A ratio is never printed as 0, and one in the thousands without decimals that say nothing:
    ``<0.01 (<0.01–0.02)``, ``1250 (13.20–>9999)``.
    """
    if _missing(estimate):
        return ""
    if _missing(lower) and _missing(upper):
        return number(estimate, decimals)
    if not _missing(lower) and not _missing(upper) and lower < upper:
        resolvable = upper - lower >= 3 * 10.0**-_MOST_DECIMALS
        alike = resolvable and number(lower, decimals) == number(upper, decimals)
        while alike and decimals < _MOST_DECIMALS and upper - lower < 3 * 10.0**-decimals:
            decimals += 1

    def text(value: float | None) -> str:
        least = 10.0**-decimals
        if not ratio or least / 2 <= value < 999.5:
            return number(value, decimals)
        if value < least / 2:
            return f"<{least:.{decimals}f}"
        return f"{value:.0f}" if value < _MOST_RATIO + 0.5 else f">{_MOST_RATIO}"

    low, high = (NOT_REACHED if _missing(value) else text(value) for value in (lower, upper))
    joint = " to " if low.startswith("−") or high.startswith("−") else EN_DASH
    return f"{text(estimate)} ({low}{joint}{high})"


def median_with_interval(
    median: float, lower: float | None, upper: float | None, decimals: int = 1
) -> str:
    """Return ``23.1 (18.0–NR)``; NR, once, for what the curve does not reach."""

    def bound(value: float | None) -> str:
        reached = not _missing(value) and math.isfinite(value)
        return number(value, decimals) if reached else NOT_REACHED

    limits = f" ({bound(lower)}{EN_DASH}{bound(upper)})"
    return bound(median) + (limits if limits != f" ({NOT_REACHED}{EN_DASH}{NOT_REACHED})" else "")


def worse_than_chance(metric: str, upper: float) -> str:
    """Say that a whole interval lies on the wrong side of chance, or return an empty text.

    Of the metrics of ``survival/performance.tsv`` only C and areas know chance; without an interval
    its upper limit is NaN.
    """
    if metric in ("c_index", "auc") and upper < CHANCE:
        return f"worse than chance: the whole interval lies below {CHANCE:g}"
    return ""


def as_text(value: object) -> str:
    """Return a value as it stands; empty if missing."""
    return "" if value is None or value != value else str(value)


def typographic(text: str) -> str:
    """Return a text of numbers with the minus, units and ranges that print has.

    >>> typographic("-2.42 (-2.60--2.10)")
    '−2.42 (−2.60 to −2.10)'
    """
    found = re.sub(r"(?<=\d)[-–](?=-)", " to ", text)
    found = re.sub(r"(?<![\w.)–])-(?=\d)", "−", found)
    return re.sub(r"\bumol\b", "µmol", found).replace("/m2", "/m²")


def percent(part: int, whole: int) -> str:
    """Return ``31 (55%)``; some are never 0%, nor all but some 100%.

    >>> percent(1, 300), percent(299, 300)
    ('1 (<1%)', '299 (>99%)')
    """
    if not whole:
        return f"{part}"
    share = f"{100 * part / whole:.0f}"
    if 0 < part < whole:
        share = {"0": "<1", "100": ">99"}.get(share, share)
    return f"{part} ({share}%)"


def without_paths(text: str) -> str:
    """Return a text with the folders of absolute paths left out: they name machines and users."""
    return re.sub(r"(?<![\w.])/(?:[^\s/:;,'\"\]\)]+/)+", "", text)


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
