"""In which order the series of a study were acquired."""

import math
from dataclasses import dataclass
from itertools import pairwise

from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.times import DAY_S, day_number, seconds_of

SAME_ACQUISITION_S = 1.0
"""Reconstructions of one acquisition state times that are no further apart."""


@dataclass(frozen=True)
class Sequence:
    """Acquisitions of a study, in order.

    Attributes
    ----------
    groups : tuple of tuple of Series
        One an acquisition: its reconstructions.
    note : str
        What the order rests on, where it is not the times that agree with the series' numbers.
    """

    groups: tuple[tuple[Series, ...], ...]
    note: str


def acquired(series: Series) -> tuple[float, float]:
    """Return when the first and the last slice were acquired, in seconds; infinite if unknown."""
    times = []
    for one in series.slices:
        header = one.header
        time = seconds_of(str(header.get("AcquisitionTime") or ""))
        day = day_number(str(header.get("AcquisitionDate") or header.get("StudyDate") or ""))
        if time is not None:
            times.append(DAY_S * (day or 0) + time)
    return (min(times), max(times)) if times else (math.inf, math.inf)


def studies(all_series: list[Series]) -> set[str]:
    """Return the StudyInstanceUIDs of series."""
    return {str(series.header.get("StudyInstanceUID") or "") for series in all_series}


def is_one_acquisition(series: list[Series], *, if_unknown: bool = False) -> bool:
    """Tell whether series are reconstructions of one acquisition: their times overlap.

    `if_unknown` is the answer for several series of one study whose times are not known.
    """
    if len(series) < 2:
        return bool(series)
    if len(studies(series)) > 1:
        return False
    by_uid: dict[str, list[tuple[float, float]]] = {}
    for one in series:
        by_uid.setdefault(one.uid, []).append(acquired(one))
    if not if_unknown and len(by_uid) < len(series):
        return False
    spans = [
        (min(start for start, _ in own), max(end for _, end in own)) for own in by_uid.values()
    ]
    if not all(math.isfinite(end) for _, end in spans):
        return if_unknown
    return max(start for start, _ in spans) <= min(end for _, end in spans) + SAME_ACQUISITION_S


def in_order(all_series: list[Series]) -> Sequence | None:
    """Sort the series of a study by the time of acquisition, those of one time by number.

    None if two can be told apart by neither.
    """
    starts = {id(one): acquired(one)[0] for one in all_series}
    is_timed = all(map(math.isfinite, starts.values()))

    def by_number(one: Series) -> tuple[int, int]:
        return one.number, _place(one)

    def by_time(one: Series) -> tuple[float, int, int]:
        return (starts[id(one)] if is_timed else 0.0, *by_number(one))

    ranked = sorted(all_series, key=by_time)
    if len({by_time(one) for one in ranked}) < len(ranked):
        return None
    groups: list[list[Series]] = []
    for one in ranked:
        last = groups[-1] if groups and is_timed else []
        is_same = last and starts[id(one)] - starts[id(last[0])] <= SAME_ACQUISITION_S
        if is_same and _are_reconstructions([*last, one]):
            last.append(one)
        else:
            groups.append([one])
    note = ""
    if not is_timed and len({one.uid for one in all_series}) > 1:
        note = "order by series number: times of acquisition are missing"
    elif any(
        starts[id(one[0])] == starts[id(other[0])] and one[0].uid != other[0].uid
        for one, other in pairwise(groups)
    ):
        note = "order by series number: times of acquisition are the same"
    elif ranked != sorted(all_series, key=by_number):
        note = "order by time of acquisition, which is not that of the series numbers"
    return Sequence(tuple(map(tuple, groups)), note)


def _place(series: Series) -> int:
    """Return which acquisition of its series it is: the 2 of "2 of 12"."""
    return int(series.acquisition.split()[0]) if series.acquisition else 0


def _are_reconstructions(series: list[Series]) -> bool:
    """Tell whether series of one time are one acquisition made into images in different ways.

    Times alone do not tell: anonymised ones may be the same for all phases.
    """
    numbers = {one.slices[0].number("AcquisitionNumber") for one in series}
    return (
        len(numbers) == 1
        and len({_made(one) for one in series}) == len(series)
        and len({one.uid for one in series}) == len(series)
    )


def _made(series: Series) -> tuple[str, float]:
    """Return what tells the reconstructions of an acquisition apart."""
    first = series.slices[0]
    return str(first.header.get("ConvolutionKernel") or ""), first.number("SliceThickness")
