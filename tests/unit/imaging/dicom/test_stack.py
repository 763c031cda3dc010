"""Slices that are no even stack, or no HU, are refused with the reason."""

import pytest

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series


def test_missing_slices_are_counted_and_placed(write, phantom, problem_of):
    def per_slice(index):
        z = 100 + 3 * (index + (index > 2) + 2 * (index > 5))
        return {"ImagePositionPatient": [-20, -30, z]}

    problem = problem_of(write(phantom, per_slice=per_slice))
    assert "slices are missing (3)" in problem
    assert "1 between z = 106.0 and 112.0 mm, 2 between z = 118.0 and 127.0 mm" in problem
    assert problem.endswith("(series number 3)")


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([0, 3, 6, 10, 13, 16, 19, 22], "uneven: 3 to 4 mm"),
        # each gap nearly right, the sum half a millimetre off
        ([0, 5, 10, 15, 20, 25.15, 30.3, 35.45], "uneven: 5 to 5.15 mm"),
        ([0, 3, 6, 6, 9, 12, 15, 18], "1 of 8 slices lies where another one lies"),
    ],
)
def test_uneven_and_doubled_slices(write, phantom, places, reason, problem_of):
    folder = write(
        phantom, per_slice=lambda index: {"ImagePositionPatient": [-20, -30, places[index]]}
    )
    assert reason in problem_of(folder)


def test_rounded_positions_are_even(write, phantom):
    places = [round(0.625 * index, 1) for index in range(8)]
    folder = write(
        phantom, per_slice=lambda index: {"ImagePositionPatient": [-20, -30, places[index]]}
    )
    (series,) = list_series(folder)
    assert load_series(series, patient="P").GetSpacing()[2] == pytest.approx(4.4 / 7)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0.8, 0.6]}, "1 of 8 slices has another orienta"),
        ({"Rows": 36, "Columns": 40}, "Rows and Columns are missing or differ"),
        ({"PixelSpacing": [0.9, 0.8]}, "PixelSpacing differs between slices: 0.7 to 0.8 mm"),
        ({"PixelSpacing": None}, "PixelSpacing is missing"),
        ({"ImagePositionPatient": [-20, -28, 112]}, "shifted sideways by up to 2.00 mm"),
        ({"RescaleSlope": 0}, "RescaleSlope is not above 0"),
        ({"RescaleSlope": -1}, "RescaleSlope is not above 0"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colours and no HU"),
        ({"RescaleType": "MGML"}, "RescaleType"),
        ({"BitsStored": 12, "HighBit": 15}, "HighBit 15 does not fit BitsStored 12"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_one_odd_slice(write, phantom, odd, reason, problem_of):
    problem = problem_of(write(phantom, per_slice=lambda index: odd if index == 4 else {}))
    assert reason in problem
    assert "MGML" not in problem


def test_one_slice_and_skewed_directions(write, phantom, problem_of):
    assert "one slice is no volume" in problem_of(write(phantom[:1], name="one"))
    skewed = write(phantom, name="skewed", orientation=(1, 0, 0, 0.1, 1, 0))
    assert "not at right angles" in problem_of(skewed)
