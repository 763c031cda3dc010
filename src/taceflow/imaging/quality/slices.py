"""The slices through a tumour as data of the page on which a reader judges it.

A page that is opened from a folder may load scripts beside it, and nothing else that it could
compute with: hence a script a patient, whose pictures are text.
"""

import base64
import json
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from taceflow.files.atomic import atomic_path
from taceflow.imaging.quality.measure import bounding_box
from taceflow.imaging.quality.volumes import Volumes

LEAST_MM, MARGIN_MM = 160.0, 25.0
"""Least side of the view, and what is seen around a larger tumour: half a liver, and a margin."""

MOST_SLICES, MOST_PX, LARGEST_PX = 40, 256, 1_600_000
"""Bounds of what a patient weighs: slices, pixels along a side, pixels of all slices."""

HU = (-1024, -200, 300, 1500)
GREY = (0, 48, 215, 255)
"""Which HU a grey level stands for, straight lines between: 3 HU a level in soft tissue."""

_BEYOND_MM = 5.0
_JPEG_QUALITY = 88


def write_slices(volumes: Volumes, patient: str, script: str) -> None:
    """Write the axial slices through all readings as a script that tells them to the page.

    Parameters
    ----------
    volumes : Volumes
        The CT and its masks.
    patient : str
        The study's id.
    script : str
        ``{patient}.js``, to be written.
    """
    content = json.dumps({"patient": patient} | slices(volumes), separators=(",", ":"))
    with atomic_path(script) as temporary:
        temporary.write_text(f"taceflowSlices({content});\n", encoding="utf-8")


def slices(volumes: Volumes) -> dict[str, Any]:
    """Return the axial slices through all readings, grey levels and outlines.

    Returns
    -------
    dict
        ``hu``, ``grey``: what the levels mean; ``width_mm``, ``height_mm`` of the view; ``rows``,
        ``columns``: its voxels; ``numbers``, ``z_mm``: which slices, from the feet, of how many
        (``of``); ``images``: of each a JPEG file in base64; ``outlines``: by reading, of each slice
        the faces between mask and rest, an SVG path in voxels; ``first``: the slice with the main
        reading's largest area.
    """
    hu, spacing = volumes.hu, volumes.spacing_mm
    drawn = np.logical_or.reduce(list(volumes.masks.values()))
    box = bounding_box(drawn)
    levels = _levels(box[0], hu.shape[0], spacing[0])
    rows, columns = (_view(box[axis], hu.shape[axis], spacing[axis]) for axis in (1, 2))
    size_mm = [(part.stop - part.start) * spacing[axis] for axis, part in ((1, rows), (2, columns))]
    side_px = min(MOST_PX, (LARGEST_PX / len(levels)) ** 0.5)
    pixel_mm = max(*spacing[1:], max(size_mm) / side_px)
    size_px = [max(1, round(length / pixel_mm)) for length in size_mm]
    areas = [next(iter(volumes.masks.values()))[level].sum() for level in levels]
    return {
        "hu": HU,
        "grey": GREY,
        "height_mm": round(size_mm[0], 2),
        "width_mm": round(size_mm[1], 2),
        "rows": rows.stop - rows.start,
        "columns": columns.stop - columns.start,
        "numbers": [level + 1 for level in levels],
        "z_mm": [round(volumes.origin_mm[0] + level * spacing[0], 1) for level in levels],
        "of": hu.shape[0],
        "images": [_picture(hu[level, rows, columns], size_px) for level in levels],
        "outlines": {
            name: [outline(mask[level, rows, columns]) for level in levels]
            for name, mask in volumes.masks.items()
        },
        "first": int(np.argmax(areas)),
    }


def _levels(part: slice, count: int, spacing_mm: float) -> list[int]:
    """Return the slices from below the tumour to above it, some of them where they are many."""
    beyond = max(1, round(_BEYOND_MM / spacing_mm))
    first, last = max(0, part.start - beyond), min(count, part.stop + beyond) - 1
    shown = np.linspace(first, last, min(last - first + 1, MOST_SLICES))
    return sorted({int(level) for level in shown.round()})


def _view(part: slice, count: int, spacing_mm: float) -> slice:
    """Return the voxels of an axis that are shown, within the image."""
    length_mm = max(LEAST_MM, (part.stop - part.start) * spacing_mm + 2 * MARGIN_MM)
    length = min(count, round(length_mm / spacing_mm))
    middle = (part.start + part.stop) // 2
    first = min(max(0, middle - length // 2), count - length)
    return slice(first, first + length)


def _picture(hu: np.ndarray, size_px: list[int]) -> str:
    """Return a slice as a JPEG file of grey levels, in base64."""
    image = Image.fromarray(hu.astype(np.float32))
    image = image.resize(size_px[::-1], Image.Resampling.BILINEAR)
    grey = np.interp(np.asarray(image), HU, GREY).round().astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def outline(mask: np.ndarray) -> str:
    """Return the faces between a mask and the rest as an SVG path; the origin is a voxel's corner.

    >>> outline(np.array([[False, True, True]]))
    'M1 0h2M1 1h2M1 0v1M3 0v1'
    """
    padded = np.pad(mask, 1).astype(np.int8)
    across = np.diff(padded, axis=0)[:, 1:-1] != 0
    along = (np.diff(padded, axis=1)[1:-1] != 0).T
    return "".join(
        [f"M{start} {line}h{length}" for line, start, length in _runs(across)]
        + [f"M{line} {start}v{length}" for line, start, length in _runs(along)]
    )


def _runs(faces: np.ndarray) -> list[tuple[int, int, int]]:
    """Return line, start and length of each run of true values along the second axis."""
    ends = np.diff(np.pad(faces, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (line, start), (_, stop) = np.nonzero(ends == 1), np.nonzero(ends == -1)
    return list(zip(line.tolist(), start.tolist(), (stop - start).tolist(), strict=True))
