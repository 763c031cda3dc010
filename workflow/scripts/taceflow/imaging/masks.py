"""Masks of every kind that readers hand over, on the grid of the CT."""

import logging
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import SimpleITK as sitk
from matplotlib.path import Path as Polygon

from taceflow.errors import ExclusionError

logger = logging.getLogger(__name__)

STAGE = "segmentation"
GRID_TOLERANCE_MM = 0.01
SEG_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
LABELMAP_SEG_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7"
RTSTRUCT_STORAGE = "1.2.840.10008.5.1.4.1.1.481.3"


def load_mask(file: str, roi: str, reference: sitk.Image, *, patient: str) -> sitk.Image:
    """Read a mask and bring it to the grid of the CT.

    Parameters
    ----------
    file : str
        NIfTI, NRRD, MHA, DICOM-SEG or RTSTRUCT.
    roi : str
        Label value, segment label or ROI name; "" takes the only one there is.
    reference : SimpleITK.Image
        The CT.
    patient : str
        For the message.

    Returns
    -------
    SimpleITK.Image
        8-bit, 0 and 1, on the grid of `reference`.

    Raises
    ------
    ExclusionError
        If the file, the region or its place cannot be used.
    """
    where = {"stage": STAGE, "patient": patient, "file": Path(file).name}
    kind = _dicom_class(Path(file))
    if kind in (SEG_STORAGE, LABELMAP_SEG_STORAGE):
        mask = _read_segmentation(Path(file), roi, where)
    elif kind == RTSTRUCT_STORAGE:
        return _draw_contours(Path(file), roi, reference, where)
    elif kind is not None:
        raise ExclusionError("is neither a DICOM-SEG nor an RTSTRUCT", **where)
    else:
        mask = _read_labels(Path(file), roi, where)
    return _on_grid(mask, reference, where)


def _dicom_class(file: Path) -> str | None:
    """Return the SOP class of a DICOM file, None for any other file."""
    try:
        header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["SOPClassUID"])
        return str(header.get("SOPClassUID"))
    except pydicom.errors.InvalidDicomError:
        return None


def _choose_region(roi: str, regions: dict[str, int], where: dict[str, str]) -> int:
    """Return the number of the region called `roi`, or of the only one."""
    if roi and roi in regions:
        return regions[roi]
    if roi.isdigit() and int(roi) in regions.values():
        return int(roi)
    if not roi and len(regions) == 1:
        return next(iter(regions.values()))
    raise ExclusionError(
        f"region '{roi}' is not there" if roi else "the file holds several regions",
        remedy=f"Set roi in the table of segmentations to one of: {', '.join(map(repr, regions))}",
        **where,
    )


def _read_labels(file: Path, roi: str, where: dict[str, str]) -> sitk.Image:
    """Read a label image, e.g. from 3D Slicer or ITK-SNAP."""
    try:
        image = sitk.ReadImage(str(file))
    except RuntimeError as error:
        raise ExclusionError("cannot be read as an image", **where) from error
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise ExclusionError(f"is no 3-D label image but {image.GetDimension()}-D", **where)
    values = sitk.GetArrayViewFromImage(image)
    labels = {str(int(value)): int(value) for value in np.unique(np.round(values)) if value != 0}
    if not labels:
        chosen = 1
    elif not roi and len(labels) == 1:
        chosen = next(iter(labels.values()))
    else:
        chosen = _choose_region(roi, labels, where)
    return sitk.BinaryThreshold(
        sitk.Cast(image, sitk.sitkFloat32), chosen - 0.5, chosen + 0.5, 1, 0
    )


def _read_segmentation(file: Path, roi: str, where: dict[str, str]) -> sitk.Image:
    """Read one segment of a DICOM segmentation object."""
    try:
        segmentation = highdicom.seg.segread(str(file))
        regions = {
            str(segmentation.get_segment_description(number).segment_label): number
            for number in segmentation.segment_numbers
        }
    except (ValueError, AttributeError) as error:
        raise ExclusionError(f"is no usable DICOM-SEG ({type(error).__name__})", **where) from error
    number = _choose_region(roi, regions, where)
    try:
        volume = segmentation.get_volume(
            segment_numbers=[number], allow_missing_positions=True, rescale_fractional=True
        )
    except (RuntimeError, ValueError) as error:
        raise ExclusionError("its frames form no volume", **where) from error
    values = np.asarray(volume.array)
    values = values[..., 0] if values.ndim == 4 else values
    # highdicom counts slices, rows, columns; SimpleITK counts columns, rows, slices
    affine = np.asarray(volume.affine)
    steps = affine[:3, [2, 1, 0]]
    spacing = np.linalg.norm(steps, axis=0)
    mask = sitk.GetImageFromArray((values > 0.5).astype(np.uint8))
    mask.SetSpacing(spacing.tolist())
    mask.SetOrigin(affine[:3, 3].tolist())
    mask.SetDirection((steps / spacing).ravel().tolist())
    return mask


def _draw_contours(
    file: Path, roi: str, reference: sitk.Image, where: dict[str, str]
) -> sitk.Image:
    """Fill the contours of an RTSTRUCT on the slices of the CT.

    A voxel belongs to the region if its centre lies within an odd number of the slice's contours,
    so that a contour inside another is a hole (DICOM PS3.3 C.8.8.6.3, CLOSED_PLANAR).
    """
    dataset = pydicom.dcmread(file)
    regions = {
        str(item.ROIName): int(item.ROINumber)
        for item in dataset.get("StructureSetROISequence", [])
    }
    number = _choose_region(roi, regions, where)
    contours = [
        np.asarray(contour.ContourData, dtype=float).reshape(-1, 3)
        for item in dataset.get("ROIContourSequence", [])
        if int(item.ReferencedROINumber) == number
        for contour in item.get("ContourSequence", [])
        if contour.ContourGeometricType in ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
    ]
    columns, rows, slices = reference.GetSize()
    filled = np.zeros((slices, rows, columns), dtype=bool)
    steps = np.reshape(reference.GetDirection(), (3, 3)) * reference.GetSpacing()
    outside = 0
    for points in contours:
        index = np.linalg.solve(steps, (points - reference.GetOrigin()).T).T
        level = round(float(index[:, 2].mean()))
        if np.abs(index[:, 2] - level).max() > 0.5:
            raise ExclusionError("a contour does not lie in a slice of the CT", **where)
        if not 0 <= level < slices:
            outside += 1
            continue
        low = np.floor(index[:, :2].min(axis=0)).astype(int).clip(0)
        high = np.ceil(index[:, :2].max(axis=0)).astype(int) + 1
        x, y = np.meshgrid(
            np.arange(low[0], min(high[0], columns)), np.arange(low[1], min(high[1], rows))
        )
        if x.size:
            centres = np.column_stack([x.ravel(), y.ravel()])
            filled[level, y.ravel(), x.ravel()] ^= Polygon(index[:, :2]).contains_points(centres)
    if outside:
        raise ExclusionError(f"{outside} contours lie outside the CT", **where)
    mask = sitk.GetImageFromArray(filled.astype(np.uint8))
    mask.CopyInformation(reference)
    return mask


def _on_grid(mask: sitk.Image, reference: sitk.Image, where: dict[str, str]) -> sitk.Image:
    """Bring a mask to the grid of the CT; a mask that would lose voxels is refused."""
    if same_grid(mask, reference):
        mask.CopyInformation(reference)
        return mask
    moved = sitk.Resample(mask, reference, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    before = _volume_ml(mask)
    after = _volume_ml(moved)
    if before > 0 and not 0.8 <= after / before <= 1.25:
        raise ExclusionError(
            f"lies on another grid than the CT: {before:.2f} mL become {after:.2f} mL there",
            remedy="Export the mask on the grid of the CT, or check that they belong together",
            **where,
        )
    if not np.allclose(mask.GetSpacing(), reference.GetSpacing(), atol=GRID_TOLERANCE_MM):
        logger.info("%s is carried over from its own grid to that of the CT", where["file"])
    return moved


def same_grid(one: sitk.Image, other: sitk.Image) -> bool:
    """Tell whether two images have the same voxels in space, within a hundredth of a millimetre."""
    if one.GetSize() != other.GetSize():
        return False
    corners = [(0, 0, 0), tuple(count - 1 for count in one.GetSize())]
    offsets = [
        np.subtract(one.TransformIndexToPhysicalPoint(c), other.TransformIndexToPhysicalPoint(c))
        for c in [*corners, (corners[1][0], 0, 0), (0, corners[1][1], 0)]
    ]
    return bool(np.abs(offsets).max() <= GRID_TOLERANCE_MM)


def _volume_ml(mask: sitk.Image) -> float:
    return float(sitk.GetArrayViewFromImage(mask).sum() * np.prod(mask.GetSpacing()) / 1000)
