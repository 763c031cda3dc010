"""Whether slices form a volume, and its geometry."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taceflow.imaging.dicom.slices import Slice
from taceflow.wording.counts import agreeing, counted

SPACING_TOLERANCE_MM = 0.1
"""Largest distance of a slice from its place in an even stack; headers round to 0.1 mm at worst."""

DIRECTION_TOLERANCE = 1e-3
"""Largest difference between directions: half a pixel over 512, and coarser than any rounding."""

EXPORT_AGAIN = "Export the series again, or set series_uid in the table of scans to another one"
COPY_AGAIN = "Copy or export the series again, whole"


class StackError(Exception):
    """What keeps slices from being a volume in HU, and what the user can do.

    The message holds numbers and no header text.
    """

    def __init__(self, problem: str, remedy: str = EXPORT_AGAIN) -> None:
        self.remedy = remedy
        super().__init__(problem)


@dataclass(frozen=True)
class Stack:
    """The geometry of an even stack.

    Attributes
    ----------
    axes : numpy.ndarray of shape (3, 3)
        Unit vectors (LPS) along rows, columns and the slices' normal.
    origin_mm : numpy.ndarray of shape (3,)
        First voxel of the first slice, LPS.
    spacing_mm : tuple of float
        Along a row, along a column, and between the slices along the normal.
    shifts_mm : numpy.ndarray of shape (slices, 2)
        How far each slice lies beside the first, along rows and columns.
    """

    axes: np.ndarray
    origin_mm: np.ndarray
    spacing_mm: tuple[float, float, float]
    shifts_mm: np.ndarray

    @property
    def is_tilted(self) -> bool:
        """Whether the slices lie beside each other, not behind each other."""
        return bool(np.abs(self.shifts_mm).max() > SPACING_TOLERANCE_MM)

    @property
    def tilt_degrees(self) -> float:
        """The angle between the slices' normal and the way from slice to slice."""
        way = self.spacing_mm[2] * (len(self.shifts_mm) - 1)
        return float(np.degrees(np.arctan2(np.linalg.norm(self.shifts_mm[-1]), way)))


def along_normal(slices: Sequence[Slice]) -> np.ndarray:
    """Return where each slice lies along the normal of the first, in mm, shape (slices,)."""
    normal = np.cross(slices[0].orientation[:3], slices[0].orientation[3:])
    return np.array([one.position_mm for one in slices]) @ normal


def measure_stack(slices: Sequence[Slice]) -> Stack:
    """Check that slices form an even stack, tilted or not, and measure it.

    Parameters
    ----------
    slices : sequence of Slice
        In spatial order.

    Returns
    -------
    Stack

    Raises
    ------
    StackError
        If they do not; the gantry's tilt is measured from their positions alone.
    """
    if len(slices) < 2:
        raise StackError("one slice is no volume")
    row_mm, column_mm = _check_planes(slices)
    axes = _axes(slices[0].orientation)
    positions = np.array([one.position_mm for one in slices])
    main = int(np.abs(axes[2]).argmax())
    _check_gaps(positions @ axes[2], positions[:, main], "xyz"[main])
    away = (positions - positions[0]) @ axes.T
    shifts = away[:, :2]
    even = np.outer(np.linspace(0, 1, len(slices)), shifts[-1])
    if (astray := np.abs(shifts - even).max()) > SPACING_TOLERANCE_MM:
        raise StackError(f"slices are shifted sideways by up to {astray:.2f} mm")
    gap = float(away[-1, 2] / (len(slices) - 1))
    return Stack(axes, positions[0], (column_mm, row_mm, gap), shifts)


def is_stack(slices: Sequence[Slice]) -> bool:
    """Return whether slices form an even stack."""
    try:
        measure_stack(slices)
    except StackError:
        return False
    return True


def _check_planes(slices: Sequence[Slice]) -> tuple[float, float]:
    """Check what all slices have in common; return the gaps between rows and between columns."""
    first = slices[0]
    sizes = {(one.number("Rows"), one.number("Columns")) for one in slices}
    if len(sizes) > 1 or not np.isfinite(list(sizes)).all():
        raise StackError("Rows and Columns are missing or differ between slices")
    try:
        spacings = np.array([one.header.PixelSpacing for one in slices], dtype=float)
    except (AttributeError, TypeError, ValueError):
        spacings = np.zeros((1, 2))
    if spacings.shape[1:] != (2,) or not (spacings > 0).all():
        raise StackError("PixelSpacing is missing or not above 0")
    apart = np.ptp(spacings, axis=0)
    if apart.max() > 1e-4:
        differing = spacings[:, apart.argmax()]
        raise StackError(
            f"PixelSpacing differs between slices: {differing.min():g} to {differing.max():g} mm"
        )
    turned = [one for one in slices if np.abs(one.orientation - first.orientation).max() > 1e-4]
    if turned:
        have = agreeing(len(turned), "has", "have")
        whom = f"{len(turned)} of {counted(len(slices), 'slice')}"
        raise StackError(f"{whom} {have} another orientation")
    directions = first.orientation.reshape(2, 3)
    if np.abs(directions @ directions.T - np.eye(2)).max() > DIRECTION_TOLERANCE:
        raise StackError("rows and columns are not at right angles")
    return float(spacings[0, 0]), float(spacings[0, 1])


def _axes(orientation: np.ndarray) -> np.ndarray:
    """Return the three directions, freed of the header's rounding: images need them orthonormal."""
    left, _, right = np.linalg.svd(orientation.reshape(2, 3), full_matrices=False)
    row, column = left @ right
    return np.stack([row, column, np.cross(row, column)])


def _check_gaps(places: np.ndarray, shown: np.ndarray, axis: str) -> None:
    """Raise a `StackError` unless slices follow each other at one distance, in mm."""
    gaps = np.diff(places)
    if doubled := int((gaps < SPACING_TOLERANCE_MM).sum()):
        lie = agreeing(doubled, "lies", "lie")
        whom = f"{doubled} of {counted(len(places), 'slice')}"
        raise StackError(f"{whom} {lie} where another one lies")
    even = np.linspace(places[0], places[-1], len(places))
    if np.abs(places - even).max() <= SPACING_TOLERANCE_MM:
        return
    gap = float(np.median(gaps))
    missing = np.rint(gaps / gap) - 1
    astray = np.abs(gaps - (missing + 1) * gap).max()
    if astray > SPACING_TOLERANCE_MM or not missing.any():
        raise StackError(f"the gaps between slices are uneven: {gaps.min():g} to {gaps.max():g} mm")
    holes = [
        f"{missing[here]:.0f} between {axis} = {shown[here]:.1f} and {shown[here + 1]:.1f} mm"
        for here in np.flatnonzero(missing)
    ]
    more = f" and {len(holes) - 5} more holes" if len(holes) > 5 else ""
    raise StackError(
        f"slices are missing ({missing.sum():.0f}): {', '.join(holes[:5])}{more}", COPY_AGAIN
    )
