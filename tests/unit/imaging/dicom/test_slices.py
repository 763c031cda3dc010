"""Headers of CT images, mended where only one reading is possible."""

from pathlib import Path

import pydicom
import pytest

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series


def rewritten(folder: Path, tag: bytes, kind: bytes, value: bytes) -> None:
    """Put bytes in place of a value of the same length."""
    for file in folder.iterdir():
        content = bytearray(file.read_bytes())
        at = content.index(tag + kind)
        length = int.from_bytes(content[at + 6 : at + 8], "little")
        content[at + 8 : at + 8 + length] = value.ljust(length)[:length]
        file.write_bytes(content)


def test_decimal_commas_are_points(write, phantom):
    folder = write(phantom, PixelSpacing=[0.9, 0.7], SliceThickness=3.25)
    rewritten(folder, b"\x28\x00\x30\x00", b"DS", b"0,9\\0,7")
    rewritten(folder, b"\x18\x00\x50\x00", b"DS", b"3,25")
    (series,) = list_series(folder)
    assert load_series(series, patient="P").GetSpacing() == pytest.approx((0.7, 0.9, 3))
    assert float(series.header.SliceThickness) == 3.25


@pytest.mark.parametrize(
    ("tag", "kind", "value"),
    [
        (b"\x18\x00\x50\x00", b"DS", b"3 mm"),
        (b"\x18\x00\x50\x00", b"DS", b"nan"),
        (b"\x20\x00\x12\x00", b"IS", b"1."),
        (b"\x20\x00\x12\x00", b"IS", b"x"),
    ],
)
def test_a_broken_value_that_is_not_needed_costs_nothing(
    write, phantom, tag, kind, value, is_whole
):
    folder = write(phantom, SliceThickness=1234.5, AcquisitionNumber=1234)
    rewritten(folder, tag, kind, value)
    (series,) = list_series(folder)
    assert is_whole(series, phantom)
    assert series.notes == ()


def test_frames_that_share_one_position_are_not_read_as_their_first(write, phantom, refusal):
    """Classic CT is one slice a file; dcm2niix makes volumes of nothing but a guess here."""
    folder = write(phantom)
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        dataset.NumberOfFrames, dataset.PixelData = 2, dataset.PixelData * 2
        dataset.save_as(file)
    assert "CT files whose frames share one position (8)" in refusal(folder).problem
