"""Voxel grids in space: whether two are the same, and carrying a mask from one to another."""

import itertools

import numpy as np
import SimpleITK as sitk

from taceflow.imaging.masks.mask_file import MaskFile

GRID_TOLERANCE_VOXELS = 0.1
"""Largest offset of a voxel from that of the CT: headers round to 1e-3 mm, while a wrong convention
(a voxel's corner for its centre) shifts by half a voxel."""

SPACING_TOLERANCE = 0.01
"""Relative difference up to which two spacings are meant to be the same."""

DRIFT_VOXELS = 0.45
"""How far the last slice may be off if the first lies right: a spacing that a header rounds. Each
slice still lies nearest to the one that it was drawn on."""

VOLUME_RATIO = (0.8, 1.25)
"""What nearest neighbour may make of a mask's volume."""


def index_of(points_mm: np.ndarray, image: sitk.Image) -> np.ndarray:
    """Return the column, row and slice (continuous) of points in LPS, both of shape (n, 3)."""
    steps = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    return np.linalg.solve(steps, (points_mm - np.asarray(image.GetOrigin())).T).T


def same_grid(one: sitk.Image, other: sitk.Image) -> bool:
    """Tell whether two images have the same voxels in space, in the same order."""
    if one.GetSize() != other.GetSize():
        return False
    return bool(_offsets(one, other).max() <= GRID_TOLERANCE_VOXELS)


def bring_to_grid(mask: sitk.Image, source: MaskFile, *, trusted: bool) -> sitk.Image:
    """Bring a mask to the grid of the CT by nearest neighbour.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1, as `source` holds it.
    source : MaskFile
        With the CT.
    trusted : bool
        Whether the geometry is believed as it stands, as that of a DICOM object; not that of a
        label image, which programs write without the CT's.

    Raises
    ------
    ExclusionError
        If the mask has the CT's size and spacing (or none) but not its place, as faulty exports
        write it, if its voxels are the CT's but for the place of the slices, or if it would lose or
        gain volume on the way.
    """
    reference = source.ct.image
    turned = sitk.DICOMOrient(mask, _axes_of(reference))
    if same_grid(turned, reference) or _only_rounded(turned, reference):
        turned.CopyInformation(reference)
        return turned
    _check_slices(turned, source)
    if not trusted and _looks_lost(mask, reference) and not _same_box(mask, reference):
        raise source.refusal(
            "has as many voxels as the CT but lies elsewhere, as if an export lost its geometry",
            remedy="Export the mask again on the CT that is used, or resample it to that CT",
        )
    _check_pixels(turned, source)
    moved = sitk.Resample(mask, reference, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    before, after = volume_ml(mask), volume_ml(moved)
    if before > 0 and not VOLUME_RATIO[0] <= after / before <= VOLUME_RATIO[1]:
        raise source.refusal(
            f"lies on another grid than the CT: {before:.2f} mL become {after:.2f} mL there",
            remedy="Export the mask on the grid of the CT, or check that they belong together",
        )
    source.notes.append(
        f"carried from its own grid to the CT's: {before:.2f} mL become {after:.2f} mL"
    )
    return moved


def volume_ml(mask: sitk.Image) -> float:
    """Return the volume of a mask."""
    return float(sitk.GetArrayViewFromImage(mask).sum() * np.prod(mask.GetSpacing()) / 1000)


def _axes_of(image: sitk.Image) -> str:
    """Return where the axes of an image lead, such as LPS."""
    orient = sitk.DICOMOrientImageFilter()
    return orient.GetOrientationFromDirectionCosines(image.GetDirection())


def _offsets(one: sitk.Image, other: sitk.Image) -> np.ndarray:
    """Return how far the corners of an image are from another's, in the other's voxels, (8, 3)."""
    points, corners = _corners_mm(one)
    return np.abs(index_of(points, other) - corners)


def _only_rounded(mask: sitk.Image, reference: sitk.Image) -> bool:
    """Tell whether a mask's slices leave the CT's little by little, for want of decimals."""
    if mask.GetSize() != reference.GetSize():
        return False
    off = _offsets(mask, reference)
    nearest_end = min(off[::2, 2].max(), off[1::2, 2].max())
    return bool(
        off[:, :2].max() <= GRID_TOLERANCE_VOXELS
        and nearest_end <= GRID_TOLERANCE_VOXELS
        and off.max() <= DRIFT_VOXELS
    )


def _check_slices(mask: sitk.Image, source: MaskFile) -> None:
    """Refuse the CT's own matrix with slices of another spacing: they would be another place's."""
    reference = source.ct.image
    gap, wanted, slices = mask.GetSpacing()[2], reference.GetSpacing()[2], mask.GetSize()[2]
    if (
        mask.GetSize() == reference.GetSize()
        and _offsets(mask, reference)[:, :2].max() <= 1
        and abs(gap - wanted) * (slices - 1) > GRID_TOLERANCE_VOXELS * wanted
    ):
        raise source.refusal(
            f"has as many voxels as the CT, but slices every {gap:.5g} mm where the CT has "
            f"{wanted:.5g} mm",
            remedy="Export the mask on the CT that is used: a header that takes the slices' "
            "thickness or their first gap for their spacing puts the mask elsewhere",
        )


def _check_pixels(mask: sitk.Image, source: MaskFile) -> None:
    """Refuse the CT's own matrix and corner with pixels of another size.

    A scanner's other field of view has its centre where the first one has it, and no corner.
    """
    reference = source.ct.image
    own, wanted = (np.array(image.GetSpacing()) for image in (mask, reference))
    if (
        mask.GetSize() == reference.GetSize()
        and np.abs(own / wanted - 1).max() > SPACING_TOLERANCE
        and _offsets(mask, reference).max(axis=1).min() <= GRID_TOLERANCE_VOXELS
    ):
        sizes = [" x ".join(f"{mm:.5g}" for mm in spacing) for spacing in (own, wanted)]
        raise source.refusal(
            f"has as many voxels as the CT and begins where it does, but they measure {sizes[0]} "
            f"mm where the CT has {sizes[1]} mm",
            remedy="Export the mask on the CT that is used: a header without the CT's pixel "
            "spacing puts the mask elsewhere",
        )


def _looks_lost(mask: sitk.Image, reference: sitk.Image) -> bool:
    """Tell whether a mask has the CT's axes, in any order, with their spacing or with none (1)."""
    own, other = (
        np.array(sorted(zip(image.GetSize(), image.GetSpacing(), strict=True)))
        for image in (mask, reference)
    )
    same_spacing = np.allclose(own[:, 1], other[:, 1], rtol=SPACING_TOLERANCE, atol=0)
    return np.array_equal(own[:, 0], other[:, 0]) and (same_spacing or bool((own[:, 1] == 1).all()))


def _same_box(one: sitk.Image, other: sitk.Image) -> bool:
    """Tell whether the corners coincide: the same voxels, counted along other axes."""
    index = index_of(_corners_mm(one)[0], other)
    offsets = np.abs(index[:, None] - _corners_mm(other)[1]).max(axis=2)
    return bool(offsets.min(axis=0).max() <= GRID_TOLERANCE_VOXELS)


def _corners_mm(image: sitk.Image) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres of the corner voxels, in space and as indices, shapes (8, 3)."""
    corners = np.array(list(itertools.product(*((0, count - 1) for count in image.GetSize()))))
    points = [image.TransformIndexToPhysicalPoint(corner.tolist()) for corner in corners]
    return np.array(points), corners
