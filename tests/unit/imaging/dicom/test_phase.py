"""The series of a phase is found by the rules, with its reason, and never by chance."""

from dataclasses import replace

from taceflow.imaging.dicom.phase import choose_series


def test_the_description_decides(rules, chosen, phases):
    assert chosen(phases, rules) == (3, "description: 1 of 4")
    assert chosen(phases, replace(rules, phase="portal"))[0] == 4
    assert chosen(phases, replace(rules, phase="delayed"))[0] == 5
    assert chosen(phases, replace(rules, phase="unenhanced"))[0] == 2


def test_two_candidates_are_none(rules, phases, refused, series):
    found = [*phases, series(7, "ARTERIAL 2mm")]
    problem = refused(found, rules)
    assert problem.startswith("2 series may be the arterial phase (description: 2 of 5)")
    assert "number 7 of 30 slices" in problem
    assert "ARTERIAL" not in problem


def test_two_candidates_of_one_phase_are_not_told_apart_by_their_order(
    rules, phases, refused, series
):
    found = [*phases, series(7, "ARTERIAL 2mm")]
    both = replace(rules, choose_by=["description", "order"])
    assert "2 series may be" in refused(found, both)


def test_a_lone_series_without_a_name_is_not_taken_for_granted(rules, refused, series):
    assert refused([series(3, "Abdomen")], rules).startswith("none of 1 series is recognised")


def test_the_order_counts_what_is_left(rules, chosen, refused, series):
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


def test_what_is_known_to_be_another_phase_does_not_count_for_the_order(rules, chosen, series):
    found = [series(2, "native"), series(3, "LIVER"), series(4, "PV")]
    both = replace(rules, choose_by=["description", "order"])
    assert chosen(found, both) == (3, "description: 1 of 3; order: 1 of 1")


def test_a_rule_narrows_what_the_one_before_left(rules, chosen, series):
    found = [
        series(number, "ART", ContrastBolusStartTime="101500", AcquisitionTime=time)
        for number, time in ((3, "101515"), (4, "101535"))
    ]
    both = replace(rules, choose_by=["description", "timing"])
    assert chosen(found, both) == (4, "description: 2 of 2; timing: 1 of 2")


def test_two_acquisitions_of_one_series_are_told_apart_by_their_order(rules, refused, series):
    first = series(3, "ART/PV LIVER", acquisition="1 of 2")
    second = replace(first, acquisition="2 of 2")
    assert "2 series may be" in refused([second, first], rules)
    both = replace(rules, choose_by=["description", "order"])
    assert choose_series([second, first], both, patient="P").series is first
    portal = replace(both, phase="portal")
    assert choose_series([second, first], portal, patient="P").series is second


def test_the_sheets_series_wins(rules, chosen, phases, refused):
    assert chosen(phases, rules, uid="1.2.4") == (4, "series_uid of the table of scans: 1 of 4")
    assert "no series is the arterial phase" in refused(phases, rules, uid="9.9")


def test_no_series_at_all(rules, refused):
    assert refused([], rules).endswith("among 0 CT series: none")


def test_a_series_that_is_asked_for_against_its_name_is_noted(rules, noted, series):
    portal, unnamed = series(3, "PORTAL VENOUS"), series(4, "Abd 3.0")
    note = "arterial by series_uid, though its name says portal"
    assert noted([portal, unnamed], rules, uid=portal.uid) == (3, note)
    assert noted([portal, unnamed], rules, uid=unnamed.uid) == (4, "")


def test_the_only_volume_of_a_declared_scan_is_the_phase(rules, chosen, noted, refused, series):
    for name in ("Abdomen 5.0 B30f", "AP", "C+", ""):
        number, reason = chosen([series(3, name)], rules, is_declared=True)
        assert (number, "the only volume in what the table of scans names" in reason) == (3, True)
        assert (
            "arterial by the table of scans alone"
            in noted([series(3, name)], rules, is_declared=True)[1]
        )
    assert "none of 1" in refused([series(3, "Abdomen")], rules)
    problem = refused([series(3, "portalvenös")], rules, is_declared=True)
    assert "no series is the arterial phase (description: 0 of 1, names say portal)" in problem
    assert "portalv" not in problem
    by_timing = replace(rules, choose_by=["timing"])
    assert "none of 1" in refused([series(3, "portalvenös")], by_timing, is_declared=True)
    # several volumes are a choice, also if the others are known
    assert "none of 2" in refused([series(3, "A"), series(4, "B")], rules, is_declared=True)
    assert "none of 1" in refused([series(3, "A"), series(4, "PV")], rules, is_declared=True)
    two = [series(3, "A", acquisition=f"{place} of 2") for place in (1, 2)]
    assert "none of 2" in refused(two, rules, is_declared=True)


def test_a_long_list_of_series_is_cut(rules, refused, series):
    problem = refused([series(number, "LIVER") for number in range(1, 301)], rules)
    assert problem.endswith("number 6 of 30 slices, and 294 more")
