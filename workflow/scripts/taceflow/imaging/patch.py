"""The patch: the tumour's box of the 1 mm CT, HU mapped to [0, 1], for the network alone."""

import logging

import numpy as np
import SimpleITK as sitk

logger = logging.getLogger(__name__)


def cut_patch(*, ct: str, mask: str, patch: str, margin_mm: float, window_hu: list[float]) -> None:
    """Cut the tumour's box out of a resampled CT.

    Parameters
    ----------
    ct, mask : str
        Resampled CT (HU) and mask.
    patch : str
        File to be written: 32-bit float in [0, 1].
    margin_mm : float
        Added on each side of the mask's box; beyond the border the patch is padded with the
        window's lower end, never cut.
    window_hu : list of float
        Lowest and highest HU; values outside are clipped.
    """
    image = tumour_box(sitk.ReadImage(ct), sitk.ReadImage(mask), margin_mm, window_hu[0])
    low, high = window_hu
    values = (sitk.GetArrayFromImage(image).astype(np.float64) - low) / (high - low)
    scaled = sitk.GetImageFromArray(values.clip(0, 1).astype(np.float32))
    scaled.CopyInformation(image)
    sitk.WriteImage(scaled, patch, useCompression=True, compressionLevel=1)
    logger.info("patch of %s voxels", scaled.GetSize())


def tumour_box(image: sitk.Image, mask: sitk.Image, margin_mm: float, padding: float) -> sitk.Image:
    """Return the image within the mask's bounding box plus a margin.

    Parameters
    ----------
    image, mask : SimpleITK.Image
        On one grid; the mask holds at least one voxel.
    margin_mm : float
        Margin on each side.
    padding : float
        Value beyond the border of the image.

    Returns
    -------
    SimpleITK.Image
        At its place in space.
    """
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(sitk.Cast(mask > 0, sitk.sitkUInt8))
    box = np.array(shape.GetBoundingBox(1))
    margin = np.ceil(margin_mm / np.array(image.GetSpacing())).astype(int)
    low = box[:3] - margin
    high = box[:3] + box[3:] + margin
    before = np.maximum(0, -low)
    after = np.maximum(0, high - np.array(image.GetSize()))
    if before.any() or after.any():
        image = sitk.ConstantPad(image, before.tolist(), after.tolist(), padding)
        low, high = low + before, high + before
    return sitk.RegionOfInterest(image, (high - low).tolist(), low.tolist())
