"""Masks as DICOM segmentation objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk
from pydicom import Dataset

from taceflow.files.volumes.file import place
from taceflow.imaging.masks.grid import GRID_TOLERANCE_VOXELS, bring_to_grid, index_of
from taceflow.imaging.masks.mask_file import MaskFile, ReadMask
from taceflow.imaging.masks.regions import UNUSABLE, Region, choose_regions, what_failed
from taceflow.wording.counts import counted

if TYPE_CHECKING:
    from highdicom.seg import Segmentation

STORAGE = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation and Label Map Segmentation."""


def read_segments(mask: MaskFile) -> ReadMask:
    """Read segments of a DICOM segmentation object: binary, fractional or a label map.

    Frames that coincide with slices of the CT are put there, in whatever order and with whatever
    gaps. Others form a volume of their own, that is carried over by geometry.

    Raises
    ------
    ExclusionError
        If the object, the segment or its place cannot be used.
    """
    # takes longer to import than most masks to read
    from highdicom.seg import Segmentation

    try:
        segmentation = Segmentation.from_dataset(mask.read_object(), copy=False)
        regions = [
            Region(int(item.SegmentNumber), str(item.get("SegmentLabel") or ""))
            for item in segmentation.SegmentSequence
        ]
        _check_frames(segmentation, mask)
    except UNUSABLE as error:
        raise mask.refusal(f"is no usable DICOM-SEG ({what_failed(error)})") from error
    # A label map may describe its background, as number 0.
    regions = [region for region in regions if region.number != 0]
    numbers = [region.number for region in choose_regions(mask.roi, regions, mask.where)]
    is_named = mask.names_ct(segmentation)
    try:
        levels = _find_slices(segmentation, mask.ct.image)
        drawn_in = segmentation.get("FrameOfReferenceUID")
        mask.check_frame(drawn_in, is_named=is_named, fits=levels is not None)
        if levels is not None:
            return _place_frames(segmentation, numbers, levels, mask), is_named
        own = _stack_frames(segmentation, numbers, mask)
    except UNUSABLE as error:
        raise mask.refusal(f"its frames form no volume ({what_failed(error)})") from error
    return bring_to_grid(own, mask, trusted=True), is_named


def _check_frames(segmentation: Segmentation, mask: MaskFile) -> None:
    """Refuse an object whose header speaks of other frames than it holds."""
    if segmentation.get("SegmentationType") not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise mask.refusal("is a DICOM-SEG of no known SegmentationType")
    described = len(segmentation.get("PerFrameFunctionalGroupsSequence") or [])
    frames = int(segmentation.get("NumberOfFrames") or 0)
    if described != frames:
        raise mask.refusal(f"describes {counted(described, 'frame')} and counts {frames}")
    if segmentation.file_meta.TransferSyntaxUID.is_encapsulated:
        return
    pixels = frames * int(segmentation.get("Rows") or 0) * int(segmentation.get("Columns") or 0)
    expected = -(-pixels * int(segmentation.get("BitsAllocated") or 0) // 8)
    held = len(segmentation.get("PixelData") or b"")
    if held not in (expected, expected + expected % 2):
        raise mask.refusal(f"holds {held} bytes of pixels instead of {expected}")


def _find_slices(segmentation: Segmentation, reference: sitk.Image) -> list[int] | None:
    """Return the slice of the CT that each frame coincides with, None if one has none."""
    columns, rows, slices = reference.GetSize()
    if (segmentation.Columns, segmentation.Rows) != (columns, rows):
        return None
    levels = []
    for frame in range(segmentation.number_of_frames):
        position = _facts(segmentation, frame, "PlanePositionSequence").ImagePositionPatient
        facts = _facts(segmentation, frame, "PlaneOrientationSequence")
        along_row, along_column = np.reshape(facts.ImageOrientationPatient, (2, 3)).astype(float)
        row_gap, column_gap = _facts(segmentation, frame, "PixelMeasuresSequence").PixelSpacing
        corners = np.array(position, dtype=float) + np.array(
            [
                np.zeros(3),
                along_row * float(column_gap) * (columns - 1),
                along_column * float(row_gap) * (rows - 1),
            ]
        )
        index = index_of(corners, reference)
        level = round(float(index[0, 2]))
        expected = [[0, 0, level], [columns - 1, 0, level], [0, rows - 1, level]]
        if np.abs(index - expected).max() > GRID_TOLERANCE_VOXELS or not 0 <= level < slices:
            return None
        levels.append(level)
    return levels


def _place_frames(
    segmentation: Segmentation, numbers: list[int], levels: list[int], mask: MaskFile
) -> sitk.Image:
    """Put the frames of the wanted segments into their slices of the CT."""
    filled = np.zeros(mask.ct.image.GetSize()[::-1], dtype=np.uint8)
    is_label_map = segmentation.SegmentationType == "LABELMAP"
    taken = set()
    for frame, level in enumerate(levels):
        number = 0
        if not is_label_map:
            number = int(
                _facts(segmentation, frame, "SegmentIdentificationSequence").ReferencedSegmentNumber
            )
            if number not in numbers:
                continue
        if (number, level) in taken:
            raise mask.refusal("two frames of a segment lie at the same place")
        taken.add((number, level))
        stored = segmentation.get_stored_frame(frame + 1)
        filled[level] |= np.isin(stored, numbers) if is_label_map else _cut(stored, segmentation)
    return place(filled, mask.ct.image)


def _stack_frames(segmentation: Segmentation, numbers: list[int], mask: MaskFile) -> sitk.Image:
    """Stack the frames of the wanted segments to a volume on their own grid."""
    measures = _facts(segmentation, 0, "PixelMeasuresSequence")
    filled: np.ndarray | None = None
    for number in numbers:
        volume = segmentation.get_volume(
            segment_numbers=[number], allow_missing_positions=True, rescale_fractional=False
        )
        if volume.spatial_shape[0] == 1 and "SpacingBetweenSlices" not in measures:
            raise mask.refusal("has one slice, of unknown thickness, off the CT's")
        stored = np.asarray(volume.array).reshape(volume.spatial_shape)
        cut = _cut(stored, segmentation)
        filled = cut if filled is None else filled | cut
    # highdicom counts slices, rows, columns; SimpleITK counts columns, rows, slices
    affine = np.asarray(volume.affine)
    steps = affine[:3, [2, 1, 0]]
    spacing = np.linalg.norm(steps, axis=0)
    stacked = sitk.GetImageFromArray(filled.astype(np.uint8))
    stacked.SetSpacing(spacing.tolist())
    stacked.SetOrigin(affine[:3, 3].tolist())
    stacked.SetDirection((steps / spacing).ravel().tolist())
    return stacked


def _cut(stored: np.ndarray, segmentation: Segmentation) -> np.ndarray:
    """Return where a segment is; of a fraction (probability or occupancy), half and more."""
    if segmentation.SegmentationType != "FRACTIONAL":
        return stored > 0
    return stored >= (int(segmentation.MaximumFractionalValue) + 1) // 2


def _facts(segmentation: Segmentation, frame: int, group: str) -> Dataset:
    """Return a functional group of a frame, its own or the one that all share."""
    own = segmentation.PerFrameFunctionalGroupsSequence[frame]
    return (own if group in own else segmentation.SharedFunctionalGroupsSequence[0])[group][0]
