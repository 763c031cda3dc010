"""Whether a mask lies on the grid of a scan, as far as their headers tell."""

import itertools
from dataclasses import dataclass

import numpy as np

from taceflow.errors import ExclusionError
from taceflow.files.locations import on_disk
from taceflow.files.volumes.file import VolumeFile
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.masks.grid import DRIFT_VOXELS, GRID_TOLERANCE_VOXELS


@dataclass(frozen=True)
class Grid:
    """Where the voxels of an image are, in mm to the left, to the back and to the head.

    Attributes
    ----------
    size : tuple of int
        Columns, rows, slices.
    origin_mm : numpy.ndarray
        Of the first voxel, shape (3,).
    steps_mm : numpy.ndarray
        From a voxel to the next along each axis, in columns, shape (3, 3).
    """

    size: tuple[int, int, int]
    origin_mm: np.ndarray
    steps_mm: np.ndarray

    def __str__(self) -> str:
        spacing = np.linalg.norm(self.steps_mm, axis=0)
        return (
            f"{' x '.join(map(str, self.size))} voxels of "
            f"{' x '.join(f'{mm:.3g}' for mm in spacing)} mm"
        )


def grid_of_series(series: Series) -> Grid | None:
    """Return the grid of a DICOM series of even slices, None if a header lacks what it needs."""
    first, last = series.slices[0], series.slices[-1]
    try:
        row, column = first.orientation[:3], first.orientation[3:]
        between_rows, between_columns = map(float, first.header.PixelSpacing)
        gap = (last.position_mm - first.position_mm) / (len(series.slices) - 1)
        steps = np.column_stack([row * between_columns, column * between_rows, gap])
        size = int(first.header.Columns), int(first.header.Rows), len(series.slices)
        return _sound(Grid(size, first.position_mm, steps))
    except (AttributeError, TypeError, ValueError, ZeroDivisionError):
        return None


def grid_of_file(location: str) -> Grid | None:
    """Return the grid of an image file, None if it has none."""
    try:
        with on_disk(location) as path:
            file = VolumeFile(path, {"stage": "imaging"})
    except (ExclusionError, KeyError, OSError, RuntimeError):
        return None
    if file.dimensions != 3:
        return None
    header = file.header
    steps = np.reshape(header.GetDirection(), (3, 3)) * header.GetSpacing()
    return _sound(Grid(tuple(header.GetSize()), np.array(header.GetOrigin()), steps))


def _sound(grid: Grid) -> Grid | None:
    return grid if abs(np.linalg.det(grid.steps_mm)) > 0 else None


def difference(mask: Grid, scan: Grid) -> str:
    """Say in what the grid of a mask differs from that of a scan, "" if in nothing.

    The axes may be counted in another order or direction.

    Parameters
    ----------
    mask, scan : Grid

    Returns
    -------
    str
    """
    ends = [(-0.5, count - 0.5) for count in mask.size]
    corners = np.array(list(itertools.product(*ends))) @ mask.steps_mm.T + mask.origin_mm
    # in voxels of the scan
    corners = np.linalg.solve(scan.steps_mm, (corners - scan.origin_mm).T).T
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.array(scan.size)
    if (high <= -0.5).any() or (low >= size - 0.5).any():
        return f"it covers no voxel of the scan: drawn on another? Its grid is {mask}"
    alike = sorted(mask.size) == sorted(scan.size)
    off = np.abs([low + 0.5, high - size + 0.5])
    # a header that rounds the spacing leaves the slices little by little
    if alike and off[:, :2].max() <= GRID_TOLERANCE_VOXELS and off[:, 2].max() <= DRIFT_VOXELS:
        return ""
    if alike:
        return f"as many voxels as the scan, but elsewhere by up to {off.max():.1f} of them"
    return f"on another grid, {mask}, than the scan, {scan}"
