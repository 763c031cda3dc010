"""Resampling to the study's grid, as the IBSI manual aligns it."""

import logging
import math
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.files.atomic import atomic_folder
from taceflow.files.volumes.file import place
from taceflow.files.volumes.stored import FAST, mask_files, read_volume, write_volume

_LOG = logging.getLogger(__name__)

SLAB = 32
"""Slices that are held in double precision at a time."""

DECIMALS = 6
"""To which interpolated values count: floating point leaves 1e-12."""


def target_grid(image: sitk.Image, spacing_mm: list[float]) -> sitk.Image:
    """Return an empty grid of the wanted spacing whose centre is the image's centre.

    Parameters
    ----------
    image : SimpleITK.Image
        The volume to be resampled.
    spacing_mm : list of float
        The new spacing, x, y, z.

    Returns
    -------
    SimpleITK.Image
        8-bit, all zero.

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
    grid = sitk.Image(size, sitk.sitkUInt8)
    grid.SetSpacing(spacing_mm)
    grid.SetDirection(image.GetDirection())
    corner = grid.TransformContinuousIndexToPhysicalPoint([(count - 1) / 2 for count in size])
    grid.SetOrigin([here - there for here, there in zip(centre, corner, strict=True)])
    return grid


def resample_ct(image: sitk.Image, spacing_mm: list[float]) -> sitk.Image:
    """Resample a CT linearly and round it to whole HU (16-bit); the new spacing is x, y, z."""
    return _resample_linear(image, spacing_mm, np.int16)


def resample_mask(
    mask: sitk.Image, spacing_mm: list[float], interpolation: str = "nearest"
) -> sitk.Image:
    """Resample a mask, 0 and 1; the new spacing is x, y, z.

    By nearest neighbour as the study's, or as IBSI has it: linear and cut at 0.5.
    """
    if interpolation == "linear":
        return _resample_linear(mask, spacing_mm, np.uint8)
    grid = target_grid(mask, spacing_mm)
    return _resample(mask, grid, sitk.sitkNearestNeighbor, mask.GetPixelID())


def resample_patient(
    *, volumes: str, resampled: str, spacing_mm: list[float], mask_interpolation: str
) -> None:
    """Resample a patient's CT and masks.

    Parameters
    ----------
    volumes : str
        Folder with ``ct.nii.gz`` and ``mask_*.nii.gz`` on the original grid.
    resampled : str
        Folder to be filled with the same names.
    spacing_mm : list of float
        The new spacing, x, y, z.
    mask_interpolation : {"nearest", "linear"}
        See `resample_mask`.
    """
    source = Path(volumes)
    with atomic_folder(resampled) as target:
        ct = resample_ct(read_volume(source / "ct.nii.gz", output=source), spacing_mm)
        write_volume(ct, target / "ct.nii.gz", level=FAST)
        for file in mask_files(source).values():
            mask = read_volume(file, output=source)
            write_volume(resample_mask(mask, spacing_mm, mask_interpolation), target / file.name)
    _LOG.info("resampled to %s voxels of %s mm", ct.GetSize(), spacing_mm)


def _resample_linear(image: sitk.Image, spacing_mm: list[float], kind: type) -> sitk.Image:
    """Interpolate linearly and round to whole numbers, halves up, in slabs to spare memory."""
    grid = target_grid(image, spacing_mm)
    columns, rows, slices = grid.GetSize()
    whole = np.empty((slices, rows, columns), dtype=kind)
    for start in range(0, slices, SLAB):
        slab = _resample(image, grid[:, :, start : start + SLAB], sitk.sitkLinear, sitk.sitkFloat64)
        values = sitk.GetArrayViewFromImage(slab)
        # A half is one whatever floating point adds to it or takes away.
        whole[start : start + SLAB] = np.floor(np.round(values, DECIMALS) + 0.5)
    return place(whole, grid)


def _resample(image: sitk.Image, grid: sitk.Image, interpolator: int, kind: int) -> sitk.Image:
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(grid)
    resampler.SetInterpolator(interpolator)
    # The last new voxel's centre can lie a little outside the old volume.
    resampler.UseNearestNeighborExtrapolatorOn()
    resampler.SetOutputPixelType(kind)
    return resampler.Execute(image)
