"""The spread of DLOP-Cox over the network's seeds."""

import numpy as np
import pytest
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index

from taceflow.cohort.training import training_patients
from taceflow.survival.models.cox_by_seed import refit
from taceflow.survival.models.fit import cox_models
from taceflow.survival.regression.design import Variable

STRONG, WEAK = Variable("strong", "Strong"), Variable("weak", "Weak")


def test_spread_of_dlop_cox_is_that_of_models_of_single_seeds(run, cohort):
    models, _ = run.fit()
    performance = run.evaluate()["performance"]
    assert len(models["dlop_cox"]["by_seed"]) == 2
    scores = run.read("dlopctr_by_seed.tsv").pivot_table("dlopctr", "patient_id", "seed")
    found = {"c_index": [], "calibration_slope": []}
    for seed, fit in zip((1, 2), models["dlop_cox"]["by_seed"], strict=True):
        table = cohort.assign(
            dlopctr=cohort["patient_id"].map(scores[seed]),
            **{f"stage={level}": (cohort["stage"] == level).astype(float) for level in (2, 3)},
        ).dropna(subset="strong")
        columns = ["time_months", "event", *models["dlop_cox"]["variables"]]
        own = CoxPHFitter().fit(training_patients(table)[columns], "time_months", "event")
        for name, value in fit["coefficients"].items():
            assert own.params_[name] == pytest.approx(value, rel=1e-3)
        rows = table[table["cohort"] == "validation"]
        risk = own.predict_log_partial_hazard(rows)
        found["c_index"].append(concordance_index(rows["time_months"], -risk, rows["event"]))
        outside = rows[["time_months", "event"]].assign(risk=risk)
        slope = CoxPHFitter().fit(outside, "time_months", "event").params_["risk"]
        found["calibration_slope"].append(slope)
    key = ["model", "cohort", "metric"]
    values = performance.set_index(key).sort_index().loc[("dlop_cox", "validation")]
    for metric, each in found.items():
        row = values.loc[metric]
        assert row["seed_min"] == pytest.approx(min(each), rel=1e-3)
        assert row["seed_max"] == pytest.approx(max(each), rel=1e-3)
        assert row["seed_sd"] == pytest.approx(np.std(each, ddof=1), rel=1e-2, abs=1e-4)


def test_a_model_without_dlopctr_has_no_spread(cohort, run):
    model = cox_models(training_patients(cohort).assign(dlopctr=0.5), [STRONG])["dlop_cox"]
    assert refit(model, training_patients(cohort), run.path("dlopctr_by_seed.tsv")) == []
