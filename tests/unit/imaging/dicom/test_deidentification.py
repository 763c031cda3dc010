"""What stands in place of what identifies a person."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.imaging.dicom.deidentification import opaque_key, scrub_description


def test_the_key_of_the_catalogue_names_a_series(write, phantom, load):
    folder = write(phantom, uid="1.2.3", SeriesNumber=1)
    write(phantom + 7, uid="1.2.4", SeriesNumber=2)
    for uid in ("1.2.4", opaque_key("1.2.4")):
        values = sitk.GetArrayFromImage(load(folder, uid).image)
        np.testing.assert_array_equal(values, phantom.astype(int) + 7 - 1024)


@pytest.mark.parametrize(
    ("description", "names", "expected"),
    [
        ("phase A", ["A^B"], "phase A"),
        ("LEE arterial leeway", ["Lee^Ann"], "arterial leeway"),
        ("Kowalskis liver", ["Kowalski"], "liver"),
        ("Müller ART", ["MÜLLER^H"], "ART"),
        ("AX 2013-01-15 C+ 1234567 5.0", [], "AX C+ 5.0"),
    ],
)
def test_descriptions_are_scrubbed(description, names, expected):
    assert scrub_description(description, names) == expected
