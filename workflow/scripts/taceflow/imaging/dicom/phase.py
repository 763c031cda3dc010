"""Which series of a patient shows the phase that the model uses, and why."""

import re
from dataclasses import dataclass

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import STAGE
from taceflow.imaging.dicom.times import contrast_delay_s, seconds_of


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
        The phase's place among the candidates of its study, by series number, from 1.
    """

    phase: str
    phase_patterns: dict[str, str]
    never: str | None
    study: str
    choose_by: list[str]
    timing_s: dict[str, list[float]]
    order: dict[str, int]


@dataclass(frozen=True)
class Choice:
    """A series and the reason for it; the reason holds no text of the header."""

    series: Series
    candidates: int
    reason: str


def choose_series(found: list[Series], rules: PhaseRules, *, patient: str, uid: str = "") -> Choice:
    """Choose the series of a phase; two candidates or none exclude the patient.

    A rule that recognises candidates as the phase leaves only those. One that recognises none
    takes away those that it knows to be of another phase, and the next rule goes on with the rest.

    Parameters
    ----------
    found : list of Series
        All CT series of the patient.
    rules : PhaseRules
        The study's rules.
    patient : str
        For the message.
    uid : str
        SeriesInstanceUID from the table of scans, which wins; "" if none is given.

    Returns
    -------
    Choice

    Raises
    ------
    ExclusionError
        If not exactly one series is left.
    """
    left, steps = _candidates(found, rules, uid)
    recognised = False
    for rule in rules.choose_by:
        if len(left) < 2 and (uid or recognised):
            break
        if rule == "order":
            # A place among all phases says nothing among several series of one phase.
            if not left or (recognised and len({one.uid for one in left}) > 1):
                continue
            kept = _by_order(left, rules)
        else:
            is_phase = {"description": _by_description, "timing": _by_timing}[rule]
            answers = [(one, is_phase(one, rules)) for one in left]
            kept = [one for one, answer in answers if answer]
            recognised = recognised or bool(kept)
            kept = kept or [one for one, answer in answers if answer is None]
        steps.append(f"{rule}: {len(kept)} of {len(left)}")
        recognised = recognised or (rule == "order" and len(kept) == 1)
        left = kept
    if len(left) == 1 and (uid or recognised):
        return Choice(left[0], len(found), "; ".join(steps))
    # Descriptions are free text, in which hospitals write names: numbers only.
    seen = ", ".join(_in_numbers(one) for one in found)
    if not left:
        found_out = "no series is"
    elif recognised or uid:
        found_out = f"{len(left)} series may be"
    else:
        found_out = f"none of {len(left)} series is recognised as"
    raise ExclusionError(
        f"{found_out} the {rules.phase} phase ({'; '.join(steps)}) among {len(found)} CT series: "
        f"{seen or 'none'}",
        stage=STAGE,
        patient=patient,
        remedy="Set series_uid in the table of scans, or the rules under imaging "
        "(phase_patterns, never, study, choose_by)",
    )


def _candidates(found: list[Series], rules: PhaseRules, uid: str) -> tuple[list[Series], list[str]]:
    """Return the series that count at all, and how they were found."""
    if uid:
        left = [series for series in found if series.uid == uid]
        return left, [f"series_uid of the table of scans: {len(left)} of {len(found)}"]
    left, steps = list(found), []
    if rules.study == "earliest" and left:
        dates = [_study_time(series) for series in left]
        is_known = all(date for date, _ in dates) or len(_studies(left)) == 1
        first = min(dates) if is_known else None
        left = [one for one, date in zip(left, dates, strict=True) if date == first]
        steps.append(f"earliest study: {len(left)} of {len(found)}")
    if rules.never:
        kept = [series for series in left if not re.search(rules.never, series.description)]
        if len(kept) < len(left):
            steps.append(f"not ruled out by imaging.never: {len(kept)} of {len(left)}")
        left = kept
    return left, steps


def _by_description(series: Series, rules: PhaseRules) -> bool | None:
    """Tell whether the description names the phase; None if it names none."""
    fits = {
        phase
        for phase, pattern in rules.phase_patterns.items()
        if re.search(pattern, series.description)
    }
    if rules.phase in fits:
        return True
    return False if fits else None


def _by_timing(series: Series, rules: PhaseRules) -> bool | None:
    """Tell whether the scan was made at the phase's time; None if the time is not known."""
    delay_s = _delay_s(series)
    if delay_s is None or rules.phase not in rules.timing_s:
        return None
    low, high = rules.timing_s[rules.phase]
    return low <= delay_s <= high


def _by_order(left: list[Series], rules: PhaseRules) -> list[Series]:
    """Return the series at the phase's place; all of them if they are of several studies."""
    place = rules.order.get(rules.phase, 0)
    if len(_studies(left)) > 1 or not 1 <= place <= len(left):
        return left
    ranked = sorted(left, key=lambda series: (series.number, series.acquisition))
    if len({(series.number, series.acquisition) for series in ranked}) < len(ranked):
        return left
    return [ranked[place - 1]]


def _delay_s(series: Series) -> float | None:
    """Return the seconds from the injection to the acquisition, None if a time is missing."""
    injected, acquired = (
        seconds_of(str(series.header.get(keyword) or ""))
        for keyword in ("ContrastBolusStartTime", "AcquisitionTime")
    )
    return contrast_delay_s(injected, acquired)


def _study_time(series: Series) -> tuple[str, str]:
    return str(series.header.get("StudyDate") or ""), str(series.header.get("StudyTime") or "")


def _studies(found: list[Series]) -> set[str]:
    return {str(series.header.get("StudyInstanceUID") or "") for series in found}


def _in_numbers(series: Series) -> str:
    part = f", acquisition {series.acquisition}" if series.acquisition else ""
    return f"number {series.number} of {len(series.slices)} slices{part}"
