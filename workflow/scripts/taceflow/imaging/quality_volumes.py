"""A patient's imported volumes in memory, axes turned as a reader looks at them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk


@dataclass(frozen=True)
class Volumes:
    """A CT and every reading of its tumour, axes turned to head, back and left.

    Attributes
    ----------
    hu : numpy.ndarray of shape (slices, rows, columns)
        Whole HU.
    masks : dict of str to numpy.ndarray of bool
        By reading, ``reader1-1`` first.
    spacing_mm : tuple of float
        In the order of the axes.
    origin_mm : tuple of float
        Position of the first voxel in the patient, in the order of the axes.
    """

    hu: np.ndarray
    masks: dict[str, np.ndarray]
    spacing_mm: tuple[float, ...]
    origin_mm: tuple[float, ...]


def read_volumes(folder: Path) -> Volumes:
    """Read the volumes of an imported patient.

    Parameters
    ----------
    folder : Path
        With ``ct.nii.gz`` and ``mask_*.nii.gz``.

    Returns
    -------
    Volumes
    """
    # Axes are turned so that x goes to the left, y to the back and z to the head.
    ct = sitk.DICOMOrient(sitk.ReadImage(str(folder / "ct.nii.gz")), "LPS")
    # Masks are imported as 8-bit 0 and 1, which is a boolean to numpy without a copy.
    masks = {
        file.name.removeprefix("mask_").removesuffix(".nii.gz"): sitk.GetArrayFromImage(
            sitk.DICOMOrient(sitk.ReadImage(str(file)), "LPS")
        ).view(bool)
        for file in sorted(folder.glob("mask_*.nii.gz"))
    }
    return Volumes(
        sitk.GetArrayFromImage(ct), masks, tuple(ct.GetSpacing()[::-1]), tuple(ct.GetOrigin()[::-1])
    )
