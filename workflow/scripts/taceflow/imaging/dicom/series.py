"""CT series and the acquisitions in them."""

import logging
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from taceflow.imaging.dicom.files import list_files
from taceflow.imaging.dicom.slices import Slice, read_slices
from taceflow.imaging.dicom.split import split_acquisitions

logger = logging.getLogger(__name__)


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


def list_series(folder: Path) -> list[Series]:
    """Read the headers below a folder, or in a zip archive, and group its CT images.

    Parameters
    ----------
    folder : Path
        Walked to the bottom; files that are no CT image are passed over.

    Returns
    -------
    list of Series
        By series number and time.
    """
    return group_series(list_files(folder))


def group_series(locations: Iterable[str]) -> list[Series]:
    """Read headers and group the CT images among them by series and acquisition.

    Parameters
    ----------
    locations : iterable of str
        From `taceflow.imaging.dicom.files.list_files`.

    Returns
    -------
    list of Series
        By series number, the acquisitions of one series in order of time. Localisers, and images
        without a place in space, are left out.
    """
    members: dict[str, list[Slice]] = {}
    left_out: Counter[str] = Counter()
    corrupt = 0
    for location in locations:
        try:
            slices = list(read_slices(location))
        except Exception:
            corrupt += 1
            continue
        for one in slices:
            uid = str(one.header.get("SeriesInstanceUID"))
            if one.is_localizer or not one.is_placed:
                left_out[uid] += 1
            else:
                members.setdefault(uid, []).append(one)
    if corrupt:
        logger.warning("%d files with a corrupt header are left out", corrupt)
    if lost := sum(count for uid, count in left_out.items() if uid not in members):
        logger.warning("%d localisers or images without a position form no series", lost)
    found = []
    for uid, slices in members.items():
        parts, notes = split_acquisitions(slices)
        if corrupt:
            notes.append(f"{corrupt} files with a corrupt header left out, of whatever series")
        if left_out[uid]:
            notes.append(f"{left_out[uid]} localisers or images without a position left out")
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
