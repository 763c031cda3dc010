"""Which series of a patient shows the phase that the model uses, and why."""

from dataclasses import dataclass

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.phase_doubts import Doubt, doubt_of_names, doubt_of_order
from taceflow.imaging.dicom.phase_rules import (
    PhaseRules,
    by_description,
    by_order,
    by_timing,
    candidates_of,
    named_phases,
    preferred,
)
from taceflow.imaging.dicom.reformats import is_derived, made_of_others
from taceflow.imaging.dicom.sequence import is_one_acquisition
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import STAGE
from taceflow.wording.counts import counted

_MOST_NAMED = 6
"""Series that a message lists; the table of candidates has them all."""


@dataclass(frozen=True)
class Choice:
    """A series and the reason for it.

    Attributes
    ----------
    series : Series
        The chosen one.
    candidates : int
        CT series of the patient.
    reason : str
        What each rule left; no text of the header.
    notes : tuple of str
        What is to be known of the choice; likewise.
    doubt : str
        Why somebody should look at it, also among the notes; "" if nobody need.
    """

    series: Series
    candidates: int
    reason: str
    notes: tuple[str, ...] = ()
    doubt: str = ""


class PhaseError(ExclusionError):
    """No series can be taken as the phase; ``all_series`` are those to choose from."""

    def __init__(self, problem: str, *, all_series: list[Series], **where: str | None) -> None:
        self.all_series = tuple(all_series)
        super().__init__(problem, stage=STAGE, **where)


def choose_series(
    all_series: list[Series],
    rules: PhaseRules,
    *,
    patient: str,
    uid: str = "",
    is_declared: bool = False,
) -> Choice:
    """Choose the series of a phase; two candidates or none exclude the patient.

    A rule that recognises candidates as the phase leaves only those. One that recognises none
    takes away those that it knows to be of another phase, and the next rule goes on with the rest.
    Among reconstructions of one acquisition ``imaging.prefer`` chooses.

    Parameters
    ----------
    all_series : list of Series
        All CT series of the patient.
    rules : PhaseRules
        The study's rules.
    patient : str
        For the message.
    uid : str
        SeriesInstanceUID from the table of scans or its key in the tables of series and
        candidates, possibly with ``/2`` for the second acquisition; it wins. "" if none is given.
    is_declared : bool
        Whether the table of scans says that what was found is the phase: a single volume is, unless
        its own name says otherwise.

    Returns
    -------
    Choice

    Raises
    ------
    PhaseError
        If not exactly one series is left.
    """
    candidates, steps = candidates_of(all_series, rules, uid)
    left, notes, recognised, doubt = candidates, [], False, None
    for rule in rules.choose_by:
        if len(left) < 2 and (uid or recognised):
            break
        if uid and rule == "description":
            continue  # the uid says more than the name
        if rule == "order":
            if recognised:
                left = preferred(left, rules.prefer, steps)
            # A place among all phases says nothing among several series of one phase.
            if not left or (recognised and len({one.uid for one in left}) > 1):
                continue
            kept, is_placed, note = by_order(left, rules, is_named=bool(uid))
            if is_placed:
                notes += filter(None, [note])
                if not (uid or recognised):
                    doubt = doubt_of_names(kept, all_series, rules) or doubt_of_order(
                        left, all_series, rules
                    )
            recognised = recognised or is_placed
        else:
            is_phase = {"description": by_description, "timing": by_timing}[rule]
            answers = [(one, is_phase(one, rules)) for one in left]
            kept = [one for one, answer in answers if answer]
            recognised = recognised or bool(kept)
            kept = kept or [one for one, answer in answers if answer is None]
        steps.append(f"{rule}: {len(kept)} of {len(left)}")
        left = kept
    is_only = is_declared and not (uid or recognised) and is_one_acquisition(candidates)
    if uid or recognised or is_only:
        left = preferred(left, rules.prefer, steps)
    if is_only and len(left) == 1 and not named_phases(left[0], rules):
        steps.append("the only volume in what the table of scans names")
        notes.append(f"{rules.phase} by the table of scans alone: the series' name does not say it")
        recognised = True
    if len(left) == 1 and (uid or recognised) and not (doubt and doubt.is_strong):
        notes = [*_said_of(left[0], rules, uid, doubt), *notes]
        return Choice(
            left[0], len(all_series), "; ".join(steps), tuple(notes), doubt.text if doubt else ""
        )
    raise PhaseError(
        _problem(left, all_series, rules, steps, doubt, is_known=bool(uid) or recognised),
        all_series=all_series,
        patient=patient,
        remedy="Mark one in private/candidates.tsv, which on_bad_input: exclude writes, and name a "
        "copy of it as tables.choices, or mark it in the workbook's sheet choices; or write its "
        "series_uid into the table of scans; or change the rules under imaging (study: earliest, "
        "phase_patterns, never, choose_by, prefer)",
    )


def _said_of(series: Series, rules: PhaseRules, uid: str, doubt: Doubt | None) -> list[str]:
    """Return what is to be known of the chosen series."""
    notes = [doubt.text] if doubt else []
    named = named_phases(series, rules)
    if uid and named and rules.phase not in named:
        notes.append(
            f"{rules.phase} by series_uid, though its name says {', '.join(sorted(named))}"
        )
    made = made_of_others(series, {})
    if made:
        how = "series_uid" if uid else "imaging.prefer"
        notes.append(f"the images are {made}, as {how} asks for")
    elif is_derived(series):
        notes.append("ImageType calls the images derived, not how")
    return notes


def _problem(
    left: list[Series],
    all_series: list[Series],
    rules: PhaseRules,
    steps: list[str],
    doubt: Doubt | None,
    *,
    is_known: bool,
) -> str:
    """Say why no choice is possible; in numbers, as hospitals write names into descriptions."""
    if doubt and doubt.is_strong:
        found_out = f"{doubt.text}; no series is"
    elif not left:
        found_out = "no series is"
    elif is_known:
        found_out = f"{len(left)} series may be"
    else:
        found_out = f"none of {len(left)} series is recognised as"
    named = sorted(
        {name for one in all_series for name in named_phases(one, rules)} - {rules.phase}
    )
    others = f", names say {', '.join(named)}" if named and not left else ""
    days = sorted({str(one.header.get("StudyDate") or "") for one in all_series})
    listed = [_in_numbers(one, days) for one in all_series[:_MOST_NAMED]]
    if len(all_series) > _MOST_NAMED:
        listed.append(f"and {len(all_series) - _MOST_NAMED} more")
    return (
        f"{found_out} the {rules.phase} phase ({'; '.join(steps)}{others}) among "
        f"{len(all_series)} CT series: {', '.join(listed) or 'none'}"
    )


def _in_numbers(series: Series, days: list[str]) -> str:
    """Describe a series; of several studies also which one, in order of date, as candidates."""
    place = days.index(str(series.header.get("StudyDate") or "")) + 1
    study = f"study {place}, " if len(days) > 1 else ""
    part = f", acquisition {series.acquisition}" if series.acquisition else ""
    return f"{study}number {series.number} of {counted(len(series.slices), 'slice')}{part}"
