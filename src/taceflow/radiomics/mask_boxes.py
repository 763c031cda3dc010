"""The masks of one patient: checked against the CT, and their boxes."""

from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import InputError
from taceflow.imaging.crop import Region, box_of
from taceflow.wording.counts import agreeing, counted

GEOMETRY_TOLERANCE = 1e-4
"""Of a voxel's size, and of direction cosines: what NIfTI's single precision loses. A panel may set
PyRadiomics' ``geometryTolerance``."""

MINIMUM_VOXELS = 2
"""PyRadiomics cannot compute the features of one voxel."""

REMEDY = "Look at the patient's picture in qc/: is the mask in the tumour?"


def check_ct(ct: sitk.Image, patient: str | None = None) -> None:
    """Refuse a CT with values that are not finite.

    Raises
    ------
    InputError
        With their number.
    """
    values = sitk.GetArrayViewFromImage(ct)
    if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
        broken = np.count_nonzero(~np.isfinite(values))
        raise InputError(
            f"the CT holds {counted(broken, 'value')} that {agreeing(broken, 'is', 'are')} not "
            "finite",
            patient=patient,
            remedy="Export the scan anew, in HU",
        )


def mask_box(
    ct: sitk.Image,
    name: Any,
    mask: sitk.Image,
    *,
    tolerance: float = GEOMETRY_TOLERANCE,
    minimum_voxels: int = MINIMUM_VOXELS,
    patient: str | None = None,
) -> Region:
    """Check that a mask can be measured, and return its box.

    Parameters
    ----------
    ct : SimpleITK.Image
        The image it was drawn on.
    name : str, int or tuple
        The reading, or reading and rank of a tumour.
    mask : SimpleITK.Image
        0 and 1.
    tolerance : float
        How far the grids may differ, in parts of a voxel.
    minimum_voxels : int
        Fewer are refused.
    patient : str, optional
        For the message.

    Returns
    -------
    tuple of ndarray
        Lowest index and size, x, y, z.

    Raises
    ------
    InputError
        Where PyRadiomics raises an error without a name, or returns zeros: another grid than the
        CT's, another label than 1, nothing in it, one voxel, a line, or too few voxels.
    """
    title = f"the mask {', tumour '.join(map(str, name)) if isinstance(name, tuple) else name}"

    def refusal(problem: str, remedy: str = REMEDY) -> InputError:
        return InputError(f"{title} {problem}", patient=patient, remedy=remedy)

    if not _same_grid(ct, mask, tolerance):
        raise refusal("does not lie on the grid of the CT", "Delete resampled/ and run again")
    values = sitk.GetArrayViewFromImage(mask)
    inside = values == 1
    if (inside != values).any():
        raise refusal("holds other values than 0 and 1", "Name the region in roi")
    count = int(np.count_nonzero(inside))
    if not count:
        raise refusal("is empty")
    if count < max(minimum_voxels, MINIMUM_VOXELS):
        raise refusal(
            f"has {counted(count, 'voxel')}, fewer than {max(minimum_voxels, MINIMUM_VOXELS)}"
        )
    low, size = box_of(inside)
    if (size > 1).sum() < 2:
        raise refusal(f"is a line of {counted(count, 'voxel')}")
    return low, size


def count_voxels(mask: sitk.Image) -> int:
    """Return the voxels of a mask."""
    return int(np.count_nonzero(sitk.GetArrayViewFromImage(mask)))


def _same_grid(ct: sitk.Image, mask: sitk.Image, tolerance: float) -> bool:
    if ct.GetSize() != mask.GetSize():
        return False
    reach = tolerance * np.array(ct.GetSpacing())
    return bool(
        (np.abs(np.subtract(ct.GetOrigin(), mask.GetOrigin())) <= reach).all()
        and (np.abs(np.subtract(ct.GetSpacing(), mask.GetSpacing())) <= reach).all()
        and np.allclose(ct.GetDirection(), mask.GetDirection(), atol=tolerance, rtol=0)
    )
