"""The connected pieces of a mask."""

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.volumes.file import place

NEIGHBOURHOOD = np.ones((3, 3, 3), dtype=bool)
"""Voxels that touch by a face, an edge or a corner belong together."""


def split_tumors(mask: sitk.Image) -> list[sitk.Image]:
    """Split a mask, 0 and 1, not empty, into its connected pieces, the largest first."""
    box, labels, counts = _pieces(mask)
    order = np.argsort(-counts, kind="stable") + 1
    return [_only(mask, box, labels == label) for label in order]


def largest_tumor(mask: sitk.Image, where: dict[str, str]) -> sitk.Image:
    """Keep the largest connected piece of a mask, 0 and 1, not empty.

    Raises
    ------
    ExclusionError
        If two pieces are equally large.
    """
    box, labels, counts = _pieces(mask)
    largest = counts.max()
    if (counts == largest).sum() > 1:
        volume = largest * np.prod(mask.GetSpacing()) / 1000
        raise ExclusionError(
            f"the largest tumour cannot be told: the two largest have {volume:.3f} mL "
            f"and {volume:.3f} mL",
            remedy="Name the region in roi, or set imaging.tumors to union",
            **where,
        )
    return _only(mask, box, labels == counts.argmax() + 1)


def _pieces(mask: sitk.Image) -> tuple[tuple[slice, ...], np.ndarray, np.ndarray]:
    """Return the box around a mask, the pieces in it numbered from 1, and their voxels."""
    from scipy import ndimage  # takes as long to import as the features of a small tumour

    values = sitk.GetArrayViewFromImage(mask)
    (box,) = ndimage.find_objects(values, max_label=1)
    labels, _ = ndimage.label(values[box], structure=NEIGHBOURHOOD)
    return box, labels, np.bincount(labels.ravel())[1:]


def _only(mask: sitk.Image, box: tuple[slice, ...], piece: np.ndarray) -> sitk.Image:
    values = np.zeros(mask.GetSize()[::-1], dtype=np.uint8)
    values[box] = piece
    return place(values, mask)
