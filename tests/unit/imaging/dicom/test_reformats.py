"""What a computer made of the images is not taken for what the scanner made."""

from dataclasses import replace

import pytest

AXIAL, CORONAL, SAGITTAL = [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]


@pytest.mark.parametrize(
    ("description", "header"),
    [
        ("ARTERIAL", {"ImageOrientationPatient": CORONAL}),
        ("ARTERIAL", {"ImageOrientationPatient": SAGITTAL, "ImageType": ["ORIGINAL", "PRIMARY"]}),
        ("ARTERIAL", {"ImageType": ["DERIVED", "SECONDARY", "MPR"]}),
        ("ARTERIAL", {"ImageType": ["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"]}),
        ("ARTERIAL", {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "CT_SOM5 MIP"]}),
        ("ARTERIAL", {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "MONO_40KEV"]}),
        ("ARTERIAL", {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "VMI"]}),
        ("ARTERIAL", {"ImageType": ["DERIVED", "PRIMARY", "VOLUME", "MAT_SPECIFIC"]}),
        ("ART_MIP_AX", {}),
        ("ABD_ART_3_0_MPR_cor", {}),
        ("ART MIPS", {}),
        ("ART 40keV", {}),
        ("MonoE 40keV[HU] ART", {}),
        ("ART Iodine", {}),
        ("Art_VNC", {}),
        ("ART Reformatted", {}),
    ],
)
def test_what_a_computer_made_is_not_taken_unless_it_is_asked_for(
    rules, description, header, chosen, refused, series
):
    one = series(3, description, **header)
    assert "no series is the arterial phase" in refused([one], rules, is_declared=True)
    assert "no series is" in refused([one], replace(rules, choose_by=["order"]))
    original = series(4, "ART", **{"ImageOrientationPatient": AXIAL})
    assert chosen([one, original], rules)[0] == 4
    assert chosen([one, original], rules, uid=one.uid)[0] == 3


def test_a_reformat_that_is_asked_for_is_noted(rules, noted, refused, series):
    coronal = series(3, "ARTERIAL", ImageOrientationPatient=CORONAL)
    axial = series(4, "ARTERIAL", ImageOrientationPatient=AXIAL)
    assert noted([coronal, axial], rules) == (4, "")
    assert "wants them: 0 of 1 (left out: coronal)" in refused([coronal], rules)
    assert noted([coronal, axial], rules, uid=coronal.uid) == (
        3,
        "the images are coronal, as series_uid asks for",
    )
    asked = replace(rules, prefer=rules.prefer | {"orientation": "coronal"})
    assert noted([coronal, axial], asked)[0] == 3
    energy = series(5, "ARTERIAL", ImageType=["DERIVED", "PRIMARY", "AXIAL", "MONO70KEV"])
    asked = replace(rules, prefer=rules.prefer | {"derived": "KEV"})
    assert noted([energy], asked) == (
        5,
        "the images are of computed energy, as imaging.prefer asks for",
    )


def test_images_that_are_only_called_derived_come_second_and_are_noted(
    rules, chosen, noted, series
):
    derived = series(3, "ARTERIAL", ImageType=["DERIVED", "PRIMARY", "AXIAL"])
    original = series(4, "ARTERIAL", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    assert chosen([derived, original], rules)[0] == 4
    assert "derived" in noted([derived], rules)[1]


def test_a_tilted_gantry_makes_no_reformat(rules, chosen, series):
    tilted = [1, 0, 0, 0, 0.9063, 0.4226]  # 25 degrees
    assert chosen([series(3, "ARTERIAL", ImageOrientationPatient=tilted)], rules)[0] == 3


def test_a_series_that_watches_the_contrast_arrive_is_no_volume(rules, chosen, placed, series):
    watching = placed(series(2, "P1"), [50] * 20)
    liver = placed(series(3, "P2"), range(0, 100, 5))
    number, reason = chosen([watching, liver], rules, is_declared=True)
    assert (number, "of more than 3 positions: 1 of 2" in reason) == (3, True)
    assert chosen([watching, liver], replace(rules, choose_by=["order"]))[0] == 3
    assert chosen([placed(series(3, "ART"), [0, 5])], rules)[0] == 3


def test_an_axial_volume_is_preferred_to_a_reformat_that_bears_the_name(
    rules, chosen, refused, series
):
    axial = series(3, "Body 5.0 CE", ImageOrientationPatient=AXIAL)
    coronal = series(4, "COR_ARTERIAL", ImageOrientationPatient=CORONAL)
    assert chosen([axial, coronal], rules, is_declared=True)[0] == 3
    later = replace(rules, choose_by=["description", "order"], order={"arterial": 2})
    assert chosen([axial, coronal], later, is_declared=True)[0] == 3
    assert "none of 1" in refused([axial, coronal], rules)
