"""A picture per patient: the masks over the CT in three planes, with what a reader checks first."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import SimpleITK as sitk
from matplotlib.figure import Figure

from taceflow.tables import atomic_path

WINDOW_HU = (-110.0, 190.0)
"""A liver window: width 300, level 40."""

COLOURS = ("#ffd200", "#00b7ff", "#ff6ec7", "#7dff5a")
"""Of the readings, in order; seen well on grey."""

PLANES = (("axial", 0), ("coronal", 1), ("sagittal", 2))


def draw_quality_picture(*, patient: str, volumes: str, picture: str) -> None:
    """Draw three planes through the centre of the first reading's mask.

    Parameters
    ----------
    patient : str
        The study's id, the title.
    volumes : str
        Folder with ``ct.nii.gz`` and ``mask_*.nii.gz`` on one grid.
    picture : str
        PNG file to be written.
    """
    source = Path(volumes)
    ct = _axis_aligned(sitk.ReadImage(str(source / "ct.nii.gz")))
    masks = {
        file.name.removeprefix("mask_").removesuffix(".nii.gz"): _axis_aligned(
            sitk.ReadImage(str(file))
        )
        for file in sorted(source.glob("mask_*.nii.gz"))
    }
    values = sitk.GetArrayFromImage(ct)
    outlines = {name: sitk.GetArrayFromImage(mask) > 0 for name, mask in masks.items()}
    first = next(iter(outlines.values()))
    centre = [round(float(axis.mean())) for axis in np.nonzero(first)]
    spacing = ct.GetSpacing()[::-1]
    with mpl.rc_context({"font.size": 7, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(7.2, 2.9), dpi=150, facecolor="black")
        axes = figure.subplots(1, 3, gridspec_kw={"wspace": 0.03})
        for ax, (name, axis) in zip(axes, PLANES, strict=True):
            _draw_plane(ax, values, outlines, axis, centre[axis], spacing)
            ax.set_title(name, color="0.8", pad=2)
        figure.text(0.01, 0.965, patient, color="white", fontsize=9, weight="bold", va="top")
        figure.text(
            0.99, 0.965, _facts(values, first, spacing), color="white", ha="right", va="top"
        )
        for place, name in enumerate(outlines):
            figure.text(0.01 + 0.11 * place, 0.02, f"— {name}", color=COLOURS[place % len(COLOURS)])
        figure.subplots_adjust(left=0.005, right=0.995, bottom=0.07, top=0.84)
        with atomic_path(picture) as temporary:
            figure.savefig(temporary, format="png", facecolor="black", metadata={"Software": None})


def _draw_plane(ax, values, outlines, axis: int, level: int, spacing: tuple[float, ...]) -> None:
    rows, columns = (gap for place, gap in enumerate(spacing) if place != axis)
    ax.imshow(
        np.take(values, level, axis=axis),
        cmap="gray",
        vmin=WINDOW_HU[0],
        vmax=WINDOW_HU[1],
        aspect=rows / columns,
        origin="upper" if axis == 0 else "lower",
        interpolation="nearest",
    )
    for colour, outline in zip(COLOURS * len(outlines), outlines.values(), strict=False):
        plane = np.take(outline, level, axis=axis)
        if plane.any():
            ax.contour(plane, levels=[0.5], colors=colour, linewidths=0.8)
    ax.set_axis_off()


def _facts(values: np.ndarray, mask: np.ndarray, spacing: tuple[float, ...]) -> str:
    inside = values[mask]
    volume = mask.sum() * np.prod(spacing) / 1000
    extent = [(np.ptp(axis) + 1) * gap for axis, gap in zip(np.nonzero(mask), spacing, strict=True)]
    z, y, x = spacing
    low, middle, high = np.percentile(inside, [5, 50, 95])
    return (
        f"{volume:.1f} mL, {extent[2]:.0f} x {extent[1]:.0f} x {extent[0]:.0f} mm   "
        f"HU {middle:.0f} ({low:.0f} to {high:.0f})\n"
        f"{mask.shape[2]} x {mask.shape[1]} x {mask.shape[0]} voxels "
        f"of {x:.2f} x {y:.2f} x {z:.2f} mm"
    )


def _axis_aligned(image: sitk.Image) -> sitk.Image:
    """Turn the axes so that x goes to the left, y to the back and z to the head."""
    return sitk.DICOMOrient(image, "LPS")
