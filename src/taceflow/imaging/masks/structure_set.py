"""Regions and their outlines as an RTSTRUCT holds them."""

import numpy as np
from pydicom import Dataset

from taceflow.imaging.masks.mask_file import MaskFile
from taceflow.imaging.masks.regions import ALL, UNUSABLE, Region, choose_regions, what_failed
from taceflow.wording.counts import agreeing, counted

STORAGE = "1.2.840.10008.5.1.4.1.1.481.3"
PLANAR_XOR = "CLOSEDPLANAR_XOR"
CLOSED = ("CLOSED_PLANAR", PLANAR_XOR, "INTERPOLATED_PLANAR")
"""The last is no term of the standard: planning systems write it on slices between drawn ones."""

OPEN = ("POINT", "OPEN_PLANAR", "OPEN_NONPLANAR")


def read_structures(
    mask: MaskFile,
) -> tuple[Dataset, list[tuple[str | None, list[tuple[np.ndarray, str]]]]]:
    """Read an RTSTRUCT and choose regions.

    Returns
    -------
    dataset : pydicom.Dataset
        The object.
    regions : list of tuple
        Of each wanted region, its frame of reference (None if the file does not tell) and its
        closed outlines: points in mm, LPS, shape (n, 3), and the kind; one at least has three.

    Raises
    ------
    ExclusionError
        If the object or the region cannot be used.
    """
    try:
        dataset = mask.read_object()
        contours: dict[int, list[Dataset]] = {}
        for item in dataset.get("ROIContourSequence") or []:
            number = int(item.ReferencedROINumber)
            contours.setdefault(number, []).extend(item.get("ContourSequence") or [])
        items: dict[int, Dataset] = {}
        for item in dataset.StructureSetROISequence:
            other = items.setdefault(int(item.ROINumber), item)
            if other.get("ROIName") != item.get("ROIName"):
                raise mask.refusal(f"two regions have the number {item.ROINumber}")
        regions = [Region(number, str(item.get("ROIName") or "")) for number, item in items.items()]
        # Planning systems list ROIs that nobody drew, and points that mark the isocentre.
        drawn = [one for one in regions if any(map(_is_closed, contours.get(one.number, [])))]
        if not drawn:
            raise mask.refusal("holds no closed outline")
        listed = drawn if mask.roi.strip() in ("", ALL) else regions
        return dataset, [
            (
                _frame_of(items[region.number], dataset, mask),
                _closed(contours.get(region.number, []), mask),
            )
            for region in choose_regions(mask.roi, listed, mask.where)
        ]
    except UNUSABLE as error:
        raise mask.refusal(f"is no usable RTSTRUCT ({what_failed(error)})") from error


def _frame_of(item: Dataset, dataset: Dataset, mask: MaskFile) -> str | None:
    """Return the frame of reference in which a region was drawn, None if the file does not tell."""
    several = dataset.get("ReferencedFrameOfReferenceSequence") or []
    listed = [one.get("FrameOfReferenceUID") for one in (dataset, *several)]
    listed = list(dict.fromkeys(str(one) for one in listed if one))
    own = str(item.get("ReferencedFrameOfReferenceUID") or "")
    if not own:
        return listed[0] if dataset.get("FrameOfReferenceUID") or len(listed) == 1 else None
    wanted = mask.ct.frame_of_reference
    if wanted and own != wanted and own not in listed and wanted in listed:
        mask.notes.append(
            "the region names a frame of reference that the file lists nowhere: the file's own, "
            "which is the CT's, counts"
        )
        return wanted
    return own


def _closed(contours: list[Dataset], mask: MaskFile) -> list[tuple[np.ndarray, str]]:
    """Return the closed outlines of a region; points, open lines, empty items are passed over."""
    filled = [contour for contour in contours if contour.get("ContourData")]
    if len(filled) < len(contours):
        mask.notes.append(f"outlines without a point, passed over: {len(contours) - len(filled)}")
    # An outline that is left out because it calls itself otherwise would be a hole in the tumour.
    if unknown := sum(_kind_of(one) not in CLOSED + OPEN for one in filled):
        say = agreeing(unknown, "does not say whether it is", "do not say whether they are")
        raise mask.refusal(
            f"{unknown} of {counted(len(contours), 'outline')} of the region {say} closed",
            remedy="Export the outlines again, or bring the region as a label image",
        )
    closed = [one for one in filled if _is_closed(one)]
    if any(len(one.ContourData) % 3 for one in closed):
        raise mask.refusal("an outline's numbers are no points of three")
    outlines = [
        (np.asarray(one.ContourData, dtype=float).reshape(-1, 3), _kind_of(one)) for one in closed
    ]
    if not all(np.isfinite(points).all() for points, _ in outlines):
        raise mask.refusal("an outline holds points that are no numbers")
    if not any(len(points) > 2 for points, _ in outlines):
        raise mask.refusal("the region has no closed outline")
    if others := len(filled) - len(closed):
        mask.notes.append(f"points or open lines, passed over: {others}")
    return outlines


def _is_closed(contour: Dataset) -> bool:
    return _kind_of(contour) in CLOSED and bool(contour.get("ContourData"))


def _kind_of(contour: Dataset) -> str:
    return str(contour.get("ContourGeometricType") or "").strip().upper()
