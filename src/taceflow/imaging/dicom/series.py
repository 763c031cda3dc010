"""CT series and the acquisitions in them, and whether they can be a scan of one person."""

import logging
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydicom import Dataset

from taceflow.errors import ExclusionError
from taceflow.files.locations import list_files
from taceflow.imaging.dicom.persons import count_persons
from taceflow.imaging.dicom.slices import Slice, read_slices
from taceflow.imaging.dicom.split import split_acquisitions
from taceflow.imaging.dicom.unused_files import (
    DAMAGED,
    LOCALISER,
    UNPLACED,
    UNREADABLE,
    UnusedFiles,
)
from taceflow.wording.counts import agreeing, counted

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Series:
    """One acquisition of a CT series.

    Attributes
    ----------
    uid : str
        SeriesInstanceUID; acquisitions of one series share it.
    number : int
        SeriesNumber, 0 if there is none.
    description : str
        SeriesDescription: free text, which goes into no log and no result.
    acquisition : str
        Which one of several in the series, in order of time, e.g. ``1 of 2``; "" if it is alone.
    slices : tuple of Slice
        In spatial order.
    notes : tuple of str
        What was left out or split.
    """

    uid: str
    number: int
    description: str
    acquisition: str
    slices: tuple[Slice, ...]
    notes: tuple[str, ...]

    @property
    def header(self) -> Dataset:
        """The first slice's header."""
        return self.slices[0].header


def list_series(source: Path | Iterable[str], unused: UnusedFiles | None = None) -> list[Series]:
    """Read headers and group the CT images among them by series and acquisition.

    Parameters
    ----------
    source : Path or iterable of str
        A folder or zip archive, walked to the bottom, or the locations in it.
    unused : UnusedFiles, optional
        Where what forms no series is counted.

    Returns
    -------
    list of Series
        By series number, the acquisitions of one series in order of time. Localisers, and images
        without a place in space, are left out.
    """
    unused = unused or UnusedFiles()
    members: dict[str, list[Slice]] = {}
    left_out: dict[str, list[Slice]] = {}
    for location in list_files(source, unused.lost) if isinstance(source, Path) else source:
        unused.files += 1
        try:
            slices = list(read_slices(location, unused))
        except Exception as error:  # a damaged header raises whatever its bytes happen to mean
            unused.lost[UNREADABLE if isinstance(error, PermissionError) else DAMAGED] += 1
            continue
        for one in slices:
            uid = str(one.header.get("SeriesInstanceUID"))
            kind = LOCALISER if one.is_localizer else None if one.is_placed else UNPLACED
            (left_out if kind else members).setdefault(uid, []).append(one)
            if kind:
                unused.other[kind] += 1
    if lost := unused.note():
        _LOG.warning("%s", lost)
    found = []
    for uid, slices in members.items():
        parts, notes = split_acquisitions(slices)
        besides = left_out.get(uid, [])
        unplaced = sum(not one.is_localizer for one in besides)
        if len(besides) > unplaced:
            notes.append(f"localisers left out ({len(besides) - unplaced})")
        if unplaced:
            notes.append(f"images without a position left out ({unplaced}): slices may be lost")
        kept = [one for part in parts for one in part]
        ids = set(map(id, kept))
        others = [*besides, *(one for one in slices if id(one) not in ids)]
        if gaps := _missing_numbers(kept, others, is_one=len(parts) == 1):
            notes.append(gaps)
        if lost:
            notes.append(lost)
        for place, part in enumerate(parts, start=1):
            number = part[0].number("SeriesNumber")
            series = Series(
                uid=uid,
                number=int(number) if math.isfinite(number) else 0,
                description=str(part[0].header.get("SeriesDescription") or ""),
                acquisition=f"{place} of {len(parts)}" if len(parts) > 1 else "",
                slices=part,
                notes=tuple(notes),
            )
            found.append(series)
    # stable: acquisitions stay in order of time
    return sorted(found, key=lambda series: (series.number, series.uid))


def check_series(
    all_series: list[Series],
    unused: UnusedFiles,
    uid: str,
    file: Path | None,
    where: dict[str, str],
) -> None:
    """Check that there are series, with more than a slice, and of one person.

    Parameters
    ----------
    all_series : list of Series
        All CT series of the patient.
    unused : UnusedFiles
        What lies beside them.
    uid : str
        The series of the table of scans: what lies beside it counts for nothing; "" for none.
    file : pathlib.Path or None
        The file that the table of scans names, None if it names a folder.
    where : dict
        Stage and patient, for the message.

    Raises
    ------
    ExclusionError
        With what was found.
    """
    if not all_series:
        problem, remedy = unused.explain()
        raise ExclusionError(problem, remedy=remedy, **where)
    is_volume = max(len(one.slices) for one in all_series) > 1
    if not is_volume and len(all_series) > 1:
        raise ExclusionError(
            f"{len(all_series):,} series of one slice each: one slice is no volume, and each file "
            "has a SeriesInstanceUID of its own",
            remedy="Export the scan again so that its slices keep a common SeriesInstanceUID: "
            "some tools of de-identification draw a new one for each file",
            **where,
        )
    if not is_volume:
        raise ExclusionError(
            "the scan is one slice, which is no volume",
            file=file and file.name,
            remedy="Name the folder that holds all slices" if file else "Export the whole series",
            **where,
        )
    own = [one for one in all_series if one.uid == uid] or all_series
    persons = count_persons(each.header for one in own for each in one.slices)
    if len(persons) > 1:
        listed = ", ".join(f"{count:,}" for count in persons)
        raise ExclusionError(
            f"images of {len(persons)} persons lie together (PatientID, name or date of birth "
            f"differ): {listed} images",
            remedy="Take the other person's files out, or set series_uid in the table of scans to "
            "the series that is the patient's own",
            **where,
        )


def _missing_numbers(kept: Sequence[Slice], others: Sequence[Slice], *, is_one: bool) -> str:
    """Tell what InstanceNumber and ImagesInAcquisition say of slices that are not there.

    Beside the slices of a series count its images that are left out; the header counts the images
    of one acquisition alone.
    """
    numbers, taken = (
        {int(number) for one in part if math.isfinite(number := one.number("InstanceNumber"))}
        for part in (kept, others)
    )
    if len(numbers) < 2 or len(numbers) < len(kept):
        return ""
    first, last = min(numbers), max(numbers)
    # numbers in steps of two or of a hundred are a habit of the scanner, as those that run on
    is_counted = statistics.median(b - a for a, b in pairwise(sorted(numbers))) == 1
    holes = set(range(first, last + 1)) - numbers - taken if is_counted else {}
    before = set(range(1, first)) - taken if first <= len(numbers) else {}
    found = []
    if before:
        found.append(f"InstanceNumber begins with {first}")
    if holes:
        found.append(f"InstanceNumber has {counted(len(holes), 'gap')} between {first} and {last}")
    claimed = {one.number("ImagesInAcquisition") for one in kept}
    there = len(kept) + len(others)
    if is_one and len(claimed) == 1 and there < (most := claimed.pop()) < math.inf:
        found.append(
            f"the header counts {most:.0f} images, {there} {agreeing(there, 'is', 'are')} there"
        )
    return f"{', '.join(found)}: slices may be lost" if found else ""
