"""The order of the acquisitions of a study."""

from dataclasses import replace

from taceflow.imaging.dicom.phase import choose_series


def test_series_of_two_studies_have_no_common_order(rules, refused, series):
    other = {"StudyInstanceUID": "1.2", "StudyDate": "20120403"}
    found = [series(3, "LIVER"), series(4, "LIVER", **other)]
    assert "none of 2" in refused(found, replace(rules, choose_by=["order"]))


def test_the_second_of_twelve_acquisitions_is_not_the_tenth(rules, series):
    found = [series(3, "LIVER", acquisition=f"{place} of 12") for place in range(1, 13)]
    second = replace(rules, choose_by=["description", "order"], order={"arterial": 2})
    assert choose_series(found[::-1], second, patient="P").series.acquisition == "2 of 12"


def test_the_order_is_that_of_time(rules, chosen, noted, series):
    by_order = replace(rules, choose_by=["order"])
    times = {2: "101200", 5: "101035", 7: "101100"}
    found = [series(number, "LIVER", AcquisitionTime=time) for number, time in times.items()]
    assert chosen(found, by_order) == (5, "order: 1 of 3")
    assert chosen(found, replace(by_order, phase="portal"))[0] == 7
    assert "time of acquisition, which is not that of the series" in noted(found, by_order)[1]
    # over midnight
    late = series(9, "LIVER", AcquisitionTime="235950", AcquisitionDate="20120101")
    assert chosen([late, *found], by_order)[0] == 9
    untimed = [*found[:2], series(7, "LIVER")]
    assert noted(untimed, by_order) == (
        2,
        "order by series number: times of acquisition are missing",
    )


def test_the_same_time_on_all_phases_leaves_the_numbers(rules, noted, series):
    found = [series(number, "LIVER", AcquisitionTime="101200") for number in (5, 3)]
    number, notes = noted(found, replace(rules, choose_by=["order"]))
    assert (number, notes) == (3, "order by series number: times of acquisition are the same")


def test_the_same_time_on_two_acquisitions_makes_no_reconstructions_of_them(rules, chosen, series):
    same = {"AcquisitionTime": "101200"}
    found = [
        series(3, "LIVER", AcquisitionNumber=2, ConvolutionKernel="B30f", **same),
        series(5, "LIVER", AcquisitionNumber=3, ConvolutionKernel="B40f", **same),
    ]
    assert chosen(found, replace(rules, choose_by=["order"])) == (3, "order: 1 of 2")
