import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.without_patients import (
    at_horizons,
    backbone_description,
    network_description,
    stored_models,
    told_performance,
)
from taceflow.survival.models.stored_cox import fit_as_json
from taceflow.survival.models.survival_interval import interval_as_json
from taceflow.survival.regression.cox import fit_cox, predicted_survival
from taceflow.survival.regression.design import Term

HORIZONS = [12, 30.5, 36, 60]


@pytest.fixture
def model():
    draw = np.random.default_rng(3)
    x = draw.normal(size=(60, 1))
    time = draw.exponential(20 * np.exp(-x[:, 0])).clip(1.27, 61.83)
    event = (time < 61.83).astype(int)
    fit = fit_cox(time, event, x, ["x"])
    stored = fit_as_json(fit, [Term("x")], pd.DataFrame({"x": x[:, 0]}))
    stored |= {"note": "P001 lies far out", "by_seed": [1], "interval": interval_as_json(fit)}
    return stored, pd.DataFrame({"model": "radscore", "time_months": time, "event": event})


def survival(baseline, at):
    names = ("times_months", "log_cumulative_hazard", "last_follow_up_months")
    times, hazard, last = (baseline[name] for name in names)
    risk = np.array([-2.0, 0.0, 1.5])
    return predicted_survival(risk, np.array(times), np.array(hazard), last, at)


def test_survival_at_the_horizons_is_the_fits(model):
    stored, training = model
    baseline = stored_models({"radscore": stored}, HORIZONS, training)["radscore"]["baseline"]
    expected = survival(stored["baseline"], HORIZONS)
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(survival(baseline, HORIZONS), expected)


def test_no_time_of_a_patient_is_told(model):
    stored, training = model
    told = stored_models({"radscore": stored}, HORIZONS, training)["radscore"]
    assert set(stored["baseline"]["times_months"]) & set(training["time_months"])
    assert told["baseline"]["times_months"] == HORIZONS
    assert told["baseline"]["last_follow_up_months"] == 60
    assert set(told) == {
        *("kind", "variables", "terms", "coefficients", "centre", "baseline", "n", "events"),
        "interval",
    }
    assert all(len(values) == len(HORIZONS) for name, values in told["interval"].items()
               if name != "covariance")  # fmt: skip


def test_a_handful_of_deaths_has_no_interval(model):
    stored, training = model
    few = training.assign(event=training.index < 4)
    others = training.assign(model="albi")
    told = stored_models({"radscore": stored}, HORIZONS, pd.concat([few, others]))
    assert "interval" not in told["radscore"]


def test_a_death_on_a_horizon_is_counted_in_it():
    baseline = {"times_months": [1.0, 2, 12], "log_cumulative_hazard": [-6.0, -5.0, -4.0]}
    told = at_horizons(baseline | {"last_follow_up_months": 12.0}, [12, 0.5, 60])
    assert told["times_months"] == [12]
    assert told["log_cumulative_hazard"] == [-4.0]
    # the follow-up may end on a horizon, and horizons may come before the first death
    assert told["last_follow_up_months"] == 12


def test_nobody_followed_for_a_month():
    baseline = {"times_months": [0.5], "log_cumulative_hazard": [-1.0]}
    told = at_horizons(baseline | {"last_follow_up_months": 0.9}, [12])
    assert told == {
        "times_months": [],
        "log_cumulative_hazard": [],
        "last_follow_up_months": 0.0,
        "at_horizons_alone": True,
    }


def test_a_network_keeps_what_the_final_fit_needs():
    described = {
        "settings": {"standardise": True},
        "breaks_months": [0.0, 12.0],
        "kept_epochs": {"seed1.final": 3, "seed1.fold1": 9},
        "clinical": {"final": ["age_years"]},
        "terms": {"final": [{"column": "age_years"}], "fold1": [{"column": "sex"}]},
    }
    kept = network_description(described)
    assert kept["terms"] == [{"column": "age_years"}]
    assert set(kept) == {"settings", "breaks_months", "terms"}


def test_a_file_of_ones_own_is_called_file():
    described = {"source": "meier_weights.pt", "sha256": "ab", "code": "x"}
    assert backbone_description(described) == {"source": "file", "sha256": "ab"}
    assert backbone_description(described | {"source": "imagenet"})["source"] == "imagenet"


def test_figures_of_few_patients_stay():
    performance = pd.DataFrame(
        {
            "model": "clinical",
            "n": [52, 10, 9, 20],
            "events": [30, 5, 6, 4],
            "estimate": [0.7123456, 0.6, 1.0, 1.0],
            "lower": [0.6123456, 0.5, 0.9, 0.9],
            "note": "1 patient followed beyond",
        }
    )
    told = told_performance(performance)
    assert told["estimate"].tolist() == [0.71, 0.6]
    assert told["lower"].tolist() == [0.61, 0.5]
    assert told["note"].isna().all()
    # a handful: no interval
    assert told_performance(performance.assign(lower=np.nan)).empty
