"""Whether a series holds images as the scanner made them, or what a computer made of those."""

from typing import Any

import numpy as np

from taceflow.imaging.dicom.header_text import says
from taceflow.imaging.dicom.image_type import REFORMATTED, image_type, made_by, plane_of
from taceflow.imaging.dicom.series import Series


def orientation(series: Series) -> str:
    """Return the plane of a series' slices, "" if it is not known."""
    try:
        row, column = series.slices[0].orientation.reshape(2, 3)
    except (AttributeError, TypeError, ValueError):
        return ""
    normal = np.cross(row, column)
    length = float(np.linalg.norm(normal))
    return plane_of(normal / length) if np.isfinite(length) and length > 0 else ""


def made_of_others(series: Series, prefer: dict[str, Any]) -> str:
    """Say what a computer made of the scanner's images, unless it is what was asked for.

    Parameters
    ----------
    series : Series
        A candidate.
    prefer : dict
        ``imaging.prefer``: ``orientation`` and ``derived``, a regular expression on ImageType and
        description.

    Returns
    -------
    str
        E.g. ``coronal`` or ``a projection``; "" for images in the wanted plane.
    """
    plane = orientation(series)
    wanted = prefer.get("orientation") or "axial"
    # oblique: a tilted or turned patient, no plane that anybody reformats to
    if plane not in ("", "oblique", wanted):
        return plane
    words = image_type(series.header)
    asked = prefer.get("derived")
    if asked and (says(asked, words) or says(asked, series.description)):
        return ""
    return " and ".join(kind for kind in made_by(words) if wanted == "axial" or kind != REFORMATTED)


def is_derived(series: Series) -> bool:
    """Tell whether ImageType calls the images derived."""
    return image_type(series.header).startswith("DERIVED")


def count_places(series: Series) -> int:
    """Return at how many positions there are slices; as many as slices where it is not known."""
    if not all(one.is_placed for one in series.slices):
        return len(series.slices)
    return len(np.unique(np.round([one.position_mm for one in series.slices], 2), axis=0))
