"""When the first series of a study may not be what the order takes it for."""

from dataclasses import dataclass

import numpy as np

from taceflow.imaging.dicom.phase_rules import PhaseRules, named_phases
from taceflow.imaging.dicom.sequence import acquired, in_order, studies
from taceflow.imaging.dicom.series import Series
from taceflow.wording.counts import counted

ABOUT_HALF = (1 / 3, 2 / 3)
"""Share of the slices: an unenhanced scan beside arterial and portal in one series. In HCC-TACE-Seg
nine of the ten studies like that; in the tenth they are arterial liver and portal abdomen."""


@dataclass(frozen=True)
class Doubt:
    """Why a choice by order may be wrong.

    Attributes
    ----------
    text : str
        In numbers, without text of the header.
    is_strong : bool
        Whether the choice would be a guess.
    """

    text: str
    is_strong: bool


def doubt_of_order(left: list[Series], all_series: list[Series], rules: PhaseRules) -> Doubt | None:
    """Doubt that the first of a study's series is enhanced, if no series is called unenhanced.

    Parameters
    ----------
    left : list of Series
        Among which the order chose, of one study.
    all_series : list of Series
        All CT series of the patient.
    rules : PhaseRules

    Returns
    -------
    Doubt or None
        Strong if the next series holds several acquisitions where the first holds one, names a
        contrast agent where the first names none, or has about twice as many slices; weak if there
        are more acquisitions than the order has places for.
    """
    sequence = in_order(left)
    in_study = [one for one in all_series if studies([one]) == studies(left)]
    if (
        rules.phase == "unenhanced"
        or sequence is None
        or any("unenhanced" in named_phases(one, rules) for one in in_study)
    ):
        return None
    of_uid: dict[str, list[Series]] = {}
    for group in sequence.groups:
        of_uid.setdefault(group[0].uid, []).append(group[0])
    if len(of_uid) < 2:
        return None
    first, second = list(of_uid.values())[:2]
    sizes = [sum(len(one.slices) for one in series) for series in (first, second)]
    following, is_strong = f"the next (number {second[0].number})", True
    places = max(rules.order.values())
    if _acquisitions(second) > _acquisitions(first) == 1:
        said = f"{following} holds several acquisitions in {sizes[1]} slices"
    elif not _has_contrast(first) and _has_contrast(second):
        said = f"{following} names a contrast agent, which the first does not"
    elif ABOUT_HALF[0] <= sizes[0] / sizes[1] <= ABOUT_HALF[1]:
        said = f"{following} has {counted(sizes[1], 'slice')}, as if it held two phases"
    elif len(sequence.groups) > places and "unenhanced" not in rules.order:
        said = f"there are {len(sequence.groups)} acquisitions, imaging.order counts {places}"
        is_strong = False
    else:
        return None
    text = (
        f"the first series in time (number {first[0].number}, {counted(sizes[0], 'slice')}) "
        f"may be unenhanced: none of its study is called so, and {said}"
    )
    return Doubt(text, is_strong)


def doubt_of_names(
    chosen: list[Series], all_series: list[Series], rules: PhaseRules
) -> Doubt | None:
    """Doubt a place in the order behind a series whose name says a later phase.

    The doubt is strong: of the wanted phase the study holds nothing, or nothing without a name.
    """
    later = {name for name, place in rules.order.items() if place > rules.order[rules.phase]}
    start = min(acquired(one)[0] for one in chosen)
    for one in all_series:
        named = named_phases(one, rules)
        if (
            named
            and named <= later
            and studies([one]) == studies(chosen)
            and acquired(one)[0] < start < float("inf")
        ):
            text = (
                f"the series at the place of the {rules.phase} phase (number {chosen[0].number}) "
                f"was scanned after one whose name says {', '.join(sorted(named))} (number "
                f"{one.number})"
            )
            return Doubt(text, is_strong=True)
    return None


def _acquisitions(series: list[Series]) -> int:
    """Return how many acquisitions a series holds, also one that could not be split."""
    if len(series) > 1 or not all(one.is_placed for one in series[0].slices):
        return len(series)
    places = np.round([one.position_mm for one in series[0].slices], 2)
    return int(np.unique(places, axis=0, return_counts=True)[1].max())


def _has_contrast(series: list[Series]) -> bool:
    return bool(str(series[0].header.get("ContrastBolusAgent") or "").strip())
