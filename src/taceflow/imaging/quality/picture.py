"""The masks over the CT as a radiologist reads them: overview and close-up in three planes."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import ndimage

from taceflow.imaging.crop import bounding_box
from taceflow.imaging.quality.measure import find_body
from taceflow.imaging.quality.plane import COLOURS, WINDOW_HU, draw_image, draw_plane, save_picture
from taceflow.imaging.quality.volumes import Volumes
from taceflow.readings import OTHER_SERIES

WARNING_COLOUR = "#ff9d45"

THUMBNAIL_PX = 208
THUMBNAIL_MM = 220.0
"""Least side of a thumbnail's view: a liver."""

_WIDTH_PX, _DPI, _GAP_PX, _LINE_PX = 1080, 150, 6, 19
_CLOSE_UP_MM = 60.0
_MARGIN_MM = 12.0
_BARS_MM = (5, 10, 20, 50)
_TALLEST_PX = 640


def draw_picture(volumes: Volumes, content: dict[str, Any], *, phase: str, picture: str) -> None:
    """Draw three planes through the centre of the main mask, whole and close up, as a PNG file.

    `content` is what ``qc/{patient}.json`` holds, `phase` that of the CT.
    """
    masks = list(volumes.masks.values())
    centre = centre_of(masks[0], volumes.spacing_mm)
    spacing = np.array(volumes.spacing_mm)
    box = bounding_box(masks[0])
    whole = _overview(volumes, box)
    ends = np.array([[part.start - 0.5, part.stop - 0.5] for part in box]) * spacing[:, None]
    ends = np.array([_widened(one, np.ptp(one) + 2 * _MARGIN_MM) for one in ends])
    close = np.array([_widened(one, max(np.ptp(one), _CLOSE_UP_MM)) for one in ends])
    # of a mask at the border, or a small CT
    close = np.where(np.ptp(close, axis=1) < np.ptp(whole, axis=1), close.T, whole.T).T
    heads, lines = _head(content, volumes, phase)
    rows_of_names = -(-len(masks) // 4)
    rows = [_Row(whole), _Row(close)]
    head_px = _LINE_PX * max(len(heads) + 0.4, len(lines)) + 14
    foot_px = _LINE_PX * rows_of_names + 12
    height = head_px + sum(row.height_px + _GAP_PX for row in rows) - _GAP_PX + foot_px
    with mpl.rc_context({"font.size": 7, "font.family": "DejaVu Sans"}):
        size = (_WIDTH_PX / _DPI, height / _DPI)
        figure = Figure(figsize=size, dpi=_DPI, facecolor="black")

        def place(left: float, top: float, across: float, down: float) -> Axes:
            return figure.add_axes(
                (left / _WIDTH_PX, 1 - (top + down) / height, across / _WIDTH_PX, down / height)
            )

        top = head_px
        for row in rows:
            left = 0.0
            for axis, width in enumerate(row.widths_px):
                ax = place(left, top, width, row.height_px)
                draw_plane(ax, volumes, axis, centre, row.view(axis), row.bar_mm)
                left += width + _GAP_PX
            top += row.height_px + _GAP_PX
        for number, text in enumerate(heads):
            style = {"size": 10, "weight": "bold"} if number == 0 else {"size": 7.5}
            colour = "white" if number == 0 else WARNING_COLOUR
            top = 1 - (8 + number * _LINE_PX + 8 * (number > 0)) / height
            figure.text(0.008, top, text, color=colour, va="top", **style)
        for number, text in enumerate(lines):
            top = 1 - (8 + number * _LINE_PX) / height
            figure.text(0.992, top, text, color="white", ha="right", va="top")
        for number, text in enumerate(_names(content, volumes.masks)):
            bottom = (foot_px - 2 - _LINE_PX * (1 + number // 4)) / height
            colour = COLOURS[number % len(COLOURS)]
            figure.text(0.008 + 0.25 * (number % 4), bottom, f"— {text}", color=colour)
        save_picture(figure, picture)


class _Row:
    """Three planes side by side at one scale, as large as a page lets them be.

    Parameters
    ----------
    ends : numpy.ndarray of shape (3, 2)
        What must be seen of each axis, mm from the first voxel's centre. A view that holds another
        is never drawn at a larger scale.

    Attributes
    ----------
    widths_px : tuple of float
        Of the axial, the coronal and the sagittal plane.
    height_px : float
        Of all three.
    bar_mm : int
        Length of the scale bar.
    """

    def __init__(self, ends: np.ndarray) -> None:
        self._ends = ends
        height, depth, width = np.ptp(ends, axis=1)
        across = _WIDTH_PX - 2 * _GAP_PX
        self._scale = min(across / (2 * width + depth), _TALLEST_PX / max(height, depth))
        self.height_px = max(height, depth) * self._scale
        parts = np.array([width, width, depth]) / (2 * width + depth)
        self.widths_px = tuple((parts * across).tolist())
        self.bar_mm = max(length for length in _BARS_MM if length <= max(0.3 * width, _BARS_MM[0]))

    def view(self, axis: int) -> np.ndarray:
        """Return what the plane across an axis shows: all of its panel."""
        down, across = (other for other in range(3) if other != axis)
        shown = self._ends.copy()
        shown[down] = _widened(shown[down], self.height_px / self._scale)
        shown[across] = _widened(shown[across], self.widths_px[axis] / self._scale)
        return shown


def _widened(ends: np.ndarray, length: float) -> np.ndarray:
    """Return the ends of a view of another length, its middle where it was."""
    return ends.mean() + np.array([-length, length]) / 2


def draw_thumbnail(volumes: Volumes, thumbnail: str) -> None:
    """Draw the axial plane of the main mask's largest area, as a PNG file of 208 pixels square."""
    mask = next(iter(volumes.masks.values()))
    box = bounding_box(mask)
    level = box[0].start + int(mask[box].sum(axis=(1, 2)).argmax())
    spacing = np.array(volumes.spacing_mm)
    ends = np.array([[part.start, part.stop - 1] for part in box]) * spacing[:, None]
    half = max(THUMBNAIL_MM, np.ptp(ends[1:], axis=1).max() + 4 * _MARGIN_MM) / 2
    view = ends.mean(axis=1)[:, None] + np.array([-half, half])
    figure = Figure(figsize=(1, 1), dpi=THUMBNAIL_PX, facecolor="black")
    draw_image(figure.add_axes((0, 0, 1, 1)), volumes, 0, level, view)
    save_picture(figure, thumbnail)


def centre_of(mask: np.ndarray, spacing_mm: tuple[float, ...]) -> tuple[int, ...]:
    """Return the voxel of a mask's largest piece that is nearest to that piece's centre."""
    box = bounding_box(mask)
    pieces, _ = ndimage.label(mask[box], structure=np.ones((3, 3, 3)))
    largest = 1 + int(np.bincount(pieces.ravel())[1:].argmax())
    places = np.argwhere(pieces == largest)
    away = ((places - places.mean(axis=0)) * spacing_mm) ** 2
    nearest = places[away.sum(axis=1).argmin()]
    return tuple(int(place + part.start) for place, part in zip(nearest, box, strict=True))


def _overview(volumes: Volumes, box: tuple[slice, ...]) -> np.ndarray:
    """Return the ends of the body and the mask, in mm by axis.

    Along the patient no longer than across, unless the mask is.
    """
    body, step = find_body(volumes.hu[box[0]], volumes.spacing_mm)
    spacing = np.array(volumes.spacing_mm)
    ends = np.array([[part.start, part.stop] for part in box], dtype=float)
    if body.any():
        for axis, part in enumerate(bounding_box(body)[1:], start=1):
            ends[axis] = min(ends[axis, 0], part.start * step), max(ends[axis, 1], part.stop * step)
    ends = ends * spacing[:, None] + [-_MARGIN_MM, _MARGIN_MM]
    extent = np.array(volumes.hu.shape) * spacing
    length = min(extent[0], np.ptp(ends, axis=1).max())
    low = np.clip(ends[0].mean() - length / 2, 0, extent[0] - length)
    ends[0] = low, low + length
    ends[1:] = ends[1:].clip(0, extent[1:, None])
    return ends - spacing[:, None] / 2


def _head(content: dict[str, Any], volumes: Volumes, phase: str) -> tuple[list[str], list[str]]:
    """Return the title with the findings, and the facts that stand opposite."""
    drawn = content["drawn_on"].get(next(iter(volumes.masks)))
    findings = [f"▲ {finding}" for finding in content["flags"].values()]
    if drawn and drawn != OTHER_SERIES:  # which has a flag
        findings.insert(0, f"Mask drawn on: {drawn} (CT: {phase})")
    pieces = f", {content['pieces']} separate pieces" if content["pieces"] > 1 else ""
    z, y, x = volumes.spacing_mm
    slices, rows, columns = volumes.hu.shape
    low, high = WINDOW_HU
    facts = [
        f"{content['volume_ml']:.1f} mL, longest axial axis {content['longest_axis_mm']:.0f} mm"
        + pieces,
        f"HU in the mask: median {content['median_hu']:.0f}, 5-95% {content['lower_hu']:.0f} to "
        f"{content['upper_hu']:.0f}",
        f"{columns} × {rows} × {slices} voxels of {x:.2f} × {y:.2f} × {z:.2f} mm; "
        f"window {high - low:.0f}, level {(high + low) / 2:.0f}",
    ]
    return [content["patient_id"], *findings], facts


def _names(content: dict[str, Any], masks: dict[str, np.ndarray]) -> list[str]:
    """Return the legend: each reading with its Dice and the phase, if another, of its drawing."""
    names = []
    for name in masks:
        parts = [name]
        if name in content["dice"]:
            parts.append(f"Dice {content['dice'][name]:.2f}")
        if name in content["drawn_on"]:
            drawn = content["drawn_on"][name]
            parts.append(f"drawn on {'another series' if drawn == OTHER_SERIES else drawn}")
        names.append(", ".join(parts))
    return names
