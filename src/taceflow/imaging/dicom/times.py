"""Dates and times of DICOM headers."""

import re
from datetime import date

DAY_S = 86_400


def day_number(text: str) -> int | None:
    """Return the number of the day of YYYYMMDD (or YYYY.MM.DD, of old), None if it is none."""
    try:
        return date.fromisoformat(re.sub(r"\D", "", text)).toordinal()
    except ValueError:
        return None


def seconds_of(text: str) -> float | None:
    """Return the seconds of HHMMSS.ffffff (or HH:MM:SS, of old), None if it is none."""
    parts = re.match(r"(\d\d):?(\d\d)?:?(\d\d(?:\.\d+)?)?", text)
    if parts is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    # 60: a leap second (PS3.5, 6.2)
    return 3600 * hours + 60 * minutes + seconds if hours < 24 and minutes < 60 else None


def contrast_delay_s(injected_s: float | None, acquired_s: float | None) -> float | None:
    """Return the seconds from the start of the contrast injection to the acquisition.

    Both count from a midnight, which need not be the same one: from -43,200 (half a day before the
    injection) to 43,200; None if a time is missing.
    """
    if acquired_s is None or injected_s is None:
        return None
    return (acquired_s - injected_s + DAY_S / 2) % DAY_S - DAY_S / 2
