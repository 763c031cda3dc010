"""The part of a mask whose intensities count."""

from typing import Any

import SimpleITK as sitk
from radiomics import imageoperations

from taceflow.errors import InputError


def intensity_mask(
    ct: sitk.Image, mask: sitk.Image, setting: dict[str, Any], *, patient: str | None = None
) -> sitk.Image:
    """Leave out the voxels beyond ``resegmentRange``; shape is measured on the whole mask.

    Parameters
    ----------
    ct : SimpleITK.Image
        HU.
    mask : SimpleITK.Image
        0 and 1, on the grid of the CT.
    setting : dict
        PyRadiomics' settings: ``resegmentRange`` in HU, with ``resegmentMode`` "sigma" in standard
        deviations around the mean, with "relative" in parts of the maximum.
    patient : str, optional
        For the message.

    Returns
    -------
    SimpleITK.Image
        The mask itself if there is no such setting.

    Raises
    ------
    InputError
        If fewer than two voxels are left.

    Notes
    -----
    IBSI's intensity mask and morphological mask (reference manual, arXiv 1612.07003, section 2.5).
    """
    if setting.get("resegmentRange") is None:
        return mask
    try:
        kept = imageoperations.resegmentMask(ct, mask, **setting)
    except ValueError as error:
        raise InputError(
            f"fewer than two voxels lie within setting.resegmentRange {setting['resegmentRange']}",
            patient=patient,
            remedy="Widen the range in the panel's file",
        ) from error
    return sitk.Cast(kept, mask.GetPixelID())
