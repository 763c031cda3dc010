"""The patch: the tumour's box of the 1 mm CT, HU mapped to [0, 1], for the network alone."""

import logging
import math
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.errors import InputError
from taceflow.files.volumes.file import place
from taceflow.files.volumes.stored import FAST, read_volume, write_volume
from taceflow.imaging.crop import Crop, Reach, Region, box_of

_LOG = logging.getLogger(__name__)


def cut_patch(*, ct: str, mask: str, patch: str, margin_mm: float, window_hu: list[float]) -> None:
    """Cut the tumour's box out of a resampled CT.

    Parameters
    ----------
    ct, mask : str
        Resampled CT (HU) and mask, beside ``crop.json``.
    patch : str
        File to be written: 32-bit float in [0, 1].
    margin_mm : float
        Added on each side of the mask's box; beyond the border the patch is padded with the
        window's lower end, never cut.
    window_hu : list of float
        Lowest and highest HU; values outside are clipped.

    Raises
    ------
    InputError
        If the CT is not in whole HU, for which NaN is the usual reason.
    """
    output = Path(ct).parent
    volume = read_volume(ct, output=output)
    if volume.GetPixelID() != sitk.sitkInt16:
        # ITK reads NaN in a NIfTI file as 0 HU: a type that cannot hold it is the only guard.
        raise InputError(
            f"the resampled CT is {volume.GetPixelIDTypeAsString()}, expected whole HU",
            file=Path(ct).name,
            remedy="Remove the folder resampled/ of this patient and run again",
        )
    low, high = window_hu
    box = box_of(sitk.GetArrayFromImage(read_volume(mask, output=output)))
    look = Reach(mm=margin_mm, voxels=0, goes_round=0)
    Crop.read(output).check(box, look, volume.GetSpacing())
    part = tumour_box(volume, box, margin_mm, math.floor(low))
    # The network looks at axial slices, back below: a turn of the axes, nothing is interpolated.
    image = sitk.DICOMOrient(part, "LPS")
    values = (sitk.GetArrayFromImage(image).astype(np.float64) - low) / (high - low)
    scaled = place(values.clip(0, 1).astype(np.float32), image)
    write_volume(scaled, patch, level=FAST)
    _LOG.info("patch of %s voxels", scaled.GetSize())


def tumour_box(image: sitk.Image, box: Region, margin_mm: float, padding: float) -> sitk.Image:
    """Return the image within the box of a mask, not empty, plus a margin on each side.

    Beyond the border of the image it has the value `padding`; it keeps its place in space.
    """
    margin = np.ceil(margin_mm / np.array(image.GetSpacing())).astype(int)
    low = box[0] - margin
    high = box[0] + box[1] + margin
    before = np.maximum(0, -low)
    after = np.maximum(0, high - np.array(image.GetSize()))
    if before.any() or after.any():
        image = sitk.ConstantPad(image, before.tolist(), after.tolist(), padding)
        low, high = low + before, high + before
    return sitk.RegionOfInterest(image, (high - low).tolist(), low.tolist())
