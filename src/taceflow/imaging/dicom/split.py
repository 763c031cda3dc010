"""Series that hold more than one acquisition of the same region, or slices twice."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from taceflow.imaging.dicom.pixels import read_hu
from taceflow.imaging.dicom.slices import Slice
from taceflow.imaging.dicom.stack import SPACING_TOLERANCE_MM, StackError, along_normal, is_stack
from taceflow.imaging.dicom.stray_images import continues, without_stray_images
from taceflow.wording.counts import agreeing, counted

Parts = list[tuple[Slice, ...]]


def split_acquisitions(slices: Sequence[Slice]) -> tuple[Parts, list[str]]:
    """Split the slices of a series into one even stack for each acquisition.

    Returns
    -------
    parts : list of tuple of Slice
        In order of time, each in spatial order; all slices in one part if they are one stack, or
        if no way of telling them apart gives even stacks that cover the same region: then the
        check of the stack says why.
    notes : list of str
        What was done.
    """
    parts, notes = _split(slices)
    if all(map(is_stack, parts)):
        return parts, notes
    for kept, stray in without_stray_images(slices):
        stacks, more = _split(kept)
        if all(map(is_stack, stacks)) and not any(
            continues(one, stack) for one in stray for stack in stacks
        ):
            are = agreeing(len(stray), "that is no slice", "that are no slices")
            left_out = f"{counted(len(stray), 'image')} {are} (scout, protocol, report)"
            return stacks, [f"{left_out} left out", *more]
    return parts, notes


def _split(slices: Sequence[Slice]) -> tuple[Parts, list[str]]:
    slices = _in_space(slices)
    if is_stack(slices):
        return [slices], []
    kept = _without_duplicates(slices)
    twice = len(slices) - len(kept)
    notes = [f"{counted(twice, 'duplicate slice')} left out"] if twice else []
    if is_stack(kept):
        return [kept], notes
    for what, parts in _ways(kept):
        if len(parts) > 1 and all(map(is_stack, parts)) and _cover_same_region(parts):
            return sorted(parts, key=_order), [*notes, f"acquisitions told apart by {what}"]
    return [kept], notes


def _ways(slices: tuple[Slice, ...]) -> Iterator[tuple[str, Parts]]:
    """Yield each way of telling acquisitions apart, the most telling first."""
    places = _places(slices)
    count = max(2, int(np.bincount(places).max()))
    for keyword in ("TemporalPositionIdentifier", "AcquisitionNumber"):
        yield keyword, _by(lambda one, keyword=keyword: one.number(keyword), slices)
    yield "AcquisitionTime", _by_time(slices, "Acquisition", count)
    # What follows tells when an image was made, not when it was scanned.
    made = {
        (str(one.header.get("ConvolutionKernel")), one.number("SliceThickness")) for one in slices
    }
    if len(made) == 1:
        yield "ContentTime", _by_time(slices, "Content", count)
        yield "the order of InstanceNumber", _by_instance(slices, places, count)


def _by(key: Callable[[Slice], float], slices: Sequence[Slice]) -> Parts:
    """Return the slices with the same value together; none if one has no value."""
    values = np.array([key(one) for one in slices])
    if not np.isfinite(values).all():
        return []
    return [
        tuple(one for one, own in zip(slices, values, strict=True) if own == value)
        for value in np.unique(values)
    ]


def _by_time(slices: Sequence[Slice], kind: str, count: int) -> Parts:
    """Cut at the longest pauses between slices."""
    times = np.sort([one.moment(kind) for one in slices])
    if not np.isfinite(times).all():
        return []
    starts = np.sort(times[np.argsort(np.diff(times))[1 - count :] + 1])
    return _by(lambda one: float(np.searchsorted(starts, one.moment(kind), "right")), slices)


def _by_instance(slices: Sequence[Slice], places: np.ndarray, count: int) -> Parts:
    """Number the slices of each position; none unless all are as many, in one regular order."""
    numbers = np.array([(one.number("InstanceNumber"), one.frame or 0) for one in slices])
    if not np.isfinite(numbers).all() or (np.bincount(places) != count).any():
        return []
    if len(np.unique(numbers, axis=0)) < len(slices):
        return []
    ranks = np.empty(len(slices), dtype=int)
    ranks[np.lexsort(numbers.T[::-1])] = np.arange(len(slices))
    table = ranks[np.lexsort((ranks, places))].reshape(-1, count)
    one_after_the_other = (table[:, :-1].max(axis=0) < table[:, 1:].min(axis=0)).all()
    side_by_side = (np.diff(table, axis=1) == 1).all()
    if not (one_after_the_other or side_by_side):
        return []
    by_rank = dict(zip(ranks, slices, strict=True))
    return [tuple(by_rank[rank] for rank in column) for column in table.T]


def _without_duplicates(slices: tuple[Slice, ...]) -> tuple[Slice, ...]:
    """Leave out slices whose position and pixels are another one's; the first stays."""
    positions = [tuple(np.round(one.position_mm, 3)) for one in slices]
    counts = Counter(positions)
    doubled = [place for place, here in enumerate(positions) if counts[here] > 1]
    contents = {}
    try:
        for index, hu, _ in read_hu([slices[place] for place in doubled]):
            contents[doubled[index]] = hashlib.sha256(hu.tobytes()).digest()
    except StackError:
        return slices
    kept = {}
    for place, here in enumerate(positions):
        kept.setdefault((here, contents.get(place)), slices[place])
    return tuple(kept.values())


def _in_space(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    return tuple(slices[index] for index in np.argsort(along_normal(slices), kind="stable"))


def _places(slices: Sequence[Slice]) -> np.ndarray:
    """Number the positions of slices in spatial order; doubled ones have the same number."""
    steps = np.diff(along_normal(slices), prepend=-np.inf) >= SPACING_TOLERANCE_MM
    return np.cumsum(steps) - 1


def _cover_same_region(parts: Parts) -> bool:
    """Return whether more than half of the shortest part lies in all others."""
    ends = [along_normal(part)[[0, -1]] for part in parts]
    common = min(end for _, end in ends) - max(start for start, _ in ends)
    return common > 0.5 * min(end - start for start, end in ends)


def _order(part: tuple[Slice, ...]) -> tuple[float, ...]:
    """Return when a part was scanned, as far as it is known."""
    return (
        min(one.moment("Acquisition") for one in part),
        min(one.number("TemporalPositionIdentifier") for one in part),
        min(one.number("AcquisitionNumber") for one in part),
        min(one.moment("Content") for one in part),
        min(one.number("InstanceNumber") for one in part),
        min(one.frame or 0 for one in part),
    )
