"""A patient's imported volumes in memory, axes turned as a reader looks at them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.files.volumes.stored import mask_files, read_volume


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
    images : tuple of SimpleITK.Image
        Whose memory the arrays show.
    """

    hu: np.ndarray
    masks: dict[str, np.ndarray]
    spacing_mm: tuple[float, ...]
    origin_mm: tuple[float, ...]
    images: tuple[sitk.Image, ...] = ()


def read_volumes(folder: Path) -> Volumes:
    """Read the volumes of an imported patient: ``ct.nii.gz`` and ``mask_*.nii.gz``."""
    ct = _read_turned(folder / "ct.nii.gz")
    readings = {name: _read_turned(file) for name, file in mask_files(folder).items()}
    return Volumes(
        hu=sitk.GetArrayViewFromImage(ct),
        # Masks are imported as 8-bit 0 and 1, which is a boolean to numpy without a copy.
        masks={
            name: sitk.GetArrayViewFromImage(mask).view(bool) for name, mask in readings.items()
        },
        spacing_mm=ct.GetSpacing()[::-1],
        origin_mm=ct.GetOrigin()[::-1],
        images=(ct, *readings.values()),
    )


def _read_turned(file: Path) -> sitk.Image:
    """Read a volume with x to the left, y to the back and z to the head."""
    image = read_volume(file, output=file.parent)
    turn = sitk.DICOMOrientImageFilter()
    turn.SetDesiredCoordinateOrientation("LPS")
    lies_so = turn.GetOrientationFromDirectionCosines(image.GetDirection()) == "LPS"
    return image if lies_so else turn.Execute(image)
