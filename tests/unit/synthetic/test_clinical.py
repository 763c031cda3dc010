"""Clinical values and survival of the synthetic patients: what was planted is found again."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.utils import concordance_index

from taceflow.synthetic.clinical import bclc_b_substage
from taceflow.synthetic.plan import plan_cohort

COVARIATES = {
    "texture_z": "tumor_texture",
    "albi_score": "albi_score",
    "bclc_b_substage": "bclc_b_substage",
}


def fit(latents: pd.DataFrame) -> pd.DataFrame:
    frame = latents[["time_months", "event", *COVARIATES]].astype(float)
    return CoxPHFitter().fit(frame, "time_months", "event").summary


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
