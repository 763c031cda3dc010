"""The rules by which the series of a phase is found, one by one."""

import math
from dataclasses import dataclass, field
from typing import Any

from taceflow.imaging.dicom.deidentification import opaque_key
from taceflow.imaging.dicom.header_text import says
from taceflow.imaging.dicom.reformats import count_places, is_derived, made_of_others
from taceflow.imaging.dicom.sequence import acquired, in_order, is_one_acquisition, studies
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.times import DAY_S, contrast_delay_s, seconds_of

MOST_OF_MONITORING = 3
"""Positions of a series that watches the contrast arrive, or of a scout that does not say so."""


@dataclass(frozen=True)
class PhaseRules:
    """How the series of a phase is found; the keys of ``imaging`` in the configuration.

    Attributes
    ----------
    phase : str
        The phase that is looked for.
    phase_patterns : dict
        Regular expression on the series description, by phase.
    never : str or None
        Regular expression on the description of series that are no candidates.
    study : {"any", "earliest"}
        Whether only the patient's earliest study counts.
    choose_by : list of {"description", "timing", "order"}
        Which rules are asked, in turn.
    timing_s : dict
        Seconds from the start of the injection to the acquisition, lowest and highest, by phase.
    order : dict
        The phase's place among the acquisitions of its study, by time, from 1.
    prefer : dict
        Which reconstruction of an acquisition is taken: ``orientation``, ``derived``,
        ``slice_thickness_mm``, ``kernel``.
    """

    phase: str
    phase_patterns: dict[str, str]
    never: str | None
    study: str
    choose_by: list[str]
    timing_s: dict[str, list[float]]
    order: dict[str, int]
    prefer: dict[str, Any] = field(default_factory=dict)


def series_named(all_series: list[Series], uid: str) -> list[Series]:
    """Return the acquisitions that a ``series_uid`` of the table of scans names.

    It is a SeriesInstanceUID or its `opaque_key`, possibly with ``/2`` for the second acquisition.
    """
    name, _, place = uid.strip().partition("/")
    return [
        series
        for series in all_series
        if name in (series.uid, opaque_key(series.uid))
        and (not place or series.acquisition.split(" ")[0] in (place, ""))
    ]


def candidates_of(
    all_series: list[Series], rules: PhaseRules, uid: str
) -> tuple[list[Series], list[str]]:
    """Return the series that count at all, and how they were found."""
    if uid:
        left = series_named(all_series, uid)
        return left, [f"series_uid of the table of scans: {len(left)} of {len(all_series)}"]
    left, steps = list(all_series), []
    if rules.study == "earliest" and left:
        dates = [_study_time(series) for series in left]
        is_known = all(date for date, _ in dates) or len(studies(left)) == 1
        first = min(dates) if is_known else None
        left = [one for one, date in zip(left, dates, strict=True) if date == first]
        steps.append(f"earliest study: {len(left)} of {len(all_series)}")
    if rules.never:
        kept = [series for series in left if not says(rules.never, series.description)]
        if len(kept) < len(left):
            steps.append(f"not ruled out by imaging.never: {len(kept)} of {len(left)}")
        left = kept
    volumes = [series for series in left if count_places(series) > MOST_OF_MONITORING]
    if volumes and len(volumes) < len(left):
        steps.append(f"of more than {MOST_OF_MONITORING} positions: {len(volumes)} of {len(left)}")
        left = volumes
    made = [made_of_others(series, rules.prefer) for series in left]
    kept = [series for series, how in zip(left, made, strict=True) if not how]
    if len(kept) < len(left):
        others = ", ".join(sorted(set(made) - {""}))
        steps.append(
            f"images as imaging.prefer wants them: {len(kept)} of {len(left)} (left out: {others})"
        )
    return kept, steps


def preferred(left: list[Series], prefer: dict[str, Any], steps: list[str]) -> list[Series]:
    """Return the reconstruction that is preferred; all if they are not of one acquisition."""
    if len({one.uid for one in left}) < 2 or not is_one_acquisition(left, if_unknown=True):
        return left
    kept = [one for one in left if not is_derived(one)] or left
    if prefer.get("kernel"):
        kernel = prefer["kernel"]
        kept = [
            one for one in kept if says(kernel, str(one.header.get("ConvolutionKernel") or ""))
        ] or kept
    if prefer.get("slice_thickness_mm"):
        apart = [
            abs(one.slices[0].number("SliceThickness") - prefer["slice_thickness_mm"])
            for one in kept
        ]
        kept = [one for one, mm in zip(kept, apart, strict=True) if mm == min(apart)]
    if len(kept) < len(left):
        steps.append(f"imaging.prefer: {len(kept)} of {len(left)}")
    return kept


def named_phases(series: Series, rules: PhaseRules) -> set[str]:
    """Return the phases that the description names."""
    return {
        phase
        for phase, pattern in rules.phase_patterns.items()
        if says(pattern, series.description)
    }


def by_description(series: Series, rules: PhaseRules) -> bool | None:
    """Tell whether the description names the phase; None if it names none."""
    named = named_phases(series, rules)
    return rules.phase in named if named else None


def by_timing(series: Series, rules: PhaseRules) -> bool | None:
    """Tell whether the scan was made at the phase's time; None if the time is not known."""
    delay_s = injection_delay_s(series)
    if delay_s is None or rules.phase not in rules.timing_s:
        return None
    low, high = rules.timing_s[rules.phase]
    return low <= delay_s <= high


def by_order(
    left: list[Series], rules: PhaseRules, *, is_named: bool
) -> tuple[list[Series], bool, str]:
    """Return the reconstructions at the phase's place, whether there is one, and a note.

    Unless the table of scans says the series (`is_named`), names count here too: what is called
    unenhanced takes no place, if the order does not count it, and nothing is taken by its place
    that is called another phase.
    """
    counted = [
        one
        for one in left
        if is_named or "unenhanced" in rules.order or named_phases(one, rules) != {"unenhanced"}
    ]
    sequence = None if len(studies(counted)) > 1 else in_order(counted)
    place = rules.order.get(rules.phase, 0)
    if sequence is None or not 1 <= place <= len(sequence.groups):
        return left, False, ""
    kept = list(sequence.groups[place - 1])
    names = [named_phases(one, rules) for one in kept]
    if not is_named and all(named and rules.phase not in named for named in names):
        return [], False, ""
    return kept, True, sequence.note


def injection_delay_s(series: Series) -> float | None:
    """Return the seconds from the injection to the first slice, None if a time is missing."""
    injected = seconds_of(str(series.header.get("ContrastBolusStartTime") or ""))
    start, _ = acquired(series)
    return contrast_delay_s(injected, start % DAY_S if math.isfinite(start) else None)


def _study_time(series: Series) -> tuple[str, str]:
    return str(series.header.get("StudyDate") or ""), str(series.header.get("StudyTime") or "")
