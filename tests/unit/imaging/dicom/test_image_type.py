"""Planes by their angle, and the words of ImageType that are known."""

import numpy as np
import pytest
from pydicom import Dataset

from taceflow.imaging.dicom.image_type import image_type, made_by, plane_of


@pytest.mark.parametrize(
    ("degrees", "plane"), [(0, "axial"), (30, "axial"), (31, "oblique"), (59, "oblique")]
)
@pytest.mark.parametrize("side", [1, -1])
def test_a_gantry_tilts_up_to_30_degrees(degrees, plane, side):
    tilt = np.radians(degrees)
    assert plane_of(side * np.array([0, np.sin(tilt), np.cos(tilt)])) == plane


@pytest.mark.parametrize(("axis", "plane"), [(0, "sagittal"), (1, "coronal"), (2, "axial")])
def test_a_plane_is_called_by_the_axis_that_it_cuts(axis, plane):
    """Of LPS: right to left, front to back, feet to head."""
    assert plane_of(np.eye(3)[axis]) == plane


@pytest.mark.parametrize(
    ("values", "words", "made"),
    [
        (["ORIGINAL", "PRIMARY", "AXIAL"], "ORIGINAL PRIMARY AXIAL", []),
        (["DERIVED", "SECONDARY", "MPR", "DOE^JOHN"], "DERIVED SECONDARY MPR", ["reformatted"]),
        (["DERIVED", "PRIMARY", "AXIAL", "CT_SOM5 MIP"], "DERIVED PRIMARY AXIAL MIP", None),
        (["derived", "primary", "mono70"], "DERIVED PRIMARY MONO", ["of computed energy"]),
        (["MIP", "MPR", "MIP"], "MIP MPR", ["a projection", "reformatted"]),
        (None, "", []),
    ],
)
def test_known_words_tell_what_a_computer_made(values, words, made):
    header = Dataset()
    if values:
        header.ImageType = values
    assert image_type(header) == words
    assert made_by(words) == (["a projection"] if made is None else made)
