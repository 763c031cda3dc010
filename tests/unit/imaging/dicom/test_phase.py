"""The series of a phase is found by the rules, with its reason, and never by chance."""

from dataclasses import replace

import pydicom
import pytest
import yaml

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.phase import PhaseRules, choose_series
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import Slice
from taceflow.imaging.dicom.times import contrast_delay_s, seconds_of


@pytest.fixture
def rules(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    return PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})


def series(number, description, *, acquisition="", **header):
    facts = pydicom.Dataset()
    defaults = {"StudyInstanceUID": "1.1", "StudyDate": "20120102", "StudyTime": "080000"}
    for keyword, value in (defaults | header).items():
        setattr(facts, keyword, value)
    return Series(
        uid=f"1.2.{number}",
        number=number,
        description=description,
        acquisition=acquisition,
        slices=(Slice("file", None, facts),) * 30,
        notes=(),
    )


def chosen(found, rules, **options):
    choice = choose_series(found, rules, patient="P", **options)
    return choice.series.number, choice.reason


def refused(found, rules, **options):
    with pytest.raises(ExclusionError) as caught:
        choose_series(found, rules, patient="P", **options)
    return caught.value.problem


PHASES = [
    series(2, "PRE LIVER"),
    series(3, "LATE ARTERIAL 5mm"),
    series(4, "PORTAL VENOUS"),
    series(5, "DELAY 3 MIN"),
]


def test_the_description_decides(rules):
    assert chosen(PHASES, rules) == (3, "description: 1 of 4")
    assert chosen(PHASES, replace(rules, phase="portal"))[0] == 4
    assert chosen(PHASES, replace(rules, phase="delayed"))[0] == 5
    assert chosen(PHASES, replace(rules, phase="unenhanced"))[0] == 2


@pytest.mark.parametrize(
    "description", ["Partial recon", "Start", "Earth", "CARTO", "HEART", "party"]
)
def test_a_word_that_only_holds_the_letters_is_no_phase(rules, description):
    problem = refused([series(3, description)], rules)
    assert problem.startswith("none of 1 series is recognised as the arterial phase")


def test_two_candidates_are_none(rules):
    found = [*PHASES, series(7, "ARTERIAL 2mm")]
    problem = refused(found, rules)
    assert problem.startswith("2 series may be the arterial phase (description: 2 of 5)")
    assert "number 7 of 30 slices" in problem
    assert "ARTERIAL" not in problem


def test_two_candidates_of_one_phase_are_not_told_apart_by_their_order(rules):
    found = [*PHASES, series(7, "ARTERIAL 2mm")]
    both = replace(rules, choose_by=["description", "order"])
    assert "2 series may be" in refused(found, both)


def test_a_lone_series_without_a_name_is_not_taken_for_granted(rules):
    assert refused([series(3, "Abdomen")], rules).startswith("none of 1 series is recognised")


def test_the_order_counts_what_is_left(rules):
    found = [
        series(2, "PRE LIVER"),
        series(6, "Recon 2"),
        series(4, "LIVER 2.5"),
        series(3, "LIVER"),
    ]
    by_order = replace(rules, never=r"\bPRE\b", choose_by=["order"])
    number, reason = chosen(found, by_order)
    assert number == 3
    assert reason == "not ruled out by imaging.never: 3 of 4; order: 1 of 3"
    assert chosen(found, replace(by_order, phase="portal"))[0] == 4
    assert "none of 3" in refused(found, replace(by_order, order={"arterial": 4}))


def test_what_is_known_to_be_another_phase_does_not_count_for_the_order(rules):
    found = [series(2, "native"), series(3, "LIVER"), series(4, "PV")]
    both = replace(rules, choose_by=["description", "order"])
    assert chosen(found, both) == (3, "description: 1 of 3; order: 1 of 1")


def test_the_timing_decides(rules):
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
    assert "none of 4 series is recognised" in refused(PHASES, by_timing)


def test_midnight_between_injection_and_scan(rules):
    found = [
        series(number, "LIVER", ContrastBolusStartTime="235950", AcquisitionTime=time)
        for number, time in ((3, "000025.5"), (4, "000100"))
    ]
    assert chosen(found, replace(rules, choose_by=["timing"])) == (3, "timing: 1 of 2")


@pytest.mark.parametrize(
    ("injected", "acquired", "delay_s"),
    [
        ("101500.5", "101610.25", 69.75),
        ("10:15:00", "101535", 35),
        ("235950", "000025.5", 35.5),
        ("1015", "101530.000000", 30),
        ("", "101535", None),
        ("101500", "contrast", None),
        ("256100", "101535", None),
    ],
)
def test_the_delay_after_the_injection(injected, acquired, delay_s):
    assert contrast_delay_s(seconds_of(injected), seconds_of(acquired)) == delay_s


def test_a_rule_narrows_what_the_one_before_left(rules):
    found = [
        series(number, "ART", ContrastBolusStartTime="101500", AcquisitionTime=time)
        for number, time in ((3, "101515"), (4, "101535"))
    ]
    both = replace(rules, choose_by=["description", "timing"])
    assert chosen(found, both) == (4, "description: 2 of 2; timing: 1 of 2")


def test_two_acquisitions_of_one_series_are_told_apart_by_their_order(rules):
    first = series(3, "ART/PV LIVER", acquisition="1 of 2")
    second = replace(first, acquisition="2 of 2")
    assert "2 series may be" in refused([second, first], rules)
    both = replace(rules, choose_by=["description", "order"])
    assert choose_series([second, first], both, patient="P").series is first
    portal = replace(both, phase="portal")
    assert choose_series([second, first], portal, patient="P").series is second


def test_the_earliest_study(rules):
    later = {"StudyInstanceUID": "1.2", "StudyDate": "20120403"}
    found = [series(3, "ARTERIAL", **later), series(13, "ARTERIAL")]
    assert "2 series may be" in refused(found, rules)
    earliest = replace(rules, study="earliest")
    assert chosen(found, earliest) == (13, "earliest study: 1 of 2; description: 1 of 1")
    undated = [found[0], series(13, "ARTERIAL", StudyDate="")]
    assert "earliest study: 0 of 2" in refused(undated, earliest)


def test_series_of_two_studies_have_no_common_order(rules):
    other = {"StudyInstanceUID": "1.2", "StudyDate": "20120403"}
    found = [series(3, "LIVER"), series(4, "LIVER", **other)]
    assert "none of 2" in refused(found, replace(rules, choose_by=["order"]))


def test_the_sheets_series_wins(rules):
    assert chosen(PHASES, rules, uid="1.2.4") == (4, "series_uid of the table of scans: 1 of 4")
    assert "no series is the arterial phase" in refused(PHASES, rules, uid="9.9")


def test_no_series_at_all(rules):
    assert refused([], rules).endswith("among 0 CT series: none")
