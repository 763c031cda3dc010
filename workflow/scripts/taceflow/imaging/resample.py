"""Resampling to the study's grid, as the IBSI manual aligns it."""

import logging
import math
from pathlib import Path

import SimpleITK as sitk

logger = logging.getLogger(__name__)


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
    """Resample a CT linearly and round it to whole HU.

    Parameters
    ----------
    image : SimpleITK.Image
        HU.
    spacing_mm : list of float
        The new spacing, x, y, z.

    Returns
    -------
    SimpleITK.Image
        16-bit integers.
    """
    smooth = _resample(sitk.Cast(image, sitk.sitkFloat64), spacing_mm, sitk.sitkLinear)
    return sitk.Cast(sitk.Round(smooth), sitk.sitkInt16)


def resample_mask(
    mask: sitk.Image, spacing_mm: list[float], interpolation: str = "nearest"
) -> sitk.Image:
    """Resample a mask.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1.
    spacing_mm : list of float
        The new spacing, x, y, z.
    interpolation : {"nearest", "linear"}
        The study's, or IBSI's: linear and cut at 0.5.

    Returns
    -------
    SimpleITK.Image
        8-bit, 0 and 1.
    """
    if interpolation == "linear":
        return _resample(sitk.Cast(mask, sitk.sitkFloat64), spacing_mm, sitk.sitkLinear) >= 0.5
    return _resample(mask, spacing_mm, sitk.sitkNearestNeighbor)


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
    source, target = Path(volumes), Path(resampled)
    target.mkdir(parents=True, exist_ok=True)
    ct = resample_ct(sitk.ReadImage(str(source / "ct.nii.gz")), spacing_mm)
    sitk.WriteImage(ct, str(target / "ct.nii.gz"), useCompression=True, compressionLevel=1)
    for file in sorted(source.glob("mask_*.nii.gz")):
        mask = resample_mask(sitk.ReadImage(str(file)), spacing_mm, mask_interpolation)
        sitk.WriteImage(mask, str(target / file.name), useCompression=True)
    logger.info("resampled to %s voxels of %s mm", ct.GetSize(), spacing_mm)


def _resample(image: sitk.Image, spacing_mm: list[float], interpolator: int) -> sitk.Image:
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(target_grid(image, spacing_mm))
    resampler.SetInterpolator(interpolator)
    # The last new voxel's centre can lie a little outside the old volume.
    resampler.UseNearestNeighborExtrapolatorOn()
    resampler.SetOutputPixelType(image.GetPixelID())
    return resampler.Execute(image)
