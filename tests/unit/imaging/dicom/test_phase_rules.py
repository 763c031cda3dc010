"""The rules by which the series of a phase is found, one by one."""

from copy import deepcopy
from dataclasses import replace

import pytest

from taceflow.imaging.dicom.deidentification import opaque_key
from taceflow.imaging.dicom.phase import choose_series
from taceflow.imaging.dicom.slices import Slice


def test_the_timing_decides(rules, chosen, phases, refused, series):
    found = [
        series(number, "LIVER", ContrastBolusStartTime="101500.5", AcquisitionTime=time)
        for number, time in ((2, "101400"), (3, "101535"), (4, "101610.25"), (5, "101820"))
    ]
    by_timing = replace(rules, choose_by=["timing"])
    assert chosen(found, by_timing) == (3, "timing: 1 of 4")
    assert chosen(found, replace(by_timing, phase="portal"))[0] == 4
    # 69.75 s after the injection, 0.25 s too early
    narrow = replace(by_timing, timing_s={"portal": [70, 80]})
    assert "timing: 0 of 4" in refused(found, replace(narrow, phase="portal"))
    assert "none of 4 series is recognised" in refused(phases, by_timing)


def test_the_first_slice_in_time_tells_the_delay(rules, chosen, series):
    one = series(3, "LIVER", ContrastBolusStartTime="101500")
    slices = []
    for time in ("101555", "101545", "101535"):  # from the feet to the head
        header = deepcopy(one.header)
        header.AcquisitionTime = time
        slices.append(Slice("file", None, header))
    by_timing = replace(rules, choose_by=["timing"])
    assert chosen([replace(one, slices=tuple(slices))], by_timing) == (3, "timing: 1 of 1")


def test_midnight_between_injection_and_scan(rules, chosen, series):
    found = [
        series(number, "LIVER", ContrastBolusStartTime="235950", AcquisitionTime=time)
        for number, time in ((3, "000025.5"), (4, "000100"))
    ]
    assert chosen(found, replace(rules, choose_by=["timing"])) == (3, "timing: 1 of 2")


def test_the_earliest_study(rules, chosen, refused, series):
    later = {"StudyInstanceUID": "1.2", "StudyDate": "20120403"}
    found = [series(3, "ARTERIAL", **later), series(13, "ARTERIAL")]
    assert "2 series may be" in refused(found, rules)
    earliest = replace(rules, study="earliest")
    assert chosen(found, earliest) == (13, "earliest study: 1 of 2; description: 1 of 1")
    undated = [found[0], series(13, "ARTERIAL", StudyDate="")]
    assert "earliest study: 0 of 2" in refused(undated, earliest)


def test_names_count_where_the_order_chooses(rules, chosen, refused, series):
    by_order = replace(rules, choose_by=["order"])
    found = [series(2, "ABD_NATIV"), series(3, "LIVER"), series(4, "LIVER 2")]
    assert chosen(found, by_order)[0] == 3
    assert chosen(found, replace(by_order, order={"unenhanced": 1, "arterial": 3}))[0] == 4
    assert "no series is the arterial phase" in refused([series(3, "PV"), found[2]], by_order)
    assert "none of 1" in refused(found[:1], by_order)
    assert chosen([series(3, "PV")], by_order, uid="1.2.3")[0] == 3
    two = [series(3, "PV", acquisition=f"{place} of 2") for place in (1, 2)]
    for choose_by in (["order"], ["description", "order"]):
        assert chosen(two, replace(rules, choose_by=choose_by), uid="1.2.3")[0] == 3


@pytest.fixture
def reconstructions(series):
    """Two acquisitions, each reconstructed at 5 and 1 mm."""
    return [
        series(
            number,
            "LIVER",
            AcquisitionTime=time,
            SliceThickness=mm,
            ConvolutionKernel=kernel,
            AcquisitionNumber=place,
        )
        for place, time in ((1, "101000"), (2, "101040"))
        for number, mm, kernel in ((2 * place, 5, "B30f"), (2 * place + 1, 1, "B70f"))
    ]


def test_reconstructions_take_no_place_in_the_order_and_are_chosen_by_preference(
    rules, reconstructions, chosen, refused
):
    found, by_order = reconstructions, replace(rules, choose_by=["order"])
    assert "2 series may be the arterial phase (order: 2 of 4)" in refused(found, by_order)
    thin = replace(by_order, prefer=rules.prefer | {"slice_thickness_mm": 1.25})
    assert chosen(found, thin) == (3, "order: 2 of 4; imaging.prefer: 1 of 2")
    assert chosen(found, replace(thin, phase="portal"))[0] == 5
    soft = replace(by_order, prefer=rules.prefer | {"kernel": r"\bB[34]\d"})
    assert chosen(found, replace(soft, phase="portal"))[0] == 4


def test_preference_does_not_choose_between_two_acquisitions_of_a_phase(
    rules, chosen, refused, series
):
    thin = replace(rules, prefer=rules.prefer | {"slice_thickness_mm": 1.0})
    early = series(3, "EARLY ART", AcquisitionTime="101000", SliceThickness=5)
    late = series(4, "LATE ART", AcquisitionTime="101012", SliceThickness=1)
    assert "2 series may be" in refused([early, late], thin)
    same = series(5, "EARLY ART THIN", AcquisitionTime="101000", SliceThickness=1)
    assert chosen([early, same], thin) == (5, "description: 2 of 2; imaging.prefer: 1 of 2")


def test_the_key_of_a_series_and_its_acquisition_can_be_written(rules, refused, series):
    found = [series(3, "LIVER", acquisition=f"{place} of 3") for place in (1, 2, 3)]
    key = opaque_key(found[0].uid)
    assert "3 series may be" in refused(found, rules, uid=key)
    for uid in (f"{key}/2", f"{found[0].uid}/2"):
        choice = choose_series(found, rules, patient="P", uid=uid)
        assert choice.series.acquisition == "2 of 3"
    ordered = replace(rules, choose_by=["description", "order"])
    choice = choose_series(found, ordered, patient="P", uid=key, is_declared=True)
    assert choice.series is found[0]
    assert "only volume" not in choice.reason


@pytest.mark.parametrize(
    "description",
    [
        *("Topogram_0_6", "SCOUT", "PreMonitoring", "Dose_Report", "AX_MIP_LUNG", "CHEST_MIPs"),
        *("_MPR_Range_", "VRT", "MinIP 5mm", "Smart_Prep_Series", "Venous_3_0_MPR_sag", "MIP5"),
    ],
)
def test_what_is_never_a_candidate(rules, description, refused, series):
    assert "no series is" in refused([series(3, description)], rules, is_declared=True)
