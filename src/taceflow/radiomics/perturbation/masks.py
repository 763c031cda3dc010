"""Random perturbations of a mask, in place of a second reader.

After Zwanenburg et al. 2019, Sci Rep 9:614, with three differences. Their contour randomisation
keeps or drops supervoxels of the image; here the contour moves by a smooth random field that knows
nothing of the image. Their translation moves the sampling grid of image and mask; here the mask
alone moves, as if misplaced, so that one set of filtered images serves all perturbations. Noise and
rotation, which change the image, are left out.
"""

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from scipy import ndimage, special

from taceflow.files.volumes.file import place
from taceflow.imaging.crop import moved_voxels
from taceflow.radiomics.margins import moved_by


@dataclass(frozen=True)
class Movement:
    """How far a mask is moved.

    Attributes
    ----------
    contour_mm : float
        Standard deviation of the contour's displacement along its normal.
    correlation_mm : float
        Distance at which two displacements are correlated by 1/e.
    volume_fraction : float
        Growth and shrinkage: the volume changes by a share drawn evenly from minus to plus this.
    translation_mm : float
        Shift along each axis, drawn evenly from minus to plus this.
    """

    contour_mm: float
    correlation_mm: float
    volume_fraction: float
    translation_mm: float


@dataclass(frozen=True)
class Perturbed:
    """A perturbed mask, and what was drawn.

    Attributes
    ----------
    mask : SimpleITK.Image
        8-bit, 0 and 1.
    volume_fraction : float
        Change of volume before the contour was randomised.
    translation_mm : tuple of float
        Along x, y, z of the grid.
    """

    mask: sitk.Image
    volume_fraction: float
    translation_mm: tuple[float, float, float]


class MaskPerturber:
    """Perturbs one mask, again and again.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1, at least one voxel.
    movement : Movement
        How far.
    """

    def __init__(self, mask: sitk.Image, movement: Movement) -> None:
        self.mask = mask
        self.movement = movement
        # Arrays are indexed z, y, x
        self._spacing_mm = np.array(mask.GetSpacing()[::-1])
        values = sitk.GetArrayViewFromImage(mask)
        (box,) = ndimage.find_objects(values, max_label=1)
        size = np.array([side.stop - side.start for side in box])
        reach = moved_by(movement.contour_mm, movement.translation_mm, movement.volume_fraction)
        self._margin = moved_voxels(size, *reach, self._spacing_mm)
        # The margin may lie outside the image: its border is a contour like any other
        self._low = np.array([side.start for side in box]) - self._margin
        inside = np.pad(values[box] > 0, [(margin, margin) for margin in self._margin])
        self._voxels = int(inside.sum())
        self._distance_mm, self._nearest = _signed_distance(inside, self._spacing_mm)

    def draw(self, random: np.random.Generator) -> Perturbed:
        """Return the mask moved, grown or shrunk, its contour randomised; it may be empty."""
        movement = self.movement
        fraction = random.uniform(-movement.volume_fraction, movement.volume_fraction)
        shift_mm = random.uniform(-movement.translation_mm, movement.translation_mm, 3)
        distance = ndimage.shift(
            self._distance_mm, shift_mm / self._spacing_mm, order=1, mode="nearest"
        )
        level = _level_with(distance, max(1, round(self._voxels * (1 + fraction))))
        if movement.contour_mm > 0:
            field = random_field(distance.shape, self._spacing_mm, movement.correlation_mm, random)
            # Read off at the nearest surface, the field moves the contour along its normal and
            # leaves no islands beside it.
            distance = distance + movement.contour_mm * field[self._nearest]
        x, y, z = (float(part) for part in shift_mm[::-1])
        return Perturbed(self._on_grid(distance <= level), fraction, (x, y, z))

    def _on_grid(self, inside: np.ndarray) -> sitk.Image:
        """Put the box back into the image's grid, less what lies outside."""
        values = np.zeros(self.mask.GetSize()[::-1], dtype=np.uint8)
        start = np.maximum(self._low, 0)
        stop = np.minimum(self._low + inside.shape, values.shape)
        target = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
        source = tuple(
            slice(a, b) for a, b in zip(start - self._low, stop - self._low, strict=True)
        )
        values[target] = inside[source]
        return place(values, self.mask)


def random_field(
    shape: tuple[int, ...],
    spacing_mm: np.ndarray,
    correlation_mm: float,
    random: np.random.Generator,
) -> np.ndarray:
    """Return a smooth random field of mean 0 and variance 1.

    White noise under a Gaussian of half the correlation length: two values at the distance r are
    correlated by exp(-(r / correlation_mm)^2). `spacing_mm` has an entry an axis of `shape`.
    """
    field = random.standard_normal(shape)
    for axis, (count, spacing) in enumerate(zip(shape, spacing_mm, strict=True)):
        sigma = correlation_mm / 2 / spacing
        weights = ndimage.gaussian_filter1d(np.eye(1, count)[0], sigma, mode="wrap")
        field = ndimage.gaussian_filter1d(field, sigma, axis=axis, mode="wrap")
        field /= np.sqrt(np.square(weights).sum())
    return field


def _signed_distance(
    inside: np.ndarray, spacing_mm: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the distance to the contour, negative inside, and each voxel's nearest beyond it.

    A voxel's distance to the nearest one beyond the contour overshoots by how deep that one lies,
    anything from nothing to a voxel. The depth is read off the blurred mask: at the depth d below
    a plane, a Gaussian of width s leaves the share Phi(d / s) of it. So are the distances of voxels
    beside the contour, whose nearest one beyond it seldom lies along the normal.
    """
    width = spacing_mm.mean()
    share = ndimage.gaussian_filter(inside.astype(float), width / spacing_mm)
    depth = width * special.ndtri(np.clip(share, 0.01, 0.99))
    into, to_outside = ndimage.distance_transform_edt(inside, spacing_mm, return_indices=True)
    out, to_inside = ndimage.distance_transform_edt(~inside, spacing_mm, return_indices=True)
    nearest = tuple(np.where(inside, to_outside, to_inside))
    beside = np.abs(depth) < 1.5 * width
    distance = np.where(beside, np.abs(depth), into + out - np.abs(depth[nearest]))
    # In a thin or sharp part the blur may see a voxel on the wrong side
    wrong = beside & ((depth > 0) != inside)
    distance = np.where(wrong, 0, distance).clip(min=1e-3 * width)
    return np.where(inside, -distance, distance), nearest


def _level_with(distance: np.ndarray, voxels: int) -> float:
    """Return the level that has a number of voxels below it."""
    below, above = np.partition(distance.ravel(), [voxels - 1, voxels])[voxels - 1 : voxels + 1]
    return (below + above) / 2
