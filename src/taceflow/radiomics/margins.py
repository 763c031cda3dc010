"""How far around a tumour its features look. Light: Snakemake reads this as it parses the rules."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from taceflow.imaging.crop import Reach
from taceflow.radiomics.panel import Panel

GRADIENT_MARGIN_VOXELS = 1
WAVELET_MARGIN_VOXELS = 4
LOG_MARGIN_SIGMAS = 14.0
"""Margins beyond which a voxel no longer matters, measured against whole volumes. At 10 sigma the
Laplacian of Gaussian is exact to 1e-5 HU, at 14 to the last bit of nearly every voxel, which keeps
voxels at the edge of a bin on their side of it."""


def filter_reach(panel: Panel) -> Reach:
    """Return how far around a region a panel's filters look."""
    has_wavelets = any(name.startswith("wavelet-") for name in panel.images)
    return Reach(
        mm=LOG_MARGIN_SIGMAS * max(panel.sigmas_mm, default=0.0),
        voxels=WAVELET_MARGIN_VOXELS if has_wavelets else GRADIENT_MARGIN_VOXELS,
        goes_round=WAVELET_MARGIN_VOXELS if has_wavelets else 0,
    )


def moved_by(
    contour_mm: float, translation_mm: float, volume_fraction: float
) -> tuple[float, float]:
    """Return how far perturbations move a contour: mm, and a share of the mask's longest side."""
    return 4 * contour_mm + translation_mm, volume_fraction / 2


def study_reach(config: Mapping[str, Any], panel: Panel) -> dict[str, Any] | None:
    """Return the `Reach` of a study's features and patch, as values.

    None if the whole volume is to be kept (``imaging.whole_volume``).
    """
    if config["imaging"]["whole_volume"]:
        return None
    filters, moves = filter_reach(panel), config["radiomics"]["perturbations"]
    moved_mm, moved_share = None, 0.0
    if moves["patients"]:
        moved_mm, moved_share = moved_by(
            moves["contour_mm"], moves["translation_mm"], moves["volume_fraction"]
        )
    return asdict(filters) | {
        "mm": max(filters.mm, config["patch"]["margin_mm"]),
        "moved_mm": moved_mm,
        "moved_share": moved_share,
    }
