"""A few images in a series that are none of its slices: a scout, a protocol, a dose report."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from taceflow.imaging.dicom.slices import Slice
from taceflow.imaging.dicom.stack import SPACING_TOLERANCE_MM, along_normal

MOST_STRAY = 5
LARGEST_SHARE = 0.1
"""More of them, or more than this share of a series, are no oversight."""

STRAY_DEGREES = 10
"""Planes that are turned further are another kind of image; less is a slice with a bent header."""


def without_stray_images(slices: Sequence[Slice]) -> Iterator[tuple[list[Slice], list[Slice]]]:
    """Leave out the few images that differ from all others, by each of several marks.

    Yields what is kept of a series, and the stray images.
    """
    most = max(MOST_STRAY, int(LARGEST_SHARE * len(slices)))
    for mark in (_drawing, _plane, _image_type, _frame, _corner):
        marks = [mark(one) for one in slices]
        usual = Counter(marks).most_common(1)[0][0]
        kept = [one for one, own in zip(slices, marks, strict=True) if own == usual]
        stray = [one for one, own in zip(slices, marks, strict=True) if own != usual]
        if 0 < len(stray) <= most and len(stray) < len(kept):
            yield kept, stray


def continues(one: Slice, stack: Sequence[Slice]) -> bool:
    """Tell whether an image would be the next slice of a stack: then its header is wrong."""
    gap = np.median(np.diff(along_normal(stack)))
    normal, own = (np.cross(each.orientation[:3], each.orientation[3:]) for each in (stack[0], one))
    if abs(normal @ own) < np.cos(np.radians(STRAY_DEGREES)):
        return False
    steps = (
        (one.position_mm - end.position_mm) @ normal * way
        for end, way in ((stack[0], -1), (stack[-1], 1))
    )
    return any(abs(step - gap) <= SPACING_TOLERANCE_MM for step in steps)


def _drawing(one: Slice) -> Hashable:
    """Tell colours and images without a scale from measured ones."""
    grey = str(one.header.get("PhotometricInterpretation") or "").startswith("MONOCHROME")
    return grey, one.header.get("PixelSpacing") is not None


def _plane(one: Slice) -> Hashable:
    """Tell images of another plane or size."""
    return (one.number("Rows"), one.number("Columns"), *np.round(one.orientation, 2).tolist())


def _image_type(one: Slice) -> Hashable:
    """Tell images of another kind, such as screen saves; acquisitions share theirs."""
    return tuple(one.header.get("ImageType") or ())


def _frame(one: Slice) -> Hashable:
    """Tell images that belong to no examination, as a page of text does."""
    return str(one.header.get("FrameOfReferenceUID") or "")


def _corner(one: Slice) -> Hashable:
    """Tell images that lie beside all others; slices of a tilted gantry have a corner each."""
    return tuple(np.round(one.orientation.reshape(2, 3) @ one.position_mm).tolist())
