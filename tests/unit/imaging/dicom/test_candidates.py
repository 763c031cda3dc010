"""What somebody who must choose a series is shown of it."""

import pytest

from taceflow.imaging.dicom.candidates import list_candidates
from taceflow.imaging.dicom.series import list_series


def test_a_row_has_the_answer_and_what_tells_the_series_apart(write, phantom, rules):
    time = {"AcquisitionTime": "093035.9", "AcquisitionDate": "20130115"}
    folder = write(
        phantom,
        **{"SeriesDescription": "DOE ART 5.0", "PatientName": "Doe^Jane", **time},
        ContrastBolusStartTime="093000",
        ContrastBolusAgent="iohexol",
    )
    later = {"SeriesDescription": "Portal", "StudyDate": "20130420", "SeriesNumber": 9}
    write(phantom, uid="1.2.9", StudyInstanceUID="1.9", SliceThickness=1, **later)
    first, second = list_series(folder)
    shown, other = list_candidates([first, second], first, rules)
    assert (shown["chosen"], other["chosen"]) == (1, 0)
    assert (shown["study"], other["study"]) == (1, 2)
    assert (shown["named"], other["named"]) == ("arterial", "portal")
    assert shown["series_uid"].startswith("uid-")
    assert shown["description"] == "ART 5.0"
    # the time of day, without the date
    assert (shown["time"], other["time"]) == ("09:30:35", None)
    assert (shown["delay_s"], other["delay_s"]) == (pytest.approx(35.9, abs=1e-3), None)
    assert (shown["contrast"], other["contrast"]) == (1, 0)
    assert (shown["slice_thickness_mm"], other["slice_thickness_mm"]) == (3, 1)
    assert (shown["slices"], shown["orientation"]) == (8, "axial")


def test_an_acquisition_of_several_is_named_by_its_place(write, phantom, rules):
    folder = write(phantom, AcquisitionNumber=1)
    write(phantom + 1, AcquisitionNumber=2)
    keys = [row["series_uid"] for row in list_candidates(list_series(folder), None, rules)]
    assert [key.partition("/")[2] for key in keys] == ["1", "2"]
    assert keys[0].partition("/")[0] == keys[1].partition("/")[0]
