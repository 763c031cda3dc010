"""Masks as outlines in a DICOM structure set (RTSTRUCT)."""

import numpy as np

from taceflow.files.volumes.file import place
from taceflow.imaging.masks.grid import GRID_TOLERANCE_VOXELS, index_of
from taceflow.imaging.masks.mask_file import MaskFile, ReadMask
from taceflow.imaging.masks.polygons import (
    BESIDE_SLICES,
    fill_polygons,
    is_walk_of_a_mask,
    lie_on_centres,
    stack_planes,
    trace_polygons,
)
from taceflow.imaging.masks.structure_set import PLANAR_XOR, read_structures
from taceflow.wording.counts import counted

SAME_PLANE_MM = 0.05
"""Outlines closer than this lie in one plane: files round to a hundredth of a millimetre."""

FLATNESS_SLICES = 0.1
"""How far a point may lie from the plane of its outline."""

CROSSING_SHARE, CROSSING_VOXELS = 0.1, 9
"""Two outlines cross if more of the smaller one than this lies inside the other, and outside."""


def draw_contours(mask: MaskFile) -> ReadMask:
    """Fill the outlines of an RTSTRUCT on the slices of the CT.

    A voxel belongs to a region if its centre lies within an odd number of the region's outlines in
    its slice, so that an outline inside another is a hole (DICOM PS3.3 C.8.8.6.3). Where all
    outlines are the walks along a mask's border that programs make of it, that mask is given back.

    Raises
    ------
    ExclusionError
        If the object, the region or its place cannot be used.
    """
    dataset, regions = read_structures(mask)
    is_named = mask.names_ct(dataset)
    ct = mask.ct.image
    filled = np.zeros(ct.GetSize()[::-1], dtype=np.uint8)
    for drawn_in, closed in regions:
        outlines = [(index_of(points, ct), kind) for points, kind in closed]
        levels = np.array([index[:, 2].mean() for index, _ in outlines])
        fits = bool((np.abs(levels - np.round(levels)) <= BESIDE_SLICES).all())
        mask.check_frame(drawn_in, is_named=is_named, fits=fits)
        _check_place(outlines, mask)
        _fill_region(outlines, filled, mask)
    return place(filled, ct), is_named


def _check_place(outlines: list[tuple[np.ndarray, str]], mask: MaskFile) -> None:
    """Refuse outlines that lie across the slices or beyond the CT."""
    thickest = max(np.ptp(index[:, 2]) for index, _ in outlines)
    if thickest > FLATNESS_SLICES:
        raise mask.refusal(
            f"an outline lies across the slices of the CT, over {thickest:.1f} slice gaps",
            remedy="Bring the outlines of the CT that is used, or export a label image on its grid",
        )
    size = np.array(mask.ct.image.GetSize())
    outside = sum(
        bool((index < -0.5 - GRID_TOLERANCE_VOXELS).any())
        or bool((index > size - 0.5 + GRID_TOLERANCE_VOXELS).any())
        for index, _ in outlines
    )
    if outside:
        raise mask.refusal(
            f"{outside} of {counted(len(outlines), 'outline')} outside the CT or reaching beyond "
            "it",
            remedy="Check that outlines and CT belong together",
        )


def _fill_region(
    outlines: list[tuple[np.ndarray, str]], filled: np.ndarray, mask: MaskFile
) -> None:
    """Fill the outlines of a region into a volume (slices, rows, columns), plane by plane."""
    notes = mask.notes
    is_walk = is_walk_of_a_mask([index[:, :2] for index, _ in outlines])
    if is_walk:
        notes.append("outlines run through voxel centres, as of a mask: its rim is part of it")
        outlines = [(np.column_stack([np.round(one[:, :2]), one[:, 2]]), k) for one, k in outlines]
    elif lie_on_centres([index[:, :2] for index, _ in outlines]):
        notes.append("corners on voxel centres but no mask's border: filled as drawn, without rim")
    if not is_walk and (short := sum(len(index) < 3 for index, _ in outlines)):
        notes.append(f"outlines of one or two points, passed over: {short}")
        outlines = [(index, kind) for index, kind in outlines if len(index) > 2]
    # A thousandth of a voxel is below what files hold: an outline through voxel centres stays so.
    every = np.round(np.concatenate([index[:, :2] for index, _ in outlines]), 3)
    low = np.floor(every.min(axis=0)).astype(int).clip(0)
    high = np.ceil(every.max(axis=0)).astype(int) + 1
    box = (slice(low[1], high[1]), slice(low[0], high[0]))
    shape = filled[0][box].shape
    gap = mask.ct.image.GetSpacing()[2]
    levels = np.array([index[:, 2].mean() for index, _ in outlines])
    order = np.argsort(levels, kind="stable")
    starts = np.flatnonzero(np.diff(levels[order]) > SAME_PLANE_MM / gap) + 1
    groups = np.split(order, starts)
    planes = []
    doubled = 0
    for members in groups:
        polygons = [(np.round(outlines[k][0][:, :2] - low, 3), outlines[k][1]) for k in members]
        distinct = {_key_of(points, is_walk): (points, kind) for points, kind in polygons}
        # by the even-odd rule, twice would be never
        doubled += len(polygons) - len(distinct)
        planes.append(_fill_plane(list(distinct.values()), shape, mask))
        if is_walk:
            planes[-1] |= trace_polygons([points for points, _ in polygons], shape)
    if doubled:
        notes.append(f"outlines that are there twice and count once: {doubled}")
    stacked = stack_planes(
        np.round([levels[members].mean() for members in groups], 3),
        planes,
        slices=len(filled),
        gap_mm=gap,
        notes=notes,
    )
    for level, plane in stacked.items():
        filled[level][box] |= plane


def _key_of(points: np.ndarray, is_walk: bool) -> tuple[bytes, bool]:
    """Return what two outlines that are the same one share.

    Around a hole in a rim one voxel thick, a mask's walk turns back on the way that it came.
    """
    x, y = points.T
    is_turned = is_walk and bool((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() < 0)
    return np.unique(points, axis=0).tobytes(), is_turned


def _fill_plane(
    polygons: list[tuple[np.ndarray, str]], shape: tuple[int, int], mask: MaskFile
) -> np.ndarray:
    """Fill the outlines of one plane; two that cross have no meaning."""
    shapes = [(fill_polygons([points], shape), kind) for points, kind in polygons]
    for number, (one, kind) in enumerate(shapes):
        for other, other_kind in shapes[:number]:
            smaller = min(one.sum(), other.sum())
            both = (one & other).sum()
            limit = max(CROSSING_VOXELS, CROSSING_SHARE * smaller)
            if PLANAR_XOR not in (kind, other_kind) and min(both, smaller - both) > limit:
                raise mask.refusal(
                    f"two outlines of a slice cross: {both} voxels lie in both",
                    remedy="Mend the outlines, or export the region as a label image",
                )
    return np.logical_xor.reduce([one for one, _ in shapes])
