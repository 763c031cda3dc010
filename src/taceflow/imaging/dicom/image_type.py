"""Plane and ImageType of a CT: whether the scanner or a computer made the images."""

import re

import numpy as np
from pydicom import Dataset

PLANE_COSINE = np.cos(np.radians(30.5))
"""A gantry tilts up to 30 degrees, and an image is called axial all the same."""

_PLANES = ("sagittal", "coronal", "axial")

REFORMATTED = "reformatted"

_WORDS = {
    "ORIGINAL": None,
    "DERIVED": None,
    "MIXED": None,
    "PRIMARY": None,
    "SECONDARY": None,
    "AXIAL": None,
    "VOLUME": None,
    **dict.fromkeys(("REFORMATTED", "MPR", "MPVR", "CPR", "CURVED"), REFORMATTED),
    **dict.fromkeys(("MIP", "MINIP", "MAX", "MIN", "PROJECTION"), "a projection"),
    **dict.fromkeys(("VRT", "SSD", "RENDERING", "VOLREN"), "a rendering"),
    **dict.fromkeys(("VMI", "MONO", "MONOE", "MONOENERGETIC", "KEV"), "of computed energy"),
    **dict.fromkeys(("IODINE", "WATER", "VNC", "VUE", "ZEFF", "MAT"), "a map of materials"),
    **dict.fromkeys(("EFF", "ELECTRON", "OVERLAY", "FUSION"), "a map of materials"),
    **dict.fromkeys(("SUBTRACTION", "SUBTRACT"), "a difference"),
}
"""Words of ImageType (PS3.3 C.8.2.1.1.1, C.8.15.3.9 and the vendors' own), and what a word makes
of the images; None: nothing that changes HU or plane."""


def image_type(header: Dataset) -> str:
    """Return the known words of ImageType: vendors may write anything into it.

    E.g. ``DERIVED SECONDARY MPR``; "" if it is not there.
    """
    values = header.get("ImageType") or ()
    text = values if isinstance(values, str) else " ".join(map(str, values))
    # numbers stand beside letters: MONO70, 40KEV
    words = re.findall("[A-Z]+", text.upper())
    return " ".join(dict.fromkeys(word for word in words if word in _WORDS))


def made_by(words: str) -> list[str]:
    """Return what a computer did to the images, by the words of `image_type`."""
    return list(dict.fromkeys(filter(None, map(_WORDS.get, words.split()))))


def plane_of(normal: np.ndarray) -> str:
    """Name the plane of a normal (LPS, length 1): axial, coronal, sagittal or oblique."""
    axis = int(np.abs(normal).argmax())
    return _PLANES[axis] if abs(normal[axis]) >= PLANE_COSINE else "oblique"
