"""Headers however they are written."""

import pandas as pd
import pytest
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_files_without_a_preamble_are_catalogued_alike(build, root, syntax, stack):
    files = stack(root / "a", 3, syntax=syntax)
    build()
    expected = build.series
    for file in files:
        content = file.read_bytes()
        length = int.from_bytes(content[140:144], "little")
        file.write_bytes(content[144 + length :])  # group 2 is gone as well
    build()
    pd.testing.assert_frame_equal(
        build.series.drop(columns="digest"), expected.drop(columns="digest")
    )
    (root / "a" / "notes").write_bytes(b"\x08\x00\x05\x00CS\x0a\x00" + b"no DICOM" * 3000)
    assert build()["no_dicom"] == 1


def test_a_file_that_names_no_transfer_syntax_is_catalogued(
    root, build, stack, drop_transfer_syntax
):
    for file in stack(root, 3):
        drop_transfer_syntax(file)
    build()
    assert build.series[["slices", "transfer_syntax"]].values.tolist() == [
        [3, "ExplicitVRLittleEndian"]
    ]


def test_a_header_beyond_the_first_bytes_is_read_to_its_end(root, build, stack):
    long = "x" * 40_000
    stack(root, 3, ImageComments=long, AdditionalPatientHistory=long)
    build()
    assert build.series.loc[0, ["slices", "slice_spacing_mm", "rows"]].tolist() == [3, 5, 8]
