"""Whether the header of an image file describes a grid in space that can be believed."""

import math

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError

MOST_VOXELS = 2**30
"""1,024 slices of 1,024 x 1,024, twice: what is larger is a damaged header."""

RIGHT_ANGLE_TOLERANCE = 1e-3
"""Of direction cosines: coarser than what single precision and rounding leave."""

SCALE_TOLERANCE = 0.01
"""Relative difference up to which two voxel sizes of one header are the same."""

SAME_DIRECTION = 2e-3
"""Of direction cosines of a qform and its sform: half a turn in single precision leaves 1e-3."""

SAME_ORIGIN_VOXELS = 0.1
"""Of their origins, which both state as they are."""


def check_forms(forms: tuple[np.ndarray, np.ndarray], where: dict[str, str]) -> None:
    """Refuse a NIfTI header whose two geometries differ: programs believe one or the other.

    Parameters
    ----------
    forms : tuple of numpy.ndarray
        From voxels to mm by the qform and by the sform, shape (3, 4) each.
    where : dict
        Stage, patient and file for the message.

    Raises
    ------
    ExclusionError
        If they put the voxels at different places; sizes of voxels are compared by
        `check_geometry`.
    """
    (turn, origin), (other_turn, other_origin) = ((one[:, :3], one[:, 3]) for one in forms)
    sizes, other_sizes = (np.linalg.norm(one, axis=0) for one in (turn, other_turn))
    apart = np.abs(np.linalg.solve(turn, other_origin - origin)).max()
    if (
        np.abs(turn / sizes - other_turn / other_sizes).max() > SAME_DIRECTION
        or apart > SAME_ORIGIN_VOXELS
    ):
        raise ExclusionError(
            "its qform and its sform disagree on where the voxels are",
            remedy="Find out which is right and write the other one anew",
            **where,
        )


def check_geometry(header: sitk.ImageFileReader | sitk.Image, where: dict[str, str]) -> None:
    """Refuse a header whose grid is none, or which SimpleITK would mend without a word.

    Parameters
    ----------
    header : SimpleITK.ImageFileReader or SimpleITK.Image
        Of a 3-D image.
    where : dict
        Stage, patient and file for the message.

    Raises
    ------
    ExclusionError
        If spacing, directions or size cannot be used, or a NIfTI header contradicts itself.
    """
    spacing = np.array(header.GetSpacing())
    directions = np.reshape(header.GetDirection(), (3, 3))
    if not (np.isfinite(spacing).all() and (spacing > 0).all()):
        raise ExclusionError("its voxel spacing is 0, negative or no number", **where)
    if not np.isfinite([*directions.ravel(), *header.GetOrigin()]).all():
        raise ExclusionError("its orientation or origin is no number", **where)
    if np.abs(directions.T @ directions - np.eye(3)).max() > RIGHT_ANGLE_TOLERANCE:
        raise ExclusionError(
            "its axes are not at right angles",
            remedy="Resample it to an upright grid, or export it again",
            **where,
        )
    if (voxels := math.prod(header.GetSize())) > MOST_VOXELS:
        raise ExclusionError(f"its header names {voxels:,} voxels", **where)
    if header.HasMetaDataKey("sform_code"):
        _check_sform(header, where)


def _check_sform(header: sitk.ImageFileReader | sitk.Image, where: dict[str, str]) -> None:
    """Compare the two geometries of a NIfTI header; SimpleITK takes the spacing of the first."""
    pixdim = np.array([float(header.GetMetaData(f"pixdim[{axis}]")) for axis in (1, 2, 3)])
    if int(header.GetMetaData("sform_code")) > 0:
        rows = [header.GetMetaData(f"srow_{axis}").split()[:3] for axis in "xyz"]
        sizes = np.linalg.norm(np.array(rows, dtype=float), axis=0)
        if not np.allclose(sizes, pixdim, rtol=SCALE_TOLERANCE, atol=0):
            raise ExclusionError(
                f"its sform states voxels of {_mm(sizes)} mm, its pixdim of {_mm(pixdim)} mm",
                remedy="Find out which is right and write the other one anew",
                **where,
            )
    elif int(header.GetMetaData("qform_code")) > 0:
        turn = [float(header.GetMetaData(f"quatern_{part}")) for part in "bcd"]
        if not math.hypot(*turn) <= 1 + SCALE_TOLERANCE:
            raise ExclusionError("its qform is no rotation", **where)


def _mm(sizes: np.ndarray) -> str:
    return " x ".join(f"{size:g}" for size in sizes)
