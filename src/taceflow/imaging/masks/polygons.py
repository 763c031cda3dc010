"""From outlines in planes to voxels: filling, and what lies between the planes."""

import numpy as np

from taceflow.wording.counts import counted

WIDEST_GAP_MM = 15.0
"""Between planes, to be filled if they are even: every third slice of 5 mm."""

CENTRE_VOXELS = 0.1
"""How far a point may lie from the voxel's centre that it stands for: files round to 0.01 mm."""

BESIDE_SLICES = 0.1
"""In slice gaps, of planes that lie in the slices but for rounding."""

STEP_TOLERANCE = 0.1
"""In slice gaps, between planes that count as evenly spaced."""

EVEN_SHARE = 0.8
"""Of the gaps between planes, those that must be even before anything is put between them."""


def fill_polygons(polygons: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Fill polygons by the even-odd rule: a polygon inside another is a hole.

    Corners are columns and rows in voxels, shape (n, 2) each; the last is joined to the first.

    Returns
    -------
    numpy.ndarray
        bool, (rows, columns): voxels whose centre lies inside. Of an outline that runs through
        centres, the left and upper ones are in, the right and lower ones out.
    """
    rows, columns = shape
    crossings = np.zeros((rows, columns + 1), dtype=np.int32)
    for polygon in polygons:
        x, y = polygon.T
        next_x, next_y = np.roll(x, -1), np.roll(y, -1)
        first = np.ceil(np.minimum(y, next_y)).clip(0, rows).astype(int)
        count = np.ceil(np.maximum(y, next_y)).clip(0, rows).astype(int) - first
        # every row that an edge crosses, edge by edge
        edge = np.repeat(np.arange(len(x)), count)
        row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
        share = (row - y[edge]) / (next_y - y)[edge]
        crossing = x[edge] + share * (next_x - x)[edge]
        np.add.at(crossings, (row, np.ceil(crossing).clip(0, columns).astype(int)), 1)
    return np.cumsum(crossings, axis=1)[:, :columns] % 2 == 1


def lie_on_centres(polygons: list[np.ndarray]) -> bool:
    """Tell whether every corner of polygons (columns and rows) is the centre of a voxel."""
    return all(np.abs(one - np.round(one)).max() <= CENTRE_VOXELS for one in polygons)


def is_walk_of_a_mask(polygons: list[np.ndarray]) -> bool:
    """Tell whether polygons are the walks along a mask's border that OpenCV's findContours makes.

    Such a walk goes from centre to centre of the outermost voxels (of a hole, of those around it),
    to one of the eight neighbours or straight on that way, so that the mask reaches half a voxel
    beyond. rt-utils, platipy and TotalSegmentator write masks so. Corners are columns and rows in
    voxels, shape (n, 2) each; a walk of a single voxel has one.
    """
    if all(len(polygon) < 3 for polygon in polygons):
        return False
    if not lie_on_centres(polygons):
        return False
    steps = [np.abs(np.round(one) - np.roll(np.round(one), 1, axis=0)) for one in polygons]
    across, along = np.concatenate(steps).T
    return bool(((across == 0) | (along == 0) | (across == along)).all())


def trace_polygons(polygons: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Return the voxels through whose centre walks of `is_walk_of_a_mask` go.

    Corners are whole numbers, column and row, shape (n, 2) each; the last is joined to the first.
    """
    traced = np.zeros(shape, dtype=bool)
    for polygon in polygons:
        start = polygon.astype(int)
        way = np.roll(start, -1, axis=0) - start
        count = np.abs(way).max(axis=1).clip(1)
        corner = np.repeat(np.arange(len(start)), count)
        step = np.arange(len(corner)) - np.repeat(np.cumsum(count) - count, count)
        columns, rows = (start[corner] + np.sign(way)[corner] * step[:, np.newaxis]).T
        traced[rows, columns] = True
    return traced


def stack_planes(
    levels: np.ndarray,
    planes: list[np.ndarray],
    *,
    slices: int,
    gap_mm: float,
    notes: list[str],
) -> dict[int, np.ndarray]:
    """Give each slice its region, from planes that need not lie in the slices.

    A slice takes the nearest plane within half a slice gap. Slices between planes that are evenly
    spaced, as of a reader who drew every second slice, are interpolated; other gaps stay open.

    Parameters
    ----------
    levels : numpy.ndarray
        Positions of the planes in slices, ascending, shape (n,).
    planes : list of numpy.ndarray
        bool, (rows, columns), of each.
    slices : int
        How many the volume has.
    gap_mm : float
        Between slices.
    notes : list of str
        Lengthened by what a reader must know.

    Returns
    -------
    dict
        Slice to bool array (rows, columns).
    """
    stacked: dict[int, np.ndarray] = {}
    first, last = max(0, int(np.floor(levels[0]))), min(slices - 1, int(np.ceil(levels[-1])))
    gaps = np.diff(levels)
    step = _even_step(gaps[gaps * gap_mm <= WIDEST_GAP_MM])
    used: dict[int, float] = {}
    interpolated = left_open = 0
    for level in range(first, last + 1):
        # half-open, lest a plane midway between two slices count twice
        near = np.flatnonzero((levels >= level - 0.5) & (levels < level + 0.5))
        if near.size:
            nearest = int(near[np.abs(levels[near] - level).argmin()])
            used[nearest] = abs(levels[nearest] - level)
            stacked[level] = planes[nearest]
        elif levels[0] < level < levels[-1]:
            below = int(np.searchsorted(levels, level)) - 1
            if step is not None and abs(gaps[below] - step) <= STEP_TOLERANCE:
                weight = (level - levels[below]) / gaps[below]
                stacked[level] = interpolate_shape(planes[below], planes[below + 1], weight)
                interpolated += 1
            else:
                left_open += 1
    if (beside := max(used.values(), default=0.0)) > BESIDE_SLICES:
        notes.append(
            f"outlines lie up to {beside * gap_mm:.2f} mm beside the CT's slices and are moved to "
            "the nearest"
        )
    if interpolated:
        notes.append(f"{counted(interpolated, 'slice between the outlines')} interpolated")
    if left_open:
        notes.append(f"{counted(left_open, 'slice between the outlines')} left empty")
    if len(used) < len(planes):
        notes.append(f"{counted(len(planes) - len(used), 'plane')} between slices, not used")
    return stacked


def interpolate_shape(one: np.ndarray, other: np.ndarray, weight: float) -> np.ndarray:
    """Return the shape between two others, where their weighted signed distances are inside.

    The weight is 0 at `one`, 1 at `other`. Shape-based interpolation: Raya & Udupa, IEEE Trans.
    Med. Imaging 1990;9:32-42. Distances are in voxels of a slice, which are square.
    """
    return (1 - weight) * _depth(one) + weight * _depth(other) > 0


def _depth(shape: np.ndarray) -> np.ndarray:
    """Return the distance to the border, positive inside; a shape without voxels is far away."""
    if not shape.any():
        return np.full(shape.shape, -float(sum(shape.shape)))
    from scipy import ndimage  # for outlines that leave slices out

    inside = ndimage.distance_transform_edt(np.pad(shape, 1))[1:-1, 1:-1]
    return inside - ndimage.distance_transform_edt(~shape)


def _even_step(gaps: np.ndarray) -> float | None:
    """Return the gap that most planes keep, None if they keep none."""
    if gaps.size < 2:
        return None
    alike = np.abs(gaps[:, np.newaxis] - gaps) <= STEP_TOLERANCE
    most = int(alike.sum(axis=1).argmax())
    return float(gaps[most]) if alike[most].mean() >= EVEN_SHARE else None
