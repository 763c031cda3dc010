"""PyRadiomics' shape class without its search through all pairs of vertices.

PyRadiomics compares every vertex of a tumour's surface with every other to find four diameters,
which takes longer than anything else about a tumour of 100 mm. Here surface and volume come
from a table of the 256 cubes of its own marching cubes, and the diameters from the few pairs of
blocks of vertices that are far enough apart. (Convex hulls are as fast, but SciPy takes longer to
import than a tumour of 50 mm to measure.)
"""

import ctypes
from functools import cache

import numpy as np
import SimpleITK as sitk
from radiomics import cShape
from radiomics.shape import RadiomicsShape

from taceflow.radiomics.compiled import addresses, library

BLOCK = 32
"""Points of a block of space if they filled it evenly; those of a surface fill few blocks, some
dozens each."""


class MeshShape(RadiomicsShape):
    """PyRadiomics' shape features; those of the mesh agree to 1e-12, all others to the last bit."""

    def _initSegmentBasedCalculation(self) -> None:
        self.pixelSpacing = np.array(self.inputImage.GetSpacing()[::-1])
        self.maskArray = np.pad(sitk.GetArrayViewFromImage(self.inputMask) == self.label, 1)
        self.labelledVoxelCoordinates = np.where(self.maskArray)
        self.SurfaceArea, self.Volume = mesh_area_and_volume(self.maskArray, self.pixelSpacing)
        self.diameters = mesh_diameters(self.maskArray, self.pixelSpacing)
        places = np.array(self.labelledVoxelCoordinates).T * self.pixelSpacing
        places -= places.mean(axis=0)
        places /= np.sqrt(len(places))
        eigenvalues = np.linalg.eigvals(np.dot(places.T.copy(), places))
        # A flat mask's smallest can come out a rounding error below zero.
        eigenvalues[(eigenvalues < 0) & (eigenvalues > -1e-10)] = 0
        self.eigenValues = np.sort(eigenvalues)


def mesh_area_and_volume(mask: np.ndarray, spacing_mm: np.ndarray) -> tuple[float, float]:
    """Return surface (mm2) and volume (mm3) of PyRadiomics' mesh of a mask.

    The mask has a border of False; mask and spacing are in z, y, x.
    """
    areas, volumes, moments = _cubes(tuple(spacing_mm.tolist()))
    codes = np.zeros(np.subtract(mask.shape, 1), np.uint8)
    for bit, corner in enumerate(np.ndindex(2, 2, 2)):
        part = tuple(slice(at, size - 1 + at) for at, size in zip(corner, mask.shape, strict=True))
        codes |= mask[part].view(np.uint8) << bit
    places = np.nonzero((codes > 0) & (codes < 255))
    found = codes[places]
    shifts = sum(place * moments[axis][found] for axis, place in enumerate(places))
    return float(areas[found].sum()), float((volumes[found] + shifts).sum())


def mesh_diameters(mask: np.ndarray, spacing_mm: np.ndarray) -> tuple[float, float, float, float]:
    """Return the largest distances between vertices of PyRadiomics' mesh of a mask, mm.

    Within planes of one z, of one y, of one x, and in space. The mask has a border of False; mask
    and spacing are in z, y, x.
    """
    halves = []
    for axis in range(3):
        crossings = 2 * np.argwhere(np.diff(mask, axis=axis))
        crossings[:, axis] += 1
        halves.append(crossings)
    halves = np.concatenate(halves)
    points = halves / 2 * spacing_mm
    flat = [_largest_in_planes(points, halves[:, axis]) for axis in range(3)]
    return (*flat, largest_distance(points))


def largest_distance(points: np.ndarray, least: float = 0.0) -> float:
    """Return the largest distance of two of several points, or `least` if that is larger.

    Points are taken by blocks of space: no two of two blocks are further apart than the corners of
    the boxes around them, and pairs of blocks are searched from the furthest down until none can
    hold a larger distance.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        One at least.
    least : float
        A distance that is known.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    count = int(np.cbrt(len(points) / BLOCK)) + 1
    edge = (high - low).max() / count or 1.0
    places = np.minimum((points - low) / edge, count - 1).astype(int)
    order, starts = _groups(places @ [count * count, count, 1])
    ordered = points[order]
    lows, highs = (each.reduceat(ordered, starts) for each in (np.minimum, np.maximum))
    reach = np.maximum(highs[:, None] - lows, highs - lows[:, None])
    bounds = np.triu(np.sqrt((reach**2).sum(axis=2)) * (1 + 1e-12))
    # from end to end a few times: most pairs of blocks cannot reach this, and are not even sorted
    end = points[0]
    for _ in range(3):
        distances = _distances(points, end)
        end = points[distances.argmax()]
        least = max(least, float(distances.max()))
    first, second = np.nonzero(bounds > least)
    furthest = np.argsort(-bounds[first, second], kind="stable")
    first, second = first[furthest], second[furthest]
    bounds = bounds[first, second]
    if own := library():
        starts = np.append(starts, len(points))
        arrays = addresses(ordered, starts, first, second, bounds)
        return own.search_pairs(*arrays, ctypes.c_int64(len(first)), ctypes.c_double(least))
    blocks = np.split(ordered, starts[1:])
    for one, other, bound in zip(first, second, bounds, strict=True):
        if bound <= least:
            break
        least = max(least, float(_distances(blocks[one][:, None], blocks[other]).max()))
    return least


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distances of points along the last axis."""
    z, y, x = np.moveaxis(one - other, -1, 0)
    return np.sqrt(z * z + y * y + x * x)


def _largest_in_planes(points: np.ndarray, planes: np.ndarray) -> float:
    """Return the largest distance of two points of one plane.

    No pair is further apart than twice the reach of the plane's points from the middle of their
    box: planes are taken in that order until none can hold a larger distance.
    """
    order, starts = _groups(planes)
    ordered = points[order]
    lows, highs = (each.reduceat(ordered, starts) for each in (np.minimum, np.maximum))
    middles = np.repeat((lows + highs) / 2, np.diff([*starts, len(points)]), axis=0)
    bounds = 2 * np.maximum.reduceat(_distances(ordered, middles), starts) * (1 + 1e-12)
    groups = np.split(ordered, starts[1:])
    largest = 0.0
    for plane in np.argsort(-bounds, kind="stable"):
        if bounds[plane] <= largest:
            break
        largest = largest_distance(groups[plane], largest)
    return largest


def _groups(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an order in which equal keys stand together, and where each key begins in it."""
    order = np.argsort(keys, kind="stable")
    return order, np.flatnonzero(np.diff(keys[order], prepend=keys[order[0]] - 1))


@cache
def _cubes(spacing_mm: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each cube's area, its volume at the origin, and what a step along z, y, x adds to it.

    A cube is numbered by its corners, the first of which is the lowest bit. PyRadiomics measures
    them; a second cube below moves the first one up.
    """
    spacing = np.array(spacing_mm)
    corners = (np.arange(256)[:, None] >> np.arange(8)) & 1
    areas, volumes, moments = np.zeros(256), np.zeros(256), np.zeros((3, 256))
    for code, cube in enumerate(corners.reshape(256, 2, 2, 2).astype(bool)):
        areas[code], volumes[code], _ = cShape.calculate_coefficients(cube, spacing)
        for axis in range(3):
            below = np.take(cube, [0], axis=axis)
            pair = np.concatenate([below, cube], axis=axis)
            _, lower, _ = cShape.calculate_coefficients(np.repeat(below, 2, axis=axis), spacing)
            _, both, _ = cShape.calculate_coefficients(pair, spacing)
            moments[axis, code] = both - lower - volumes[code]
    return areas, volumes, moments
