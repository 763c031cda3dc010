"""Signed distances (mm) of simple bodies on a grid of points: negative inside."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Grid:
    """Voxel centres of a CT volume in patient coordinates (LPS: left, posterior, superior), in mm.

    Attributes
    ----------
    origin_mm : tuple of float
        Centre of the first voxel (x, y, z).
    spacing_mm : tuple of float
        Spacing (x, y, z); axes are not rotated.
    shape : tuple of int
        (slices, rows, columns), the order of the arrays.
    """

    origin_mm: Point
    spacing_mm: Point
    shape: tuple[int, int, int]

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x, y, z of the voxels, shaped to broadcast to (slices, rows, columns)."""
        x, y, z = (
            (start + step * np.arange(count)).astype(np.float32)
            for start, step, count in zip(
                self.origin_mm, self.spacing_mm, self.shape[::-1], strict=True
            )
        )
        return x[None, None, :], y[None, :, None], z[:, None, None]


def ellipsoid(axes, centre: Point, radii: Point) -> np.ndarray:
    """Return the approximate signed distance to an ellipsoid (exact for a sphere)."""
    squared = sum(((a - c) / r) ** 2 for a, c, r in zip(axes, centre, radii, strict=True))
    return (np.sqrt(squared) - 1.0) * min(radii)


def cylinder(axes, centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    """Return the approximate signed distance to an elliptic cylinder along z."""
    return ellipsoid(axes[:2], centre, radii)


def capsule(axes, start: Point, end: Point, radius_start: float, radius_end: float) -> np.ndarray:
    """Return the signed distance to a straight tube with round ends that tapers."""
    direction = np.subtract(end, start)
    length_squared = float(direction @ direction)
    along = sum(d * (a - s) for d, a, s in zip(direction, axes, start, strict=True))
    t = np.clip(along / length_squared, 0.0, 1.0)
    squared = sum((a - (s + t * d)) ** 2 for a, s, d in zip(axes, start, direction, strict=True))
    return np.sqrt(squared) - (radius_start + t * (radius_end - radius_start))


def smooth_union(first: np.ndarray, second: np.ndarray, blend_mm: float) -> np.ndarray:
    """Return the union of two bodies with a fillet of about `blend_mm`."""
    gap = np.clip(0.5 + 0.5 * (second - first) / blend_mm, 0.0, 1.0)
    return second + (first - second) * gap - blend_mm * gap * (1.0 - gap)


def coverage(distance: np.ndarray, softness_mm: float) -> np.ndarray:
    """Return the share of a voxel inside a body: 1 inside, 0 outside, a ramp over `softness_mm`."""
    return np.clip(0.5 - distance / softness_mm, 0.0, 1.0)


def correlated_noise(draw: np.random.Generator, shape, sigma_voxels) -> np.ndarray:
    """Return a Gaussian random field, mean 0 and SD 1, smoothed by `sigma_voxels`."""
    white = draw.standard_normal(shape, dtype=np.float32)
    field = gaussian_filter(white, sigma_voxels, mode="wrap")
    return (field - field.mean()) / field.std()
