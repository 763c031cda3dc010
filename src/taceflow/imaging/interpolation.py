"""CT and masks on the study's grid, as the IBSI manual aligns it: the whole, or a part of it."""

import math
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from taceflow.files.volumes.file import place
from taceflow.imaging.crop import Region, box_of, grown

SLAB = 32
"""Slices that are held in double precision at a time."""

DECIMALS = 6
"""To which interpolated values count: floating point leaves 1e-12."""


@dataclass(frozen=True)
class Grid:
    """Where the voxels of a volume lie that is not made as a whole.

    Attributes
    ----------
    size : tuple of int
        Voxels, x, y, z.
    first : SimpleITK.Image
        The first voxel, with spacing, origin and direction of all.
    """

    size: tuple[int, ...]
    first: sitk.Image

    @property
    def whole(self) -> Region:
        """All of it."""
        return np.zeros(3, int), np.array(self.size)


def target_grid(image: sitk.Image, spacing_mm: list[float]) -> Grid:
    """Return the grid of the wanted spacing whose centre is the image's centre.

    Parameters
    ----------
    image : SimpleITK.Image
        The volume to be resampled.
    spacing_mm : list of float
        The new spacing, x, y, z.

    Returns
    -------
    Grid

    Notes
    -----
    Size: ceil(n s / s'), rounded before the ceiling against floating point; origin such that
    the grids' centres coincide. IBSI reference manual (arXiv 1612.07003), section 2.4.
    """
    size = [
        max(1, math.ceil(round(count * old / new, 6)))
        for count, old, new in zip(image.GetSize(), image.GetSpacing(), spacing_mm, strict=True)
    ]
    centre = image.TransformContinuousIndexToPhysicalPoint(
        [(count - 1) / 2 for count in image.GetSize()]
    )
    first = sitk.Image([1, 1, 1], sitk.sitkUInt8)
    first.SetSpacing(spacing_mm)
    first.SetDirection(image.GetDirection())
    middle = first.TransformContinuousIndexToPhysicalPoint([(count - 1) / 2 for count in size])
    first.SetOrigin([here - there for here, there in zip(centre, middle, strict=True)])
    return Grid(tuple(size), first)


def resample_ct(
    image: sitk.Image, spacing_mm: list[float], region: Region | None = None
) -> sitk.Image:
    """Resample a CT linearly and round it to whole HU (16-bit); the new spacing is x, y, z.

    Of the new grid the whole, or a `region`.
    """
    return _resample_linear(image, target_grid(image, spacing_mm), region, np.int16)


def resample_mask(
    mask: sitk.Image,
    spacing_mm: list[float],
    interpolation: str = "nearest",
    region: Region | None = None,
) -> sitk.Image:
    """Resample a mask, 0 and 1; the new spacing is x, y, z.

    By nearest neighbour as the study's, or as IBSI has it: linear and cut at 0.5. Of the new grid
    the whole, or a `region`.
    """
    grid = target_grid(mask, spacing_mm)
    if interpolation == "linear":
        return _resample_linear(mask, grid, region, np.uint8)
    low, size = region or grid.whole
    if np.count_nonzero(mask.GetDirection()) > 3:
        # which voxel is the nearest may hang on the last bit of its place: no shorter way than all
        every = _resample(mask, grid, grid.whole, sitk.sitkNearestNeighbor, mask.GetPixelID())
        return sitk.RegionOfInterest(every, size.tolist(), low.tolist())
    nearest = [
        _nearest(mask, grid, axis)[start : start + count]
        for axis, (start, count) in enumerate(zip(low, size, strict=True))
    ]
    values = sitk.GetArrayViewFromImage(mask)[np.ix_(*nearest[::-1])]
    return place_part(values, grid, low)


def reached(mask: sitk.Image, grid: Grid) -> Region:
    """Return the part of the new grid that the voxels of a mask can reach."""
    low, size = box_of(sitk.GetArrayViewFromImage(mask))
    return between(low - 1, low + size, mask, grid)


def between(low: np.ndarray, high: np.ndarray, image: sitk.Image, grid: Grid) -> Region:
    """Return the new voxels between two indices of an image, and one more on each side.

    The grids share centre and axes. The last new voxel lies half a voxel beyond the last old one at
    most: it belongs to that.
    """
    scale = np.divide(image.GetSpacing(), grid.first.GetSpacing())
    old, new = ((np.array(size) - 1) / 2 for size in (image.GetSize(), grid.size))
    first = np.floor((low - old) * scale + new).astype(int) - 1
    last = np.ceil((high - old) * scale + new).astype(int) + 1
    return grown((first, last + 1 - first), 0, grid.size)


def place_part(values: np.ndarray, grid: Grid, low: np.ndarray) -> sitk.Image:
    """Return values, (slices, rows, columns), as the part of a grid that begins at an index.

    The part lies where a NIfTI file, in single precision, would put it in the whole.
    """
    part = place(values, grid.first)
    steps = np.reshape(grid.first.GetDirection(), (3, 3)) * grid.first.GetSpacing()
    part.SetOrigin((np.float32(grid.first.GetOrigin()).astype(float) + steps @ low).tolist())
    return part


def _nearest(image: sitk.Image, grid: Grid, axis: int) -> np.ndarray:
    """Return which voxel of an image is nearest to each of an upright grid along an axis.

    SimpleITK answers for a line along the axis that holds the voxels' numbers: at ties, common at
    1 mm from 2.5 or 0.5 mm, the answer is then the one for the whole volume.
    """
    shape, size = np.ones(3, int), np.ones(3, int)
    shape[2 - axis], size[axis] = image.GetSize()[axis], grid.size[axis]
    numbers = place(np.arange(shape.max(), dtype=np.int32).reshape(shape), image)
    line = _resample(
        numbers, grid, (np.zeros(3, int), size), sitk.sitkNearestNeighbor, sitk.sitkInt32
    )
    return sitk.GetArrayFromImage(line).ravel()


def _resample_linear(
    image: sitk.Image, grid: Grid, region: Region | None, kind: type
) -> sitk.Image:
    """Interpolate linearly and round to whole numbers, halves up, in slabs to spare memory."""
    low, size = region or grid.whole
    values = np.empty(size[::-1], dtype=kind)
    for start in range(0, size[2], SLAB):
        slab = np.add(low, (0, 0, start)), np.append(size[:2], min(SLAB, size[2] - start))
        interpolated = _resample(image, grid, slab, sitk.sitkLinear, sitk.sitkFloat64)
        found = sitk.GetArrayViewFromImage(interpolated)
        # A half is one whatever floating point adds to it or takes away.
        values[start : start + SLAB] = np.floor(np.round(found, DECIMALS) + 0.5)
    return place_part(values, grid, low)


def _resample(
    image: sitk.Image, grid: Grid, region: Region, interpolator: int, kind: int
) -> sitk.Image:
    low, size = region
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize(size.tolist())
    resampler.SetOutputOrigin(grid.first.TransformIndexToPhysicalPoint(low.tolist()))
    resampler.SetOutputSpacing(grid.first.GetSpacing())
    resampler.SetOutputDirection(grid.first.GetDirection())
    resampler.SetInterpolator(interpolator)
    # The last new voxel's centre can lie a little outside the old volume.
    resampler.UseNearestNeighborExtrapolatorOn()
    resampler.SetOutputPixelType(kind)
    return resampler.Execute(image)
