"""Optimism: large for a model chosen among noise, none for one that nothing was chosen for."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import CohortTooSmallError
from taceflow.survival.evaluation.optimism import bootstrap_optimism, c_index
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.models.fit import cox_models
from taceflow.survival.regression.selection import select_variables
from taceflow.tables import validate_table

NOISE = [{"column": f"noise_{number}", "label": f"Noise {number}"} for number in range(12)]


def patients(n, seed, **columns):
    """Return patients whose survival depends on nothing but what is given."""
    random = np.random.default_rng(seed)
    table = {one["column"]: random.normal(size=n) for one in NOISE} | columns
    risk = columns.get("truth", 0)
    return pd.DataFrame(
        {
            "patient_id": [f"P{number}" for number in range(n)],
            "time_months": random.exponential(20 * np.exp(-risk)) + 0.01,
            "event": (random.random(n) < 0.8).astype(int),
            "radscore": random.normal(size=n),
            **table,
        }
    )


def corrected(training, variables, bootstraps=30, select="univariate"):
    """Return the row of the clinical model."""
    candidates = clinical_candidates(variables)

    def build(sample):
        return cox_models(sample, select_variables(sample, candidates, 0.2, select), "none")

    table = bootstrap_optimism(training, build(training), build, bootstraps,
                               np.random.default_rng(1))  # fmt: skip
    validate_table(table, "optimism", source="made")
    return table.set_index("model").loc["clinical"], build(training)["clinical"]


@pytest.mark.parametrize("select", ["univariate", "stepwise"])
def test_a_model_chosen_among_noise_falls_to_chance(select):
    training = patients(60, seed=3)
    row, model = corrected(training, NOISE, select=select)
    fresh = c_index(model, patients(4000, seed=4))
    assert row["apparent"] > 0.6
    assert fresh < 0.53
    assert abs(row["corrected"] - fresh) < (row["apparent"] - fresh) / 2


def test_a_true_predictor_keeps_its_concordance():
    truth = np.random.default_rng(5).normal(size=150)
    row, _ = corrected(patients(150, seed=6, truth=truth), [{"column": "truth", "label": "Truth"}])
    assert row["apparent"] > 0.7
    assert abs(row["optimism"]) < 0.01


def test_resamples_without_a_model_leave_no_correction():
    training = patients(40, seed=7)
    models = cox_models(training, clinical_candidates(NOISE[:1]))

    def build(_):
        raise CohortTooSmallError("nobody died")

    row = bootstrap_optimism(training, models, build, 5, np.random.default_rng(1)).iloc[0]
    assert np.isnan(row["corrected"])
    assert row["note"] == "0 of 5 resamples gave a model: no correction"


def test_a_model_without_variables_has_chance_concordance():
    training = patients(40, seed=8)
    model = cox_models(training, [], "none")["clinical"]
    assert c_index(model, training) == 0.5
