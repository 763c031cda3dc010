"""Who the synthetic patients are."""

import pytest

from taceflow.synthetic.latent import (
    DEFECTS,
    draw_patient,
    image_settings,
    mask_name,
    number_of,
)
from taceflow.synthetic.plan import plan_cohort


def test_exactly_three_patients_cannot_be_used(synthetic_settings):
    plan = plan_cohort(synthetic_settings)
    defects = plan.latents.set_index("patient_id")["defect"].dropna()
    assert sorted(defects) == sorted(DEFECTS.values())
    no_follow_up = plan.patients["time_months"].isna()
    assert plan.patients.loc[no_follow_up, "patient_id"].tolist() == ["HCC-008"]
    assert plan.patients["event"].isna().equals(no_follow_up)


def test_cohorts_and_second_readings(synthetic_settings):
    plan = plan_cohort(synthetic_settings)
    share = (plan.patients["cohort"] == "validation").mean()
    assert share == pytest.approx(0.35, abs=0.03)
    readings = plan.segmentations.groupby("patient_id").size()
    twice = readings.index[readings == 3]
    assert len(twice) == synthetic_settings["second_readings"]
    by_id = plan.latents.set_index("patient_id")
    assert (by_id.loc[twice, "cohort"] == "training").all()
    assert by_id.loc[twice, "defect"].isna().all()
    assert set(readings) == {1, 3}


def test_a_patient_is_the_same_person_in_every_cohort(synthetic_settings):
    settings = image_settings(synthetic_settings)
    patient = draw_patient(settings, 7)
    assert patient == draw_patient(synthetic_settings | {"patients": 7}, 7)
    assert patient.patient_id == "HCC-007"
    assert number_of(patient.patient_id) == 7
    assert draw_patient(settings | {"seed": 12}, 7).texture_z != patient.texture_z


def test_readings_have_a_mask_each(synthetic_settings):
    first, none = (
        draw_patient(image_settings(synthetic_settings) | {"second_readings": count}, 1)
        for count in (20, 0)
    )
    assert none.readings == ((1, 1),)
    names = [mask_name(*reading) for reading in first.readings]
    assert names[0] == "reader1-1.dcm"
    if first.cohort == "training":
        assert names[1:] == ["reader1-2.nii.gz", "reader2-1.nii.gz"]
