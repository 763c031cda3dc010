"""ImageType of a CT: whether the scanner or a computer made the images."""

import re

from pydicom import Dataset

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
