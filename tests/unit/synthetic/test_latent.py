"""Who the synthetic patients are."""

import pytest

from taceflow.synthetic.latent import DEFECTS
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
