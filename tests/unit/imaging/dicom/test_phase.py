"""The series of a phase is found by the rules, with its reason, and never by chance."""

import unicodedata
from copy import deepcopy
from dataclasses import replace

import pydicom
import pytest
import yaml

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.deidentification import opaque_key
from taceflow.imaging.dicom.phase import PhaseRules, choose_series
from taceflow.imaging.dicom.phase_rules import named_phases
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import Slice
from taceflow.imaging.dicom.times import contrast_delay_s, seconds_of


@pytest.fixture
def rules(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    return PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})


def series(number, description, *, acquisition="", slices=30, **header):
    facts = pydicom.Dataset()
    defaults = {"StudyInstanceUID": "1.1", "StudyDate": "20120102", "StudyTime": "080000"}
    for keyword, value in (defaults | header).items():
        setattr(facts, keyword, value)
    return Series(
        uid=f"1.2.{number}",
        number=number,
        description=description,
        acquisition=acquisition,
        slices=(Slice("file", None, facts),) * slices,
        notes=(),
    )


def chosen(found, rules, **options):
    choice = choose_series(found, rules, patient="P", **options)
    return choice.series.number, choice.reason


def noted(found, rules, **options):
    choice = choose_series(found, rules, patient="P", **options)
    return choice.series.number, "; ".join(choice.notes)


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


def test_the_first_slice_in_time_tells_the_delay(rules):
    one = series(3, "LIVER", ContrastBolusStartTime="101500")
    slices = []
    for time in ("101555", "101545", "101535"):  # from the feet to the head
        header = deepcopy(one.header)
        header.AcquisitionTime = time
        slices.append(Slice("file", None, header))
    by_timing = replace(rules, choose_by=["timing"])
    assert chosen([replace(one, slices=tuple(slices))], by_timing) == (3, "timing: 1 of 1")


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


def test_the_second_of_twelve_acquisitions_is_not_the_tenth(rules):
    found = [series(3, "LIVER", acquisition=f"{place} of 12") for place in range(1, 13)]
    second = replace(rules, choose_by=["description", "order"], order={"arterial": 2})
    assert choose_series(found[::-1], second, patient="P").series.acquisition == "2 of 12"


def test_the_order_is_that_of_time(rules):
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


def test_names_count_where_the_order_chooses(rules):
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


def test_nothing_is_arterial_that_was_scanned_after_a_portal_series(rules):
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


def test_the_same_time_on_all_phases_leaves_the_numbers(rules):
    found = [series(number, "LIVER", AcquisitionTime="101200") for number in (5, 3)]
    number, notes = noted(found, replace(rules, choose_by=["order"]))
    assert (number, notes) == (3, "order by series number: times of acquisition are the same")


def test_the_same_time_on_two_acquisitions_makes_no_reconstructions_of_them(rules):
    same = {"AcquisitionTime": "101200"}
    found = [
        series(3, "LIVER", AcquisitionNumber=2, ConvolutionKernel="B30f", **same),
        series(5, "LIVER", AcquisitionNumber=3, ConvolutionKernel="B40f", **same),
    ]
    assert chosen(found, replace(rules, choose_by=["order"])) == (3, "order: 1 of 2")


def reconstructions(**header):
    """Two acquisitions, each reconstructed at 5 and 1 mm."""
    return [
        series(
            number,
            "LIVER",
            AcquisitionTime=time,
            SliceThickness=mm,
            ConvolutionKernel=kernel,
            AcquisitionNumber=place,
            **header,
        )
        for place, time in ((1, "101000"), (2, "101040"))
        for number, mm, kernel in ((2 * place, 5, "B30f"), (2 * place + 1, 1, "B70f"))
    ]


def test_reconstructions_take_no_place_in_the_order_and_are_chosen_by_preference(rules):
    found, by_order = reconstructions(), replace(rules, choose_by=["order"])
    assert "2 series may be the arterial phase (order: 2 of 4)" in refused(found, by_order)
    thin = replace(by_order, prefer=rules.prefer | {"slice_thickness_mm": 1.25})
    assert chosen(found, thin) == (3, "order: 2 of 4; imaging.prefer: 1 of 2")
    assert chosen(found, replace(thin, phase="portal"))[0] == 5
    soft = replace(by_order, prefer=rules.prefer | {"kernel": r"\bB[34]\d"})
    assert chosen(found, replace(soft, phase="portal"))[0] == 4


def test_preference_does_not_choose_between_two_acquisitions_of_a_phase(rules):
    thin = replace(rules, prefer=rules.prefer | {"slice_thickness_mm": 1.0})
    early = series(3, "EARLY ART", AcquisitionTime="101000", SliceThickness=5)
    late = series(4, "LATE ART", AcquisitionTime="101012", SliceThickness=1)
    assert "2 series may be" in refused([early, late], thin)
    same = series(5, "EARLY ART THIN", AcquisitionTime="101000", SliceThickness=1)
    assert chosen([early, same], thin) == (5, "description: 2 of 2; imaging.prefer: 1 of 2")


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
def test_what_a_computer_made_is_not_taken_unless_it_is_asked_for(rules, description, header):
    one = series(3, description, **header)
    assert "no series is the arterial phase" in refused([one], rules, is_declared=True)
    assert "no series is" in refused([one], replace(rules, choose_by=["order"]))
    original = series(4, "ART", **{"ImageOrientationPatient": AXIAL})
    assert chosen([one, original], rules)[0] == 4
    assert chosen([one, original], rules, uid=one.uid)[0] == 3


def test_a_series_that_is_asked_for_against_its_name_is_noted(rules):
    portal, unnamed = series(3, "PORTAL VENOUS"), series(4, "Abd 3.0")
    note = "arterial by series_uid, though its name says portal"
    assert noted([portal, unnamed], rules, uid=portal.uid) == (3, note)
    assert noted([portal, unnamed], rules, uid=unnamed.uid) == (4, "")


def test_a_reformat_that_is_asked_for_is_noted(rules):
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


def test_images_that_are_only_called_derived_come_second_and_are_noted(rules):
    derived = series(3, "ARTERIAL", ImageType=["DERIVED", "PRIMARY", "AXIAL"])
    original = series(4, "ARTERIAL", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    assert chosen([derived, original], rules)[0] == 4
    assert "derived" in noted([derived], rules)[1]


def test_a_tilted_gantry_makes_no_reformat(rules):
    tilted = [1, 0, 0, 0, 0.9063, 0.4226]  # 25 degrees
    assert chosen([series(3, "ARTERIAL", ImageOrientationPatient=tilted)], rules)[0] == 3


def test_the_only_volume_of_a_declared_scan_is_the_phase(rules):
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


def placed(one, positions):
    """The series with a slice at each position in mm."""
    slices = []
    for mm in positions:
        header = deepcopy(one.header)
        header.ImagePositionPatient, header.ImageOrientationPatient = [0, 0, mm], AXIAL
        slices.append(Slice("file", None, header))
    return replace(one, slices=tuple(slices))


def test_a_series_that_watches_the_contrast_arrive_is_no_volume(rules):
    watching = placed(series(2, "P1"), [50] * 20)
    liver = placed(series(3, "P2"), range(0, 100, 5))
    number, reason = chosen([watching, liver], rules, is_declared=True)
    assert (number, "of more than 3 positions: 1 of 2" in reason) == (3, True)
    assert chosen([watching, liver], replace(rules, choose_by=["order"]))[0] == 3
    assert chosen([placed(series(3, "ART"), [0, 5])], rules)[0] == 3


def test_a_second_series_that_could_not_be_split_holds_several_acquisitions(rules):
    first = placed(series(3, "2.5 SOFT"), range(0, 100, 5))
    second = placed(series(6, "2.5 SOFT"), [*range(0, 100, 5), *range(0, 100, 5)])
    by_order = replace(rules, choose_by=["description", "order"])
    assert "several acquisitions in 40 slices" in refused([first, second], by_order)


def test_an_axial_volume_is_preferred_to_a_reformat_that_bears_the_name(rules):
    axial = series(3, "Body 5.0 CE", ImageOrientationPatient=AXIAL)
    coronal = series(4, "COR_ARTERIAL", ImageOrientationPatient=CORONAL)
    assert chosen([axial, coronal], rules, is_declared=True)[0] == 3
    later = replace(rules, choose_by=["description", "order"], order={"arterial": 2})
    assert chosen([axial, coronal], later, is_declared=True)[0] == 3
    assert "none of 1" in refused([axial, coronal], rules)


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ({"slices": 85}, {"acquisition": "1 of 2", "slices": 96}, "several acquisitions in 192"),
        ({"slices": 85}, {"slices": 90, "ContrastBolusAgent": "IV"}, "contrast agent"),
        ({"slices": 85}, {"slices": 192}, "has 192 slices, as if it held two phases"),
    ],
)
def test_a_first_series_that_may_be_unenhanced_is_not_taken_by_its_place(
    rules, first, second, word
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


def test_a_fourth_acquisition_without_names_is_a_doubt(rules):
    by_order = replace(rules, choose_by=["order"])
    found = [series(number, "LIVER") for number in (3, 4, 5, 6)]
    choice = choose_series(found, by_order, patient="P")
    assert choice.series.number == 3
    assert choice.doubt.endswith("there are 4 acquisitions, imaging.order counts 3")
    assert choose_series(found[:3], by_order, patient="P").doubt == ""
    known = [series(2, "nativ"), *found]
    assert choose_series(known, by_order, patient="P").doubt == ""


def test_the_key_of_a_series_and_its_acquisition_can_be_written(rules):
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


def test_a_long_list_of_series_is_cut(rules):
    problem = refused([series(number, "LIVER") for number in range(1, 301)], rules)
    assert problem.endswith("number 6 of 30 slices, and 294 more")


PHASE_WORDS = {
    "unenhanced": "PRE LIVER|pre_contrast|UNENHANCED|ABD_NATIV|Nativ 5.0|non-con|NC|NCCT|"
    "CAP W/O CONTRAST|ohne KM|Abdomen sans injection|SANS IV|sin contraste|fase basale|senza mdc|"
    "sem contraste|blanco|zonder contrast|bez kontrastu|faza natywna|Kontrastsız|без контраста|"
    "нативная фаза|平扫|腹部平掃|単純|비조영|C-|LIVER C- 5.0",
    "arterial": "arteriell|Spätarteriell 3.0|Temps artériel|ARTERIELLE|fase arterial|HAP|LAP|ART|"
    "fase arteriosa|arteriële fase|faza tętnicza|arteriyel faz|артериальная фаза|动脉期|動脈相|"
    "動脈優位相|동맥기|Late art. phase|ART5mm|LIVER_ART_2.0|ＡＲＴ|artériel tardif|late arterial|"
    "spät arteriell|arterial tardía|поздняя артериальная|AP phase",
    "portal": "portalvenös|portalvenoes 5.0|venös|Temps portal|portale|veineux|fase portal|PVP|PV|"
    "VEN|fase venosa|portaal|faza wrotna|F.ŻYLNA|portal venöz|портальная|венозная|门脉期|门静脉期|"
    "門脈相|문맥기|COR_VENOUS|70s ven|late portal|70_SEC_VENOUS",
    "delayed": "Spätphase|spät|tardif|temps tardif|fase tardía|fase tardiva|tardia|late fase|DEL|"
    "faza późna|opóźniona|geç faz|отсроченная|поздняя фаза|延迟期|延遲期|遅延相|平衡相|지연기|DP|"
    "DELAY_5MIN|5_MIN_DELAY|equilibrium|excretory",
    "": "LIVER 3 PHASE (AP)|CAP|C/A/P|C-A-P|ABD+PELVIS|A/P|AP|AP 5.0 B30f|Partial|HEART|HCC-1|"
    "TC DEL ABDOMEN|C-SPINE|Abdomen KM|C+|PRE-OP PLANNING|pre TACE|alternative|portable|8_X_4_MIN|"
    "chapter|CAPTURE|Start|with and without|25_SEC_DELAY|plate|Venezia|steering|主动脉",
}


@pytest.mark.parametrize("phase", PHASE_WORDS)
def test_the_phase_in_the_languages_of_pacs(rules, phase):
    """As words of another language, in any case, with underscores, with and without accents."""
    for text in PHASE_WORDS[phase].split("|"):
        bare = "".join(
            one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)
        )
        parted = text.replace(" ", "_")
        for spelling in (text, text.upper(), parted, bare, unicodedata.normalize("NFD", text)):
            named = named_phases(series(3, spelling), rules)
            assert named == ({phase} if phase else set()), (spelling, named)


@pytest.mark.parametrize(
    ("text", "charset", "phase"),
    [
        ("动脉期", "gb18030", "arterial"),
        ("動脈相", "shift_jis", "arterial"),
        ("동맥기", "euc_kr", "arterial"),
        ("артериальная", "cp1251", "arterial"),
        ("portalvenös", "utf-8", "portal"),
        ("門脈相", "utf-8", "portal"),
    ],
)
def test_text_without_its_character_set(rules, text, charset, phase):
    read = text.encode(charset).decode("latin-1")
    assert named_phases(series(3, read), rules) == {phase}


@pytest.mark.parametrize(
    "description",
    [
        *("Topogram_0_6", "SCOUT", "PreMonitoring", "Dose_Report", "AX_MIP_LUNG", "CHEST_MIPs"),
        *("_MPR_Range_", "VRT", "MinIP 5mm", "Smart_Prep_Series", "Venous_3_0_MPR_sag", "MIP5"),
    ],
)
def test_what_is_never_a_candidate(rules, description):
    assert "no series is" in refused([series(3, description)], rules, is_declared=True)


def test_a_pattern_of_the_users_own_fits_as_it_is_written(rules):
    for pattern in ("ABD_KM1", r"ABD\_KM1", r"(?P<one_phase>KM1)", "(?x) ABD _ KM1", "früh|KM1"):
        own = replace(rules, phase_patterns={"arterial": pattern})
        assert named_phases(series(3, "ABD_KM1"), own) == {"arterial"}
        assert named_phases(series(3, "ABD_KM2"), own) == set()
