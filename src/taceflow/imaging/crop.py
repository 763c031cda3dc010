"""The part of the 1 mm volume that is kept: the tumours and what features and patch look at."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from taceflow.errors import InputError
from taceflow.files.tables import read_json, write_json

Region = tuple[np.ndarray, np.ndarray]
"""Lowest index and size, x, y, z."""

FILE = "crop.json"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far around the tumours a study looks; see `taceflow.radiomics.margins`.

    Attributes
    ----------
    mm, voxels : float, int
        The larger of both is taken.
    goes_round : int
        Closer to the volume's border than these voxels, a filter takes what it lacks from the other
        side, as PyRadiomics' wavelets do: the volume is kept whole along that axis.
    moved_mm, moved_share : float or None
        How far the main mask's contour may be moved: mm, and a share of its longest side.
    """

    mm: float
    voxels: int
    goes_round: int
    moved_mm: float | None = None
    moved_share: float = 0.0


@dataclass(frozen=True)
class Crop:
    """Where a volume that was kept in part lies in the whole, and what is known of the rest.

    Attributes
    ----------
    start, size, whole_size : tuple of int
        Voxels, x, y, z.
    largest_hu : float
        Largest |HU| of the whole volume.
    """

    start: tuple[int, ...]
    size: tuple[int, ...]
    whole_size: tuple[int, ...]
    largest_hu: float

    @classmethod
    def whole(cls, hu: np.ndarray) -> "Crop":
        """Return what is known of an array, (slices, rows, columns), that is the whole volume."""
        return cls((0, 0, 0), hu.shape[::-1], hu.shape[::-1], largest_magnitude(hu))

    @classmethod
    def read(cls, folder: Path) -> "Crop":
        """Read what lies beside a resampled CT."""
        stored = read_json(folder / FILE, output=folder)
        places = (tuple(stored[name]) for name in ("start", "size", "whole_size"))
        return cls(*places, largest_hu=stored["largest_hu"])

    def write(self, folder: Path) -> None:
        """Write it beside the resampled CT."""
        write_json(asdict(self), folder / FILE)

    def check(
        self,
        region: Region,
        reach: Reach,
        spacing_mm: Sequence[float],
        patient: str | None = None,
    ) -> None:
        """Refuse to look further around a region of the crop than the volume was kept.

        Raises
        ------
        InputError
            If voxels of the whole volume are wanted that are not there.
        """
        start, size, whole = map(np.array, (self.start, self.size, self.whole_size))
        low, extent = looked_at((region[0] + start, region[1]), reach, spacing_mm, whole)
        if (low < start).any() or (low + extent > start + size).any():
            raise InputError(
                "the resampled CT was cut closer to the tumour than its features or the patch look",
                patient=patient,
                remedy="Delete the folder resampled/ of this patient and run again",
            )


def grown(region: Region, margin: np.ndarray | int, size: Sequence[int] | np.ndarray) -> Region:
    """Return a region with a margin as far as a volume of this size reaches."""
    low = np.maximum(region[0] - margin, 0)
    return low, np.minimum(region[0] + region[1] + margin, size) - low


def looked_at(
    region: Region, reach: Reach, spacing_mm: Sequence[float], whole: np.ndarray
) -> Region:
    """Return what a look at a region sees of a volume of a size: all of an axis, or a margin."""
    margin = np.maximum(np.ceil(reach.mm / np.array(spacing_mm)).astype(int), reach.voxels)
    low, size = grown(region, margin, whole)
    near = reach.goes_round
    at_border = (region[0] < near) | (region[0] + region[1] + near > whole)
    return np.where(at_border, 0, low), np.where(at_border, whole, size)


def moved_voxels(
    size: np.ndarray, by_mm: float, share: float, spacing_mm: Sequence[float] | np.ndarray
) -> np.ndarray:
    """Return how far the contour of a mask may be moved, in voxels along each axis.

    Parameters
    ----------
    size : ndarray
        Of the mask's box, voxels.
    by_mm, share : float
        As of a `Reach`.
    spacing_mm : sequence of float
        In the order of the axes.
    """
    reach_mm = by_mm + share * (size * spacing_mm).max()
    return np.ceil(reach_mm / np.array(spacing_mm)).astype(int) + 2


def union_box(boxes: Iterable[Region]) -> Region:
    """Return the box around several, one at least."""
    ends = [(low, low + size) for low, size in boxes]
    low = np.min([start for start, _ in ends], axis=0)
    return low, np.max([stop for _, stop in ends], axis=0) - low


def bounding_box(mask: np.ndarray) -> tuple[slice, ...]:
    """Return the smallest box that holds every voxel of a mask; it has at least one."""
    box = [slice(None)] * mask.ndim
    for axis in range(mask.ndim):
        # what was found of one axis leaves less to look through for the next
        others = tuple(other for other in range(mask.ndim) if other != axis)
        found = np.flatnonzero(mask[tuple(box)].any(axis=others))
        box[axis] = slice(int(found[0]), int(found[-1]) + 1)
    return tuple(box)


def box_of(mask: np.ndarray) -> Region:
    """Return the box around what is not zero in an array, (slices, rows, columns).

    Its size is 0 if there is nothing.
    """
    if not mask.any():
        return np.zeros(3, int), np.zeros(3, int)
    box = bounding_box(mask)[::-1]
    low = np.array([part.start for part in box])
    return low, np.array([part.stop for part in box]) - low


def largest_magnitude(hu: np.ndarray) -> float:
    """Return max |HU| of an array without a copy of it."""
    return max(abs(float(hu.min())), abs(float(hu.max())))


def slices_of(region: Region) -> tuple[slice, ...]:
    """Return a region as the part of an array, (slices, rows, columns)."""
    return tuple(slice(a, a + n) for a, n in zip(region[0][::-1], region[1][::-1], strict=True))
