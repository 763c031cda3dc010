"""A patient's CT and masks on the study's grid, as far around the tumours as the study looks."""

import logging
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.files.atomic import atomic_folder
from taceflow.files.volumes.file import place
from taceflow.files.volumes.stored import FAST, mask_files, read_volume, write_volume
from taceflow.imaging.crop import (
    Crop,
    Reach,
    Region,
    box_of,
    grown,
    largest_magnitude,
    looked_at,
    moved_voxels,
    slices_of,
    union_box,
)
from taceflow.imaging.interpolation import (
    Grid,
    between,
    reached,
    resample_ct,
    resample_mask,
    target_grid,
)
from taceflow.readings import MAIN_READING

_LOG = logging.getLogger(__name__)

BLOCK = 16
"""Voxels of the original along each axis that are asked at a time for their largest HU."""


def resample_patient(
    *,
    volumes: str,
    resampled: str,
    spacing_mm: list[float],
    mask_interpolation: str,
    reach: Reach | None,
) -> None:
    """Resample a patient's CT and masks.

    Parameters
    ----------
    volumes : str
        Folder with ``ct.nii.gz`` and ``mask_*.nii.gz`` on the original grid.
    resampled : str
        Folder to be filled with the same names, and ``crop.json``.
    spacing_mm : list of float
        The new spacing, x, y, z.
    mask_interpolation : {"nearest", "linear"}
        See `resample_mask`.
    reach : Reach or None
        How far around the tumours of all readings the volumes are kept; None: whole.
    """
    source = Path(volumes)
    ct = read_volume(source / "ct.nii.gz", output=source)
    grid = target_grid(ct, spacing_mm)
    everything = grid.whole
    masks, boxes = {}, {}
    for name, file in mask_files(source).items():
        mask = read_volume(file, output=source)
        part = reached(mask, grid)
        new = sitk.GetArrayFromImage(resample_mask(mask, spacing_mm, mask_interpolation, part))
        box = box_of(new)
        masks[name] = new[slices_of(box)]
        boxes[name] = part[0] + box[0], box[1]
    kept = _kept(boxes, reach, spacing_mm, everything[1]) if reach else everything
    part = resample_ct(ct, spacing_mm, kept)
    largest = largest_magnitude(sitk.GetArrayViewFromImage(part))
    if (kept[1] < everything[1]).any():
        largest = _largest_of_all(ct, grid, largest)
    with atomic_folder(resampled) as target:
        write_volume(part, target / "ct.nii.gz", level=FAST)
        for name, values in masks.items():
            on_part = np.zeros(kept[1][::-1], np.uint8)
            on_part[slices_of((boxes[name][0] - kept[0], boxes[name][1]))] = values
            write_volume(place(on_part, part), target / f"mask_{name}.nii.gz")
        Crop(*(tuple(one.tolist()) for one in (*kept, everything[1])), largest).write(target)
    _LOG.info("%s of %s voxels of %s mm", part.GetSize(), grid.size, spacing_mm)


def _kept(
    boxes: dict[str, Region], reach: Reach, spacing_mm: list[float], whole: np.ndarray
) -> Region:
    """Return the part of the grid that a look at any of the masks sees, the main one moved."""
    if MAIN_READING in boxes and reach.moved_mm is not None:
        box = boxes[MAIN_READING]
        margin = moved_voxels(box[1], reach.moved_mm, reach.moved_share, spacing_mm)
        boxes = boxes | {MAIN_READING: grown(box, margin, whole)}
    return looked_at(union_box(boxes.values()), reach, spacing_mm, whole)


def _largest_of_all(ct: sitk.Image, grid: Grid, largest: float) -> float:
    """Return max |HU| of a CT on the whole new grid, of which a part has `largest`.

    Between voxels no value is larger than theirs: the blocks that hold larger ones are asked,
    the largest first, until none is left that could hold more. Between two blocks the value nearest
    to the larger one counts, which `between` has asked with that block.
    """
    values = sitk.GetArrayViewFromImage(ct)
    most = _block_by_block(np.maximum, values)
    bounds = np.maximum(most, -_block_by_block(np.minimum, values))
    for place_of in np.argsort(-bounds, axis=None):
        if bounds.flat[place_of] <= largest:
            break
        low = BLOCK * np.array(np.unravel_index(place_of, bounds.shape))[::-1]
        high = np.minimum(low + BLOCK, ct.GetSize())
        part = resample_ct(ct, list(grid.first.GetSpacing()), between(low, high, ct, grid))
        largest = max(largest, largest_magnitude(sitk.GetArrayViewFromImage(part)))
    return largest


def _block_by_block(extreme: np.ufunc, values: np.ndarray) -> np.ndarray:
    """Return the largest or smallest value of each block, as a whole number of float64."""
    for axis in range(3):
        values = extreme.reduceat(values, np.arange(0, values.shape[axis], BLOCK), axis)
    return np.floor(values.astype(float) + 0.5)
