"""The plan of the synthetic cohort: stable, complete, and with the planted hazards in it."""

import time

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.utils import concordance_index

from taceflow.files.schemas import validate_table
from taceflow.files.tables import read_table
from taceflow.synthetic.clinical import bclc_b_substage
from taceflow.synthetic.latent import DEFECTS, image_settings
from taceflow.synthetic.plan import plan_cohort, write_tables

COVARIATES = {
    "texture_z": "tumor_texture",
    "albi_score": "albi_score",
    "bclc_b_substage": "bclc_b_substage",
}


@pytest.fixture(scope="module")
def large(synthetic_settings) -> pd.DataFrame:
    return plan_cohort(synthetic_settings | {"patients": 2000}).latents


@pytest.fixture(scope="module")
def large_null(null_settings) -> pd.DataFrame:
    return plan_cohort(null_settings | {"patients": 2000}).latents


def fit(latents: pd.DataFrame) -> pd.DataFrame:
    frame = latents[["time_months", "event", *COVARIATES]].astype(float)
    return CoxPHFitter().fit(frame, "time_months", "event").summary


def test_same_seed_same_cohort(synthetic_settings):
    one, two = plan_cohort(synthetic_settings), plan_cohort(synthetic_settings)
    for name in ("patients", "scans", "segmentations", "latents"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    other = plan_cohort(synthetic_settings | {"seed": 12})
    assert not one.latents["texture_z"].equals(other.latents["texture_z"])


def test_a_patient_does_not_depend_on_the_number_of_patients(synthetic_settings):
    few, many = plan_cohort(synthetic_settings | {"patients": 20}), plan_cohort(synthetic_settings)
    for name in ("patients", "scans", "segmentations", "latents"):
        short, long = getattr(few, name), getattr(many, name)
        shared = long[long["patient_id"].isin(few.patients["patient_id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(short, shared, check_dtype=False)


def test_the_null_cohort_differs_in_follow_up_only(synthetic_settings, null_settings):
    planted, null = plan_cohort(synthetic_settings), plan_cohort(null_settings)
    follow_up = ["time_months", "event"]
    pd.testing.assert_frame_equal(
        planted.patients.drop(columns=follow_up), null.patients.drop(columns=follow_up)
    )
    assert not planted.patients["time_months"].equals(null.patients["time_months"])
    pd.testing.assert_frame_equal(planted.scans, null.scans)
    pd.testing.assert_frame_equal(planted.segmentations, null.segmentations)
    assert image_settings(synthetic_settings) == image_settings(null_settings)


def test_planned_while_the_snakefile_is_parsed_so_fast(synthetic_settings):
    plan_cohort(synthetic_settings)
    start = time.process_time()
    plan_cohort(synthetic_settings)
    assert time.process_time() - start < 0.2


def test_tables_fit_their_schemas(synthetic_settings):
    plan = plan_cohort(synthetic_settings, root="results/any/synthetic")
    for name in ("patients", "scans", "segmentations"):
        validate_table(getattr(plan, name), name, source=name)
    assert plan.scans["image"].str.startswith("results/any/synthetic/images/HCC-").all()
    assert list(plan.scans["phase"].unique()) == ["arterial"]
    assert plan.scans["patient_id"].is_unique


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


def test_values_are_plausible_and_some_are_missing(large, synthetic_settings):
    table = plan_cohort(synthetic_settings | {"patients": 2000}).patients
    missing = table.isna().mean()
    assert missing["albumin_g_l"] == pytest.approx(0.03, abs=0.015)
    assert missing["age_years"] == missing["tumor_size_cm"] == 0
    assert table["tumor_size_cm"].between(2.0, 5.5).all()
    assert table["child_pugh_score"].between(5, 9).all()
    assert set(table["bclc_b_substage"].dropna()) == {1, 2, 3, 4}
    assert (table["bclc_b_substage"].value_counts(normalize=True) > 0.05).all()
    assert table["albumin_g_l"].corr(table["bilirubin_umol_l"]) < -0.2
    # a high ALBI score goes with bad liver function and so with higher substages
    assert large["albi_score"].corr(large["bclc_b_substage"]) > 0.2
    assert large["albi_score"].std() == pytest.approx(0.45, abs=0.05)
    assert abs(large["texture_z"].corr(large["albi_score"])) < 0.06


def test_substages_after_bolondi():
    assert bclc_b_substage(7, 3, 4.0) == 1
    assert bclc_b_substage(6, 4, 3.1) == 2
    assert bclc_b_substage(7, 4, 3.1) == 3
    assert bclc_b_substage(8, 1, 2.0) == 4


def test_follow_up(large, large_null):
    assert 0.65 <= large["event"].mean() <= 0.72
    curve = KaplanMeierFitter().fit(large["time_months"], large["event"])
    assert curve.median_survival_time_ == pytest.approx(20, abs=3)
    assert (large["time_months"] > 60).sum() > 100
    assert large["time_months"].gt(0).all()
    assert np.array_equal(large["time_months"], large["time_months"].round(2))
    null = KaplanMeierFitter().fit(large_null["time_months"], large_null["event"])
    assert null.median_survival_time_ == pytest.approx(20, abs=2)


def test_a_cox_model_finds_the_planted_ratios(large, synthetic_settings):
    found = fit(large)
    for covariate, name in COVARIATES.items():
        ratio = synthetic_settings["hazard_ratios"][name]
        # 4 standard errors: the seed is fixed, the test is of the generator
        slack = 4 * found.loc[covariate, "se(coef)"]
        assert found.loc[covariate, "coef"] == pytest.approx(np.log(ratio), abs=slack)
        assert found.loc[covariate, "coef lower 95%"] > 0
    assert (
        concordance_index(large["time_months"], -large["linear_predictor"], large["event"]) > 0.72
    )


def test_a_cox_model_finds_nothing_in_the_null_cohort(large_null):
    found = fit(large_null)
    assert (found["coef"].abs() < 3 * found["se(coef)"]).all()
    assert np.allclose(large_null["linear_predictor"], 0)


def test_survival_falls_with_the_substage(large):
    medians = [
        KaplanMeierFitter().fit(group["time_months"], group["event"]).median_survival_time_
        for _, group in large.groupby("bclc_b_substage")
    ]
    assert len(medians) == 4
    assert medians == sorted(medians, reverse=True)


def test_the_procedure_follows_appendix_e2(synthetic_settings):
    table = plan_cohort(synthetic_settings | {"patients": 300}).patients
    assert table["raltitrexed_mg_m2"].between(2.5, 3).all()
    assert table["lipiodol_ml"].between(2, 20).all()
    ratio = (table["lipiodol_ml"] / table["tumor_size_cm"])[table["lipiodol_ml"].between(2.1, 19.9)]
    assert ratio.between(1.95, 3.05).all()
    assert set(table["embolic_agent"]) == {"gelatin_sponge", "pva_particles"}
    assert table["tace_sessions"].between(1, 6).all()


def test_tables_read_back(synthetic_settings, tmp_path):
    paths = {name: tmp_path / f"{name}.tsv" for name in ("patients", "scans", "segmentations")}
    write_tables(synthetic_settings, "root", **{k: str(v) for k, v in paths.items()})
    plan = plan_cohort(synthetic_settings, "root")
    for name, path in paths.items():
        table = read_table(path, name)
        wanted = getattr(plan, name)
        assert table.columns.tolist() == wanted.columns.tolist()
        assert len(table) == len(wanted)
        assert table["patient_id"].tolist() == wanted["patient_id"].tolist()
    read = read_table(paths["patients"])
    pd.testing.assert_series_equal(read["time_months"], plan.patients["time_months"])
    assert read["event"].isna().sum() == 1
