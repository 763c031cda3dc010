"""Masks as DICOM segmentation objects."""

import logging

import numpy as np
import SimpleITK as sitk
from highdicom.seg import Segmentation
from pydicom import Dataset

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.files import read_object
from taceflow.imaging.dicom.locations import open_file
from taceflow.imaging.masks.grid import GRID_TOLERANCE_VOXELS, bring_to_grid, index_of
from taceflow.imaging.masks.regions import UNUSABLE, Region, choose_regions, what_failed
from taceflow.imaging.masks.target import Target

_LOG = logging.getLogger(__name__)

STORAGE = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation and Label Map Segmentation."""


def read_segments(
    file: str,
    roi: str,
    target: Target,
    where: dict[str, str],
    notes: list[str],
) -> tuple[sitk.Image, bool | None]:
    """Read segments of a DICOM segmentation object.

    Frames that coincide with slices of the CT are put there, in whatever order and with whatever
    gaps. Others form a volume of their own, that is carried over by geometry.

    Parameters
    ----------
    file : str
        A path, or ``archive.zip::name/in/it``: binary, fractional (cut at a half) or a label map.
    roi : str
        See `regions.choose_regions`.
    target : Target
        The CT.
    where : dict
        Stage, patient and file for the message.
    notes : list of str
        Lengthened by what a reader must know.

    Returns
    -------
    mask : SimpleITK.Image
        8-bit, 0 and 1, the union of the segments, on the grid of the CT.
    is_named : bool or None
        Whether the object names the CT's series; None if it or the CT does not tell.

    Raises
    ------
    ExclusionError
        If the object, the segment or its place cannot be used.
    """
    try:
        with open_file(file) as opened:
            segmentation = Segmentation.from_dataset(read_object(opened), copy=False)
        regions = [
            Region(int(item.SegmentNumber), str(item.get("SegmentLabel") or ""))
            for item in segmentation.SegmentSequence
        ]
        _check_frames(segmentation, where)
    except UNUSABLE as error:
        raise ExclusionError(f"is no usable DICOM-SEG ({what_failed(error)})", **where) from error
    # A label map may describe its background, as number 0.
    regions = [region for region in regions if region.number != 0]
    numbers = [region.number for region in choose_regions(roi, regions, where)]
    is_named = target.is_named_by(segmentation)
    try:
        levels = _find_slices(segmentation, target.image)
        target.check_frame(
            segmentation.get("FrameOfReferenceUID"),
            is_named=is_named,
            fits=levels is not None,
            where=where,
            notes=notes,
        )
        if levels is not None:
            mask = _place_frames(segmentation, numbers, levels, target.image, where)
            return mask, is_named
        mask = _stack_frames(segmentation, numbers, where)
    except UNUSABLE as error:
        problem = f"its frames form no volume ({what_failed(error)})"
        raise ExclusionError(problem, **where) from error
    return bring_to_grid(mask, target.image, trusted=True, where=where, notes=notes), is_named


def _check_frames(segmentation: Segmentation, where: dict[str, str]) -> None:
    """Refuse an object whose header speaks of other frames than it holds."""
    if segmentation.get("SegmentationType") not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise ExclusionError("is a DICOM-SEG of no known SegmentationType", **where)
    described = len(segmentation.get("PerFrameFunctionalGroupsSequence") or [])
    frames = int(segmentation.get("NumberOfFrames") or 0)
    if described != frames:
        raise ExclusionError(f"describes {described} frames and counts {frames}", **where)
    if segmentation.file_meta.TransferSyntaxUID.is_encapsulated:
        return
    pixels = frames * int(segmentation.get("Rows") or 0) * int(segmentation.get("Columns") or 0)
    expected = -(-pixels * int(segmentation.get("BitsAllocated") or 0) // 8)
    held = len(segmentation.get("PixelData") or b"")
    if held not in (expected, expected + expected % 2):
        raise ExclusionError(f"holds {held} bytes of pixels instead of {expected}", **where)


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
    segmentation: Segmentation,
    numbers: list[int],
    levels: list[int],
    reference: sitk.Image,
    where: dict[str, str],
) -> sitk.Image:
    """Put the frames of the wanted segments into their slices of the CT."""
    columns, rows, slices = reference.GetSize()
    filled = np.zeros((slices, rows, columns), dtype=np.uint8)
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
            raise ExclusionError("two frames of a segment lie at the same place", **where)
        taken.add((number, level))
        stored = segmentation.get_stored_frame(frame + 1)
        filled[level] |= np.isin(stored, numbers) if is_label_map else _cut(stored, segmentation)
    mask = sitk.GetImageFromArray(filled)
    mask.CopyInformation(reference)
    return mask


def _stack_frames(
    segmentation: Segmentation, numbers: list[int], where: dict[str, str]
) -> sitk.Image:
    """Stack the frames of the wanted segments to a volume on their own grid."""
    measures = _facts(segmentation, 0, "PixelMeasuresSequence")
    filled: np.ndarray | None = None
    for number in numbers:
        volume = segmentation.get_volume(
            segment_numbers=[number], allow_missing_positions=True, rescale_fractional=False
        )
        if volume.spatial_shape[0] == 1 and "SpacingBetweenSlices" not in measures:
            raise ExclusionError("has one slice, of unknown thickness, off the CT's", **where)
        stored = np.asarray(volume.array).reshape(volume.spatial_shape)
        cut = _cut(stored, segmentation)
        filled = cut if filled is None else filled | cut
    # highdicom counts slices, rows, columns; SimpleITK counts columns, rows, slices
    affine = np.asarray(volume.affine)
    steps = affine[:3, [2, 1, 0]]
    spacing = np.linalg.norm(steps, axis=0)
    mask = sitk.GetImageFromArray(filled.astype(np.uint8))
    mask.SetSpacing(spacing.tolist())
    mask.SetOrigin(affine[:3, 3].tolist())
    mask.SetDirection((steps / spacing).ravel().tolist())
    return mask


def _cut(stored: np.ndarray, segmentation: Segmentation) -> np.ndarray:
    """Return where a segment is; of a fraction (probability or occupancy), half and more."""
    if segmentation.SegmentationType != "FRACTIONAL":
        return stored > 0
    return stored >= (int(segmentation.MaximumFractionalValue) + 1) // 2


def _facts(segmentation: Segmentation, frame: int, group: str) -> Dataset:
    """Return a functional group of a frame, its own or the one that all share."""
    own = segmentation.PerFrameFunctionalGroupsSequence[frame]
    return (own if group in own else segmentation.SharedFunctionalGroupsSequence[0])[group][0]
