"""PyRadiomics' shape class without its search through all pairs of vertices.

PyRadiomics compares every vertex of a tumour's surface with every other to find four diameters,
which takes longer than anything else about a tumour of 100 mm. Here surface and volume come
from a table of the 256 cubes of its own marching cubes, and the diameters from convex hulls.
"""

from functools import cache

import numpy as np
import SimpleITK as sitk
from radiomics import cShape
from radiomics.shape import RadiomicsShape
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist


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
    reach = np.linalg.norm(points - (points.min(axis=0) + points.max(axis=0)) / 2, axis=1)
    flat = [_largest_in_planes(points, halves[:, axis], reach) for axis in range(3)]
    return (*flat, float(pdist(points[ConvexHull(points).vertices]).max()))


def _largest_in_planes(points: np.ndarray, planes: np.ndarray, reach: np.ndarray) -> float:
    """Return the largest distance of two points of one plane.

    No pair is further apart than twice the reach of the plane's points from a common centre: planes
    are taken in that order until none can hold a larger distance.
    """
    order = np.argsort(planes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(planes[order])) + 1)
    largest = 0.0
    for reach_mm, group in sorted(
        ((reach[group].max(), tuple(group)) for group in groups), reverse=True
    ):
        if 2 * reach_mm < largest:
            break
        largest = max(largest, float(pdist(points[list(group)]).max(initial=0.0)))
    return largest


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
