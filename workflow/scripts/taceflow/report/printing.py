"""Numbers as a journal prints them."""

import math
import re
from collections.abc import Callable

NOT_REACHED = "NR"
"""What stands for a median or a bound that the curve does not reach."""

_MOST_DECIMALS = 4


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


def ratio(value: float | None, decimals: int = 2) -> str:
    """Return a hazard or odds ratio as `number` does; one too small for its decimals ``<0.01``."""
    small = not _missing(value) and 0 < value < 0.5 * 10.0**-decimals
    return f"<{10.0**-decimals:.{decimals}f}" if small else number(value, decimals)


def with_interval(
    estimate: float | None,
    lower: float | None,
    upper: float | None,
    decimals: int = 2,
    *,
    write: Callable[[float | None, int], str] = number,
) -> str:
    """Return ``1.43 (1.08-1.90)``; bounds that may be negative are joined by "to".

    Where both bounds would print alike though they differ (a hazard ratio a unit of a quantity
    in the thousands), decimals are added until the interval is three units wide, four at most.
    """
    if _missing(estimate):
        return ""
    if _missing(lower) and _missing(upper):
        return write(estimate, decimals)
    if not _missing(lower) and not _missing(upper) and lower < upper:
        resolvable = upper - lower >= 3 * 10.0**-_MOST_DECIMALS
        alike = resolvable and write(lower, decimals) == write(upper, decimals)
        while alike and decimals < _MOST_DECIMALS and upper - lower < 3 * 10.0**-decimals:
            decimals += 1
    low = write(lower, decimals) or NOT_REACHED
    high = write(upper, decimals) or NOT_REACHED
    joint = " to " if low.startswith("−") or high.startswith("−") else "-"
    return f"{write(estimate, decimals)} ({low}{joint}{high})"


def ratio_with_interval(estimate: float | None, lower: float | None, upper: float | None) -> str:
    """Return ``0.12 (<0.01-0.30)``: no ratio is printed as zero."""
    return with_interval(estimate, lower, upper, write=ratio)


def median_with_interval(
    median: float, lower: float | None, upper: float | None, decimals: int = 1
) -> str:
    """Return ``23.1 (18.0-NR)``; NR, once, for what the curve does not reach."""

    def bound(value: float | None) -> str:
        reached = not _missing(value) and math.isfinite(value)
        return number(value, decimals) if reached else NOT_REACHED

    limits = f" ({bound(lower)}-{bound(upper)})"
    return bound(median) + (limits if limits != f" ({NOT_REACHED}-{NOT_REACHED})" else "")


def as_text(value: object) -> str:
    """Return a value as it stands; empty if missing."""
    return "" if value is None or value != value else str(value)


def percent(part: int, whole: int) -> str:
    """Return ``31 (55%)``."""
    return f"{part} ({100 * part / whole:.0f}%)" if whole else f"{part}"


def without_paths(text: str) -> str:
    """Return a text with the folders of absolute paths left out: they name machines and users."""
    return re.sub(r"(?<![\w.])/(?:[^\s/:;,'\"\]\)]+/)+", "", text)


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
