"""One plane of a quality picture: the CT, the contours, and what is needed to read them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from taceflow.files.atomic import atomic_path
from taceflow.imaging.quality.volumes import Volumes

WINDOW_HU = (-110.0, 190.0)
"""A liver window: width 300, level 40."""

COLOURS = ("#ffd200", "#00b7ff", "#ff6ec7", "#7dff5a")
"""Of the readings, in order; seen well on grey."""

PLANES = (("axial", "RLAP"), ("coronal", "RLHF"), ("sagittal", "APHF"))
"""By the axis that they cut; the letters stand left, right, at the top and at the bottom."""

_EDGE = [withStroke(linewidth=1.6, foreground="black")]


def draw_plane(
    ax: Axes,
    volumes: Volumes,
    axis: int,
    centre: Sequence[int],
    view: np.ndarray,
    bar_mm: float,
) -> None:
    """Draw a plane with what is needed to read it: orientation, scale and position.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Filled to its edges.
    volumes : Volumes
        The CT and its masks.
    axis : int
        The axis that the plane cuts: 0 axial, 1 coronal, 2 sagittal.
    centre : sequence of int
        The voxel through which it goes.
    view : numpy.ndarray of shape (3, 2)
        What is shown of each axis, mm from the first voxel's centre.
    bar_mm : float
        Length of the scale bar.
    """
    name, letters = PLANES[axis]
    spacing = np.array(volumes.spacing_mm)
    draw_image(ax, volumes, axis, centre[axis], view)
    style = {"color": "0.85", "transform": ax.transAxes, "path_effects": _EDGE}
    places = ((0.01, 0.5), (0.99, 0.5), (0.5, 0.99), (0.5, 0.01))
    sides = (("left", "center"), ("right", "center"), ("center", "top"), ("center", "bottom"))
    for letter, (x, y), (across, along) in zip(letters, places, sides, strict=True):
        ax.text(x, y, letter, ha=across, va=along, weight="bold", **style)
    position = volumes.origin_mm[axis] + centre[axis] * spacing[axis]
    where = f"{name} {centre[axis] + 1}/{volumes.hu.shape[axis]}\n{'zyx'[axis]} {position:.1f} mm"
    ax.text(0.01, 0.99, where, ha="left", va="top", size=6, **style)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    start, level = left + 0.03 * (right - left), bottom + 0.04 * (top - bottom)
    ax.plot([start, start + bar_mm], [level, level], color="0.95", lw=1.6, path_effects=_EDGE)
    ax.text(
        start + bar_mm / 2,
        level + 0.015 * (top - bottom),
        f"{bar_mm:g} mm",
        ha="center",
        va="bottom",
        size=5.5,
        color="0.95",
        path_effects=_EDGE,
    )


def draw_image(ax: Axes, volumes: Volumes, axis: int, level: int, view: np.ndarray) -> None:
    """Draw the CT and the contours of one plane; arguments are those of `draw_plane`."""
    hu, masks, spacing = volumes.hu, volumes.masks, volumes.spacing_mm
    down, across = (other for other in range(3) if other != axis)
    shown = [slice(None)] * 3
    ends = {}
    for other in (down, across):
        first = max(0, int(np.floor(view[other][0] / spacing[other])))
        last = min(hu.shape[other], int(np.ceil(view[other][1] / spacing[other])) + 2)
        shown[other] = slice(first, last)
        ends[other] = first, last
    shown[axis] = level
    edges = [(end - 0.5) * spacing[other] for other in (across, down) for end in ends[other]]
    ax.imshow(
        hu[tuple(shown)],
        cmap="gray",
        vmin=WINDOW_HU[0],
        vmax=WINDOW_HU[1],
        extent=(*edges[:2], *edges[:1:-1]),
        interpolation="bilinear",
    )
    columns, rows = (
        np.arange(ends[other][0] - 1, ends[other][1] + 1) * spacing[other]
        for other in (across, down)
    )
    # The main reading comes last, on top of the others.
    for colour, mask in reversed(list(zip(COLOURS * len(masks), masks.values(), strict=False))):
        plane = np.pad(mask[tuple(shown)], 1)
        if plane.any():
            ax.contour(columns, rows, plane, levels=[0.5], colors=colour, linewidths=0.7)
    ax.set_xlim(*view[across])
    # Axial slices have the back below, the other planes the feet.
    ax.set_ylim(*(view[down][::-1] if axis == 0 else view[down]))
    ax.set_axis_off()


def save_picture(figure: Figure, path: str) -> None:
    """Write a picture whole, with nothing in it but pixels."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", facecolor="black", metadata={"Software": None})
