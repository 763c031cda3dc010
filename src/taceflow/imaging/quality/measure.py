"""What is measured of a mask over its CT before a reader looks at it."""

from typing import Any

import numpy as np
from scipy import ndimage

from taceflow.imaging.crop import bounding_box

BODY_HU = -300.0
"""Between fat (-120) and lung (-700)."""

AIR_HU = -200.0
"""Below any fat: lung, bowel gas, or air outside the patient."""

LEAST_BODY_PART = 0.1
"""Share of the largest part: a second leg or an arm has more, a table top less."""

PADDING_HU = -1500.0
"""Air is -1000 HU, with noise; what lies below is no measurement."""

_BODY_GRID_MM = 2.0
_MOST_SAMPLES = 1_000_000
_IN_PLANE = np.array([np.zeros((3, 3)), ndimage.generate_binary_structure(2, 1), np.zeros((3, 3))])
_BORDERS = (("lowest slice", "highest slice"), ("front", "back"), ("right", "left"))
_DIRECTIONS = np.deg2rad(np.arange(0, 180, 2))


def measure(
    hu: np.ndarray, masks: dict[str, np.ndarray], spacing_mm: tuple[float, ...]
) -> dict[str, Any]:
    """Measure the first reading's mask and its agreement with the others.

    Parameters
    ----------
    hu : numpy.ndarray of shape (slices, rows, columns)
        The axes lead to head, back and left.
    masks : dict of str to numpy.ndarray of bool
        By reading, the main one first; on the grid of `hu`.
    spacing_mm : tuple of float
        In the order of the axes.

    Returns
    -------
    dict
        What ``qc/{patient}.json`` holds, less patient and flags. ``lower_hu`` and ``upper_hu`` are
        the 5th and 95th percentile, ``outside_percent`` is the mask's share in air or off the body,
        ``air_percent`` and ``tissue_peak_hu`` describe the whole image.
    """
    first = next(iter(masks.values()))
    box = bounding_box(first)
    mask = first[box]
    inside = hu[box][mask]
    low, median, high = (round(float(value), 1) for value in np.percentile(inside, [5, 50, 95]))
    body, step = find_body(hu[box[0]], spacing_mm)
    level, row, column = np.nonzero(mask)
    is_body = body[level, (row + box[1].start) // step, (column + box[2].start) // step]
    outside = float(((inside < AIR_HU) | ~is_body).mean())
    air, peak = _air_and_tissue(hu)
    return {
        "volume_ml": round(inside.size * float(np.prod(spacing_mm)) / 1000, 6),
        "longest_axis_mm": round(longest_axis(mask, spacing_mm), 2),
        "pieces": int(ndimage.label(mask, structure=np.ones((3, 3, 3)))[1]),
        "median_hu": median,
        "lower_hu": low,
        "upper_hu": high,
        "outside_percent": round(100 * outside, 2),
        "cut_by": _cut_by(hu, mask, box),
        "air_percent": round(100 * air, 2),
        "tissue_peak_hu": peak,
        "dice": {name: round(dice(first, other), 4) for name, other in list(masks.items())[1:]},
    }


def find_body(hu: np.ndarray, spacing_mm: tuple[float, ...]) -> tuple[np.ndarray, int]:
    """Find the patient in axial slices, (slices, rows, columns), on a coarse grid.

    Returns
    -------
    body : numpy.ndarray of bool
        Every voxel of the patient, lungs and bowel gas with it; each `step`-th row and column.
    step : int
    """
    step = max(1, round(_BODY_GRID_MM / spacing_mm[1]))
    parts, _ = ndimage.label(hu[:, ::step, ::step] > BODY_HU)
    sizes = np.bincount(parts.ravel(), minlength=2)[1:]
    large = 1 + np.flatnonzero(sizes >= max(1, LEAST_BODY_PART * sizes.max()))
    # Air inside the patient does not reach the border of its slice.
    air, _ = ndimage.label(~np.isin(parts, large), structure=_IN_PLANE)
    is_outside = np.zeros(air.max() + 1, dtype=bool)
    for edge in (air[:, 0], air[:, -1], air[:, :, 0], air[:, :, -1]):
        is_outside[edge] = True
    is_outside[0] = False
    return ~is_outside[air], step


def longest_axis(mask: np.ndarray, spacing_mm: tuple[float, ...]) -> float:
    """Return the longest diameter of a mask, (slices, rows, columns), in an axial slice.

    Millimetres, between the voxels' outer faces, within 0.1%.
    """
    longest = 0.0
    for plane in np.pad(mask, ((0, 0), (1, 1), (1, 1))).astype(np.int8):
        across, along = np.nonzero(np.diff(plane, axis=1)), np.nonzero(np.diff(plane, axis=0))
        rows = np.concatenate([across[0], along[0] + 0.5]) * spacing_mm[1]
        columns = np.concatenate([across[1] + 0.5, along[1]]) * spacing_mm[2]
        if rows.size:
            reach = np.outer(np.sin(_DIRECTIONS), rows) + np.outer(np.cos(_DIRECTIONS), columns)
            longest = max(longest, float(np.ptp(reach, axis=1).max()))
    return longest


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Dice coefficient of two masks, of which one has a voxel."""
    return (
        2
        * float(np.count_nonzero(one & other))
        / float(np.count_nonzero(one) + np.count_nonzero(other))
    )


def _cut_by(hu: np.ndarray, mask: np.ndarray, box: tuple[slice, ...]) -> list[str]:
    """Name the borders of the image that a mask touches."""
    touched = []
    for part, count, (low, high) in zip(box, hu.shape, _BORDERS, strict=True):
        touched += [low] * (part.start == 0) + [high] * (part.stop == count)
    around = tuple(slice(max(0, part.start - 1), part.stop + 1) for part in box)
    missing = hu[around] <= PADDING_HU
    if missing.any():
        grown = np.pad(mask, [(min(1, part.start), 1) for part in box])
        grown = ndimage.binary_dilation(grown)[tuple(slice(0, count) for count in missing.shape)]
        touched += ["the field of view"] * bool((grown & missing).any())
    return touched


def _air_and_tissue(hu: np.ndarray) -> tuple[float, float | None]:
    """Return the share of voxels below -500 HU and the mode of the others (bins of 20 HU)."""
    step = int(np.ceil((hu.size / _MOST_SAMPLES) ** (1 / 3)))
    sample = hu[::step, ::step, ::step]
    tissue = sample[sample > -500].astype(np.int32)
    if not tissue.size:
        return 1.0, None
    peak = float(np.bincount((tissue + 500) // 20).argmax() * 20 - 490)
    return 1 - tissue.size / sample.size, peak
