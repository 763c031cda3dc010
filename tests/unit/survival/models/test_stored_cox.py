"""A stored Cox model predicts what the fit does, beside lifelines."""

import json

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from taceflow.cohort.training import training_patients
from taceflow.survival.models.stored_cox import (
    apply_model,
    complete_design,
    fit_as_json,
    model_risk,
    unknown_levels,
)
from taceflow.survival.models.survival_interval import interval_as_json, survival_limits
from taceflow.survival.regression.cox_of_variables import fit_cox_terms
from taceflow.survival.regression.design import Variable, make_term

VARIABLES = (Variable("strong", "Strong"), Variable("stage", "Stage", "1"))
COLUMNS = ["strong", "stage=2", "stage=3"]


@pytest.fixture
def fitted(cohort):
    """Lifelines' fit of the training patients, and ours as it comes back from its file."""
    # no two times alike: lifelines' baseline is Breslow's
    cohort["time_months"] += 1e-4 * np.arange(len(cohort))
    training = training_patients(cohort)
    terms = [make_term(training, one) for one in VARIABLES]
    stored = json.loads(json.dumps(fit_as_json(fit_cox_terms(training, terms), terms, training)))
    stored |= {"cut_off": 0.3, "high_risk": "above"}
    return CoxPHFitter().fit(coded(training), "time_months", "event"), stored


def coded(table):
    levels = {f"stage={level}": (table["stage"] == level).astype(float) for level in (2, 3)}
    return table[["time_months", "event", "strong"]].assign(**levels)


def test_two_centres_do_not_tell_the_patient_between_them(fitted, cohort):
    _, stored = fitted
    training = training_patients(cohort)
    fewer = training.drop(index=training.index[5])
    terms = [make_term(training, one) for one in VARIABLES]
    outlier = training.assign(strong=training["strong"].replace(training["strong"].max(), 61234.0))
    for patients in (fewer, outlier):
        left = fit_as_json(fit_cox_terms(fewer, terms), terms, patients)["centre"]
        assert left == stored["centre"]
    # a level's mean would count its patients
    assert stored["centre"]["stage=2"] == stored["centre"]["stage=3"] == 0
    assert {abs(10 * value) % 1 for value in stored["centre"].values()} <= {0.0}


def test_predictions_of_a_stored_model_equal_lifelines(fitted, cohort):
    model, stored = fitted
    cohort.loc[3, "strong"] = np.nan
    found = apply_model("clinical", stored, cohort, [12, 600]).set_index("patient_id")
    assert set(cohort["patient_id"]) - set(found.index) == {"P003"}
    rows = cohort.drop(index=3)
    risk = model.predict_log_partial_hazard(coded(rows))
    # from another centre
    shift = (found["risk"] - risk.to_numpy()).to_numpy()
    np.testing.assert_allclose(shift, shift[0], atol=1e-3)
    assert abs(shift[0]) < 2
    assert (found["risk_group"] == "high").tolist() == (found["risk"] > 0.3).tolist()
    # a step, where lifelines goes straight from death to death
    last = max(time for time in model.baseline_survival_.index if time <= 12)
    expected = model.predict_survival_function(coded(rows), times=[last]).iloc[0]
    np.testing.assert_allclose(found["survival_12_months"], expected, rtol=1e-3, atol=1e-4)
    assert found["survival_600_months"].isna().all()


def test_risk_groups_that_were_decided_before_stand(fitted, cohort):
    _, stored = fitted
    decided = pd.Series(np.arange(len(cohort)) % 2, cohort["patient_id"]).map({0: "low", 1: "high"})
    found = apply_model("radscore", stored, cohort, [12], decided)
    assert found["risk_group"].tolist() == decided.tolist()


def test_limits_come_with_the_rows(fitted, cohort):
    _, stored = fitted
    training = training_patients(cohort)
    terms = [make_term(training, one) for one in VARIABLES]
    stored["interval"] = interval_as_json(fit_cox_terms(training, terms))
    plain = apply_model("clinical", stored, cohort, [12, 600])
    found = apply_model("clinical", stored, cohort, [12, 600], with_limits=True)
    pd.testing.assert_frame_equal(found[list(plain)], plain)
    design = complete_design(stored, cohort)
    limits = survival_limits(stored, design.to_numpy(float), model_risk(stored, design), [12])
    for end, limit in zip(("_lower", "_upper"), limits, strict=True):
        np.testing.assert_array_equal(found[f"survival_12_months{end}"], limit[:, 0])
    assert found["survival_600_months_lower"].isna().all()


def test_a_level_that_no_training_patient_has_is_named(fitted, cohort):
    _, stored = fitted
    assert unknown_levels(stored, cohort) == ""
    new = cohort.head(3).assign(stage=[7.0, 7.0, 1.0])
    told = unknown_levels(stored, pd.concat([cohort, new]))
    assert "stage '7' (2 patients)" in told
    assert "no training patient" in told
