"""A scout, a protocol or a dose report among the slices of a series."""

import pytest

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series

SCOUT = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]


@pytest.mark.parametrize(
    "scout",
    [
        {"ImageOrientationPatient": SCOUT, "ImageType": None},
        {"ImageOrientationPatient": SCOUT, "Rows": 36, "Columns": 40},
        {"Rows": 36, "Columns": 40, "ImagePositionPatient": [0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 0], "ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
        {"ImagePositionPatient": [0, 0, 0], "PixelSpacing": None},
        {"ImagePositionPatient": [0, 0, 0], "PhotometricInterpretation": "RGB"},
        {"ImagePositionPatient": [0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 110.5]},
        {"ImagePositionPatient": [-20, -30, 0], "FrameOfReferenceUID": "1.2.3"},
    ],
    ids=str,
)
def test_a_scout_or_a_protocol_in_the_series_is_left_out(write, phantom, scout, is_whole):
    folder = write(phantom)
    write(phantom[3:4] + 9, **scout)
    (series,) = list_series(folder)
    assert series.notes == ("1 image that is no slice (scout, protocol, report) left out",)
    assert is_whole(series, phantom)


def test_a_scout_beside_two_acquisitions(write, phantom, is_whole):
    folder = write(phantom, AcquisitionNumber=1)
    write(phantom + 40, AcquisitionNumber=2)
    write(phantom[3:4] + 9, ImageOrientationPatient=SCOUT, AcquisitionNumber=0)
    first, second = list_series(folder)
    assert is_whole(first, phantom)
    assert is_whole(second, phantom + 40)
    assert "1 image that is no slice" in first.notes[0]


@pytest.mark.parametrize(
    "bent",
    [
        {"Rows": 36, "Columns": 40},
        {"ImageOrientationPatient": [1, 0, 0, 0, 0.999, 0.0447]},
        {"FrameOfReferenceUID": "1.2.3", "PixelSpacing": [0.9, 0.9]},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [0, 7])
def test_a_slice_with_a_wrong_header_at_an_end_is_no_scout(write, phantom, bent, place):
    folder = write(phantom, per_slice=lambda index: bent if index == place else {})
    (series,) = list_series(folder)
    assert len(series.slices) == 8
    with pytest.raises(ExclusionError, match=r"differs? between slices|another orientation"):
        load_series(series, patient="P")
