"""Images of another person are refused; one person may be written in two ways."""

import pytest

STRANGER = {"uid": "1.2.9", "SeriesNumber": 9, "PatientID": "H2"}


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({}, {}),
        ({"PatientName": "A^B"}, {"PatientName": "A^B"}),
        ({"PatientBirthDate": "19500101"}, {"PatientID": "H1", "PatientBirthDate": "19510101"}),
        ({"PatientName": "KIM^EUN"}, {"PatientID": "H1", "PatientName": "LEE^HO"}),
        ({"PatientID": None, "PatientName": "KIM^A"}, {"PatientID": "", "PatientName": "LEE^B"}),
    ],
    ids=str,
)
def test_images_of_another_person_are_refused_unless_a_series_is_named(
    write, phantom, load, refusal, own, other
):
    folder = write(phantom, SeriesDescription="Portal", **own)
    write(phantom[:5] + 40, SeriesDescription="Arterial", **(STRANGER | other))
    error = refusal(folder)
    assert error.problem.startswith("images of 2 persons lie together")
    assert error.problem.endswith(": 8, 5 images")
    assert not any(name in str(error) for name in ("H1", "H2", "KIM", "LEE", "1950", "1951"))
    own_uid = "1.2.826.0.1.3680043.8.498.2"
    assert load(folder, own_uid).image.GetSize()[2] == 8


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({"PatientID": "0012"}, {"PatientID": "12 "}),
        ({"PatientName": "MULLER^ANNA"}, {"PatientID": "H1", "PatientName": "Anna Muller-Kim"}),
        (
            {"PatientName": "A^B", "PatientBirthDate": "19500101"},
            {"PatientID": "H1", "PatientName": "C^D", "PatientBirthDate": "1950.01.01"},
        ),
        ({"PatientName": "A^B"}, {"PatientID": "H1", "PatientName": None}),
        ({"PatientName": "KIM^EUN"}, {"PatientID": "H1", "PatientName": "Anonymous^^"}),
        ({"PatientName": "KIM^EUN"}, {"PatientID": "H1", "PatientName": "h1"}),
        ({"PatientName": "HCC_001"}, {"PatientID": "H1", "PatientName": "HCC_001_second"}),
        ({"PatientBirthDate": "19500101"}, {"PatientID": "H1", "PatientBirthDate": "19000101"}),
    ],
    ids=str,
)
def test_one_person_written_in_two_ways_is_one(write, phantom, load, own, other):
    folder = write(phantom, **own)
    write(phantom, SeriesDescription="Portal", **(STRANGER | other))
    assert load(folder).series.description == "ARTERIAL"
