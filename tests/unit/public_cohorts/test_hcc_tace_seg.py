"""HCC-TACE-Seg: the index is as published, the plan takes what is needed, the sheet is read."""

import re
from copy import deepcopy
from dataclasses import fields, replace

import numpy as np
import pytest
import yaml
from pydicom import Dataset

from taceflow.errors import ExclusionError, InputError
from taceflow.files.tables import read_table
from taceflow.imaging.dicom.phase import PhaseRules, choose_series
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import Slice
from taceflow.public_cohorts import hcc_tace_seg


def test_the_plan_holds_the_expert_segmentation_and_the_ct_of_its_study(hcc_index):
    plan = hcc_tace_seg.plan_series(hcc_index)
    assert plan["modality"].value_counts().to_dict() == {"CT": 289, "SEG": 105}
    assert list(plan["patient_id"].unique()) == list(hcc_tace_seg.PATIENTS)
    ct = plan[plan["modality"] == "CT"].groupby("patient_id").size()
    assert ct.min() == 1
    assert ct.max() == 3
    assert plan["files"].sum() == 26_365 + 105
    assert plan["size_bytes"].sum() == pytest.approx(15.137e9, abs=1e6)
    rows = hcc_index.set_index("SeriesInstanceUID").loc[plan["series_uid"]]
    assert rows.groupby("PatientID")["StudyInstanceUID"].nunique().max() == 1
    # The index gives MB; no byte is lost on the way back
    assert np.allclose(plan["size_bytes"] / 1e6, rows["series_size_MB"], rtol=0, atol=1e-7)


def test_an_index_without_a_segmentation_is_refused(hcc_index):
    with pytest.raises(InputError, match="104 expert segmentations"):
        hcc_tace_seg.plan_series(
            hcc_index[
                ~(
                    (hcc_index["PatientID"] == "HCC_017")
                    & (hcc_index["SeriesDescription"] == "Segmentation")
                )
            ]
        )


def test_a_segmentation_of_a_later_study_is_refused(hcc_index):
    changed = hcc_index.copy()
    is_mask = (changed["PatientID"] == "HCC_017") & (changed["SeriesDescription"] == "Segmentation")
    changed.loc[is_mask, "StudyDate"] = "2030-01-01"
    with pytest.raises(InputError, match=r"HCC_017.*earliest study"):
        hcc_tace_seg.plan_series(changed)


@pytest.fixture(scope="module")
def overlay(root):
    """The overlay's own archive and rules, over the default ones."""
    own = yaml.safe_load((root / "config" / "hcc_tace_seg" / "config.yaml").read_text())
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    imaging |= own["imaging"]
    return own, PhaseRules(**{one.name: imaging[one.name] for one in fields(PhaseRules)})


@pytest.fixture(scope="module")
def found(hcc_index):
    """Each patient's fetched CT series, as far as the index tells: no times, no positions."""
    plan = hcc_tace_seg.plan_series(hcc_index)
    rows = hcc_index.set_index("SeriesInstanceUID").loc[
        plan[plan["modality"] == "CT"]["series_uid"]
    ]
    by_patient = {}
    for uid, row in rows.iterrows():
        header = Dataset()
        header.StudyInstanceUID = row["StudyInstanceUID"]
        header.StudyDate = str(row["StudyDate"]).replace("-", "")
        one = Series(
            uid=uid,
            number=int(row["SeriesNumber"]),
            description=row["SeriesDescription"] or "",
            acquisition="",
            slices=(Slice("file", None, header),) * int(row["instanceCount"]),
            notes=(),
        )
        by_patient.setdefault(row["PatientID"], []).append(one)
    return by_patient


# from a published phase key of the collection: number and images of the arterial series where it
# is not the lowest number that is not called PRE
PINNED = {
    "HCC_018": (4, 79),
    "HCC_068": (6, 192),
    "HCC_092": (7, 208),
    "HCC_093": (7, 206),
    "HCC_095": (6, 277),
    "HCC_096": (7, 146),
    "HCC_100": (7, 262),
    "HCC_102": (6, 176),
    "HCC_104": (6, 198),
    "HCC_105": (7, 162),
}
# the first of two reconstructions of its names, as in all other patients; without PRE beside it
SAID = PINNED | {"HCC_082": (5, 77)}


def halves(series):
    """The series as it is read: two acquisitions at the same positions."""
    half = len(series.slices) // 2
    return [
        replace(series, acquisition=f"{place} of 2", slices=series.slices[:half])
        for place in (1, 2)
    ]


def test_eleven_series_are_said_and_the_order_chooses_among_their_acquisitions(
    found, overlay, root
):
    own, rules = overlay
    said = read_table(root / own["tables"]["scans"], "scans")
    assert set(said["phase"]) == {rules.phase}
    uids = dict(zip(said["patient_id"], said["series_uid"], strict=True))
    assert set(uids) == set(SAID)
    for patient, uid in uids.items():
        [series] = [one for one in found[patient] if one.uid == uid]
        assert (series.number, len(series.slices)) == SAID[patient]
        others = [one for one in found[patient] if one.uid != uid]
        both = [*others, *([series] if patient in ("HCC_018", "HCC_082") else halves(series))]
        choice = choose_series(both, rules, patient=patient, uid=uid)
        assert choice.series.uid == uid
        assert choice.series.acquisition in ("", "1 of 2")


def test_everybody_else_is_studied_on_the_first_series_that_is_not_called_pre(found, overlay):
    _, rules = overlay
    first = {}
    for patient in sorted(set(found) - set(SAID)):
        choice = choose_series(found[patient], rules, patient=patient)
        assert not re.search("(?i)pre|venous", choice.series.description)
        left = [one for one in found[patient] if "PRE" not in one.description.upper()]
        first[patient] = choice.series is min(left, key=lambda one: one.number)
    assert len(first) == 94
    assert all(first.values())


def test_without_what_is_said_the_rules_take_no_unenhanced_scan(found, overlay):
    """The nine are refused, and HCC_082 with them; of HCC_018 the time decides."""
    _, rules = overlay
    for patient, (number, _) in SAID.items():
        arterial = next(one for one in found[patient] if one.number == number)
        others = [one for one in found[patient] if one.number != number]
        if patient != "HCC_018":
            with pytest.raises(ExclusionError, match="may be unenhanced"):
                choose_series(found[patient], rules, patient=patient)
            if patient != "HCC_082":
                with pytest.raises(ExclusionError, match="several acquisitions"):
                    choose_series([*others, *halves(arterial)], rules, patient=patient)
            continue
        timed = []
        for one in found[patient]:
            header = deepcopy(one.header)
            header.AcquisitionTime = {2: "101000", 3: "101240", number: "101200"}[one.number]
            timed.append(replace(one, slices=(Slice("file", None, header),) * len(one.slices)))
        assert choose_series(timed, rules, patient=patient).series.number == number


def test_only_the_experts_segmentations_fit(overlay):
    pattern = overlay[0]["archive"]["segmentations"]
    assert re.search(pattern, "Segmentation")
    assert not re.search(pattern, "AIMI liver-tumor AI segmentation")


def test_weeks_become_months_and_deaths_come_from_the_column_of_deaths(hcc_sheet, hcc_table):
    hcc_sheet.loc[0, ["OS", "Sex", "hepatitis", "Vascular invasion"]] = [
        350.285714,
        2,
        "HBV only",
        1,
    ]
    hcc_sheet.loc[104, ["OS", "Censored_0_progressed_1"]] = [52.0, 1]
    patients = hcc_table(hcc_sheet)
    assert len(patients) == 105
    assert patients["event"].sum() == 93
    first, last = patients.iloc[0], patients.iloc[104]
    assert first["patient_id"] == "HCC_001"
    assert first["time_months"] == pytest.approx(2452 / 30.4375, rel=1e-6)  # 2,452 days
    assert (first["sex"], first["hepatitis"], first["mvi"]) == ("female", 1, 1)
    assert last["event"] == 0
    assert last["time_months"] == pytest.approx(11.959, abs=1e-3)
    assert np.allclose(patients["tumor_size_cm"], hcc_sheet["Tr_Size"])
    assert set(patients["child_pugh_class"]) == {"A", "B", "C"}
    assert set(patients["tumor_nodules"]) == {"one", "several"}
    assert "child_pugh_score" not in patients
    assert "tumor_number" not in patients


def test_the_response_is_what_two_readers_of_three_saw(hcc_sheet, hcc_table):
    columns = ["1_mRECIST", "2_mRECIST", "3_mRECIST"]
    hcc_sheet.loc[0, columns] = [1, 2, 4]
    hcc_sheet.loc[1, columns] = [2, 3, 4]
    hcc_sheet.loc[2, columns] = [2, 3, np.nan]
    hcc_sheet.loc[3, columns] = [3, np.nan, 3]
    response = hcc_table(hcc_sheet)["treatment_response"]
    assert list(response[:2]) == [1, 0]
    assert np.isnan(response[2])
    assert response[3] == 0
