"""When the first series of a study may not be what the order takes it for."""

from dataclasses import replace

import pytest

from taceflow.imaging.dicom.phase import choose_series


def test_nothing_is_arterial_that_was_scanned_after_a_portal_series(
    rules, chosen, noted, refused, series
):
    """What a rule on names leaves is the first of the rest, but not of the study."""
    portal, unnamed = (
        series(number, name, AcquisitionTime=time)
        for number, name, time in ((5, "Portal", "101200"), (3, "LIVER", "101300"))
    )
    rules = replace(rules, choose_by=["description", "order"])
    words = "(number 3) was scanned after one whose name says portal (number 5); no series is the"
    assert words in refused([portal, unnamed], rules)
    assert words in refused(
        [portal, unnamed], replace(rules, choose_by=["order"], order={"arterial": 2, "portal": 3})
    )
    assert noted([portal, unnamed], rules, uid=unnamed.uid) == (3, "")
    first = series(3, "LIVER", AcquisitionTime="101100")
    assert chosen([portal, first], rules)[0] == 3


def test_a_second_series_that_could_not_be_split_holds_several_acquisitions(
    rules, placed, refused, series
):
    first = placed(series(3, "2.5 SOFT"), range(0, 100, 5))
    second = placed(series(6, "2.5 SOFT"), [*range(0, 100, 5), *range(0, 100, 5)])
    by_order = replace(rules, choose_by=["description", "order"])
    assert "several acquisitions in 40 slices" in refused([first, second], by_order)


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ({"slices": 85}, {"acquisition": "1 of 2", "slices": 96}, "several acquisitions in 192"),
        ({"slices": 85}, {"slices": 90, "ContrastBolusAgent": "IV"}, "contrast agent"),
        ({"slices": 85}, {"slices": 192}, "has 192 slices, as if it held two phases"),
    ],
)
def test_a_first_series_that_may_be_unenhanced_is_not_taken_by_its_place(
    rules, first, second, word, chosen, refused, series
):
    by_order = replace(rules, choose_by=["description", "order"])
    found = [series(3, "2.5 SOFT", **first), series(6, "2.5 SOFT", **second)]
    if "acquisition" in second:
        found.append(replace(found[1], acquisition="2 of 2"))
    problem = refused(found, by_order)
    assert word in problem
    assert "number 3, 85 slices" in problem
    # alike, known to be none, or said by somebody
    alike = [series(3, "2.5 SOFT", slices=85), series(6, "2.5 SOFT", slices=100)]
    assert chosen(alike, by_order)[0] == 3
    assert chosen([series(2, "PRE"), *found], by_order)[0] == 3
    assert choose_series(found, by_order, patient="P", uid="1.2.6").series.number == 6


def test_a_fourth_acquisition_without_names_is_a_doubt(rules, series):
    by_order = replace(rules, choose_by=["order"])
    found = [series(number, "LIVER") for number in (3, 4, 5, 6)]
    choice = choose_series(found, by_order, patient="P")
    assert choice.series.number == 3
    assert choice.doubt.endswith("there are 4 acquisitions, imaging.order counts 3")
    assert choose_series(found[:3], by_order, patient="P").doubt == ""
    known = [series(2, "nativ"), *found]
    assert choose_series(known, by_order, patient="P").doubt == ""
