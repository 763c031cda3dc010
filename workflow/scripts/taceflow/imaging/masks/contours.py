"""Masks as outlines in a DICOM structure set (RTSTRUCT)."""

import logging

import numpy as np
import SimpleITK as sitk
from pydicom import Dataset

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.files import read_object
from taceflow.imaging.dicom.locations import open_file
from taceflow.imaging.masks.grid import GRID_TOLERANCE_VOXELS, check_frame, index_of
from taceflow.imaging.masks.outlines import fill_polygons, stack_planes
from taceflow.imaging.masks.regions import ALL, UNUSABLE, Region, choose_regions, what_failed

logger = logging.getLogger(__name__)

STORAGE = "1.2.840.10008.5.1.4.1.1.481.3"
PLANAR, PLANAR_XOR = "CLOSED_PLANAR", "CLOSEDPLANAR_XOR"

SAME_PLANE_MM = 0.05
"""Outlines closer than this lie in one plane: files round to a hundredth of a millimetre."""

FLATNESS_SLICES = 0.1
"""How far a point may lie from the plane of its outline."""

WIDEST_GAP_MM = 15.0
"""Between planes, to be filled if they are even: every third slice of 5 mm."""

CROSSING_SHARE, CROSSING_VOXELS = 0.1, 9
"""Two outlines cross if more of the smaller one than this lies inside the other, and outside."""


def draw_contours(
    file: str,
    roi: str,
    reference: sitk.Image,
    frame_of_reference: str | None,
    where: dict[str, str],
) -> sitk.Image:
    """Fill the outlines of an RTSTRUCT on the slices of the CT.

    A voxel belongs to a region if its centre lies within an odd number of the region's outlines in
    its slice, so that an outline inside another is a hole (DICOM PS3.3 C.8.8.6.3).

    Parameters
    ----------
    file : str
        A path, or ``archive.zip::name/in/it``.
    roi : str
        See `regions.choose_regions`.
    reference : SimpleITK.Image
        The CT.
    frame_of_reference : str or None
        The CT's, None if unknown.
    where : dict
        Stage, patient and file for the message.

    Returns
    -------
    SimpleITK.Image
        8-bit, 0 and 1, the union of the regions, on the grid of `reference`.

    Raises
    ------
    ExclusionError
        If the object, the region or its place cannot be used.
    """
    columns, rows, slices = reference.GetSize()
    filled = np.zeros((slices, rows, columns), dtype=np.uint8)
    for frame, outlines in _read_regions(file, roi, where):
        check_frame(frame, frame_of_reference, where)
        index = [(index_of(points, reference), kind) for points, kind in outlines]
        _check_place(index, reference, where)
        _fill_region(index, reference, filled, where)
    mask = sitk.GetImageFromArray(filled)
    mask.CopyInformation(reference)
    return mask


def _read_regions(
    file: str, roi: str, where: dict[str, str]
) -> list[tuple[str | None, list[tuple[np.ndarray, str]]]]:
    """Return each region's frame of reference and closed outlines, points in mm with kind."""
    try:
        with open_file(file) as opened:
            dataset = read_object(opened)
        contours: dict[int, list[Dataset]] = {}
        for item in dataset.get("ROIContourSequence") or []:
            number = int(item.ReferencedROINumber)
            contours.setdefault(number, []).extend(item.get("ContourSequence") or [])
        items: dict[int, Dataset] = {}
        for item in dataset.StructureSetROISequence:
            other = items.setdefault(int(item.ROINumber), item)
            if other.get("ROIName") != item.get("ROIName"):
                raise ExclusionError(f"two regions have the number {item.ROINumber}", **where)
        regions = [Region(number, str(item.get("ROIName") or "")) for number, item in items.items()]
        # Planning systems list ROIs that nobody drew, and points that mark the isocentre.
        drawn = [one for one in regions if any(map(_is_closed, contours.get(one.number, [])))]
        if not drawn:
            raise ExclusionError("holds no closed outline", **where)
        chosen = choose_regions(roi, drawn if roi.strip() in ("", ALL) else regions, where)
        return [
            (
                _frame_of(items[region.number], dataset),
                _closed(contours.get(region.number, []), where),
            )
            for region in chosen
        ]
    except UNUSABLE as error:
        raise ExclusionError(f"is no usable RTSTRUCT ({what_failed(error)})", **where) from error


def _frame_of(item: Dataset, dataset: Dataset) -> str | None:
    """Return the frame of reference in which a ROI was drawn, None if the file does not tell."""
    several = dataset.get("ReferencedFrameOfReferenceSequence") or []
    only = several[0].get("FrameOfReferenceUID") if len(several) == 1 else None
    own = item.get("ReferencedFrameOfReferenceUID")
    return own or dataset.get("FrameOfReferenceUID") or only


def _closed(contours: list[Dataset], where: dict[str, str]) -> list[tuple[np.ndarray, str]]:
    """Return the outlines that enclose something; points and open lines are passed over."""
    closed = []
    for contour in filter(_is_closed, contours):
        points = np.asarray(contour.ContourData, dtype=float).reshape(-1, 3)
        if not np.isfinite(points).all():
            raise ExclusionError("an outline holds points that are no numbers", **where)
        if len(points) > 2:
            closed.append((points, str(contour.ContourGeometricType)))
    if not closed:
        raise ExclusionError("the region has no closed outline", **where)
    if len(closed) < len(contours):
        logger.warning(
            "%s: %d points or open lines are passed over",
            where["file"],
            len(contours) - len(closed),
        )
    return closed


def _is_closed(contour: Dataset) -> bool:
    return contour.get("ContourGeometricType") in (PLANAR, PLANAR_XOR)


def _check_place(
    outlines: list[tuple[np.ndarray, str]], reference: sitk.Image, where: dict[str, str]
) -> None:
    """Refuse outlines that lie across the slices or beyond the CT."""
    thickest = max(np.ptp(index[:, 2]) for index, _ in outlines)
    if thickest > FLATNESS_SLICES:
        raise ExclusionError(
            f"an outline lies across the slices of the CT, over {thickest:.1f} slice gaps",
            remedy="Bring the outlines of the CT that is used, or export a label image on its grid",
            **where,
        )
    size = np.array(reference.GetSize())
    outside = sum(
        bool((index < -0.5 - GRID_TOLERANCE_VOXELS).any())
        or bool((index > size - 0.5 + GRID_TOLERANCE_VOXELS).any())
        for index, _ in outlines
    )
    if outside:
        raise ExclusionError(
            f"{outside} of {len(outlines)} outlines lie outside the CT or reach beyond it",
            remedy="Check that outlines and CT belong together",
            **where,
        )


def _fill_region(
    outlines: list[tuple[np.ndarray, str]],
    reference: sitk.Image,
    filled: np.ndarray,
    where: dict[str, str],
) -> None:
    """Fill the outlines of a region into a volume (slices, rows, columns), plane by plane."""
    # A thousandth of a voxel is below what files hold: an outline through voxel centres stays so.
    every = np.round(np.concatenate([index[:, :2] for index, _ in outlines]), 3)
    low = np.floor(every.min(axis=0)).astype(int).clip(0)
    high = np.ceil(every.max(axis=0)).astype(int) + 1
    box = (slice(low[1], high[1]), slice(low[0], high[0]))
    shape = filled[0][box].shape
    gap = reference.GetSpacing()[2]
    levels = np.array([index[:, 2].mean() for index, _ in outlines])
    order = np.argsort(levels, kind="stable")
    starts = np.flatnonzero(np.diff(levels[order]) > SAME_PLANE_MM / gap) + 1
    groups = np.split(order, starts)
    planes = []
    for members in groups:
        polygons = [(np.round(outlines[k][0][:, :2] - low, 3), outlines[k][1]) for k in members]
        planes.append(_fill_plane(polygons, shape, where))
    stacked = stack_planes(
        np.round([levels[members].mean() for members in groups], 3),
        planes,
        slices=len(filled),
        widest=WIDEST_GAP_MM / gap,
        file=where["file"],
    )
    for level, plane in stacked.items():
        filled[level][box] |= plane


def _fill_plane(
    polygons: list[tuple[np.ndarray, str]], shape: tuple[int, int], where: dict[str, str]
) -> np.ndarray:
    """Fill the outlines of one plane, each once; two that cross have no meaning."""
    distinct = {np.unique(points, axis=0).tobytes(): (points, kind) for points, kind in polygons}
    if len(distinct) < len(polygons):
        # by the even-odd rule, twice would be never
        logger.warning("%s: an outline is there twice and counts once", where["file"])
    shapes = [(fill_polygons([points], shape), kind) for points, kind in distinct.values()]
    for number, (one, kind) in enumerate(shapes):
        for other, other_kind in shapes[:number]:
            smaller = min(one.sum(), other.sum())
            both = (one & other).sum()
            limit = max(CROSSING_VOXELS, CROSSING_SHARE * smaller)
            if PLANAR_XOR not in (kind, other_kind) and min(both, smaller - both) > limit:
                raise ExclusionError(
                    f"two outlines of a slice cross: {both} voxels lie in both",
                    remedy="Mend the outlines, or export the region as a label image",
                    **where,
                )
    return np.logical_xor.reduce([one for one, _ in shapes])
