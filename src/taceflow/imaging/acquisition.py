"""How a scan was made, and what of it differs from the study's protocol."""

from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.imaging.dicom.image_type import image_type, plane_of
from taceflow.imaging.dicom.series import Series

PROTOCOL = {
    "tube_voltage_kv": (120, 120),
    "tube_current_ma": (250, 250),
    "slice_thickness_mm": (5, 5),
    "slice_spacing_mm": (5, 5),
    "field_of_view_mm": (300, 500),
    "rows": (512, 512),
    "columns": (512, 512),
}
"""Lowest and highest value of each fact in the study's Appendix E1."""


def describe_series(series: Series, image: sitk.Image) -> dict[str, Any]:
    """Return the acquisition facts of a DICOM series and its volume.

    A row of ``cohort/acquisition.tsv`` without patient and phase.
    """
    header = series.slices[0].header
    return describe_volume(
        image,
        modality=str(header.get("Modality") or ""),
        manufacturer=str(header.get("Manufacturer") or ""),
        tube_voltage_kv=_positive(header.get("KVP")),
        tube_current_ma=_positive(header.get("XRayTubeCurrent")),
        slice_thickness_mm=_positive(header.get("SliceThickness")),
        field_of_view_mm=_positive(header.get("ReconstructionDiameter")),
        image_type=image_type(header),
    )


def describe_volume(image: sitk.Image, **facts: Any) -> dict[str, Any]:
    """Return what a volume tells of its acquisition, beside the facts of a header."""
    columns, rows, slices = image.GetSize()
    spacing = image.GetSpacing()
    facts = facts | {
        "orientation": plane_of(np.reshape(image.GetDirection(), (3, 3))[:, 2]),
        "slice_spacing_mm": round(spacing[2], 4),
        "pixel_spacing_mm": round(spacing[0], 4),
        "rows": rows,
        "columns": columns,
        "slices": slices,
    }
    if facts.get("field_of_view_mm") is None:
        facts["field_of_view_mm"] = round(spacing[0] * columns, 2)
    facts["deviations"] = "; ".join(
        f"{name} {facts[name]:g} instead of {low:g}" + (f"-{high:g}" if high > low else "")
        for name, (low, high) in PROTOCOL.items()
        if facts.get(name) is not None and not low <= facts[name] <= high
    )
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _positive(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number > 0 else None
