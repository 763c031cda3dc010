import numpy as np
import pytest

from taceflow.bundle.without_patients import network_description, on_whole_months, stored_models
from taceflow.survival.models.stored_cox import fit_as_json
from taceflow.survival.regression.cox import fit_cox, predicted_survival

HORIZONS = [12, 30.5, 36, 60]


@pytest.fixture
def model():
    draw = np.random.default_rng(3)
    x = draw.normal(size=(60, 1))
    time = draw.exponential(20 * np.exp(-x[:, 0])).clip(1.27, 61.83)
    event = (time < 61.83).astype(int)
    stored = fit_as_json(fit_cox(time, event, x, ["x"]), ())
    return stored | {"note": "P001 lies far out", "by_seed": [1]}, time


def test_survival_at_whole_months_and_horizons_is_the_fits(model):
    stored, _ = model
    kept = stored_models({"radscore": stored}, HORIZONS)["radscore"]["baseline"]
    at = np.r_[np.arange(1.0, 62.0), 30.5]
    risk = np.array([-2.0, 0.0, 1.5])

    def survival(baseline):
        names = ("times_months", "log_cumulative_hazard", "last_follow_up_months")
        times, hazard, last = (baseline[name] for name in names)
        return predicted_survival(risk, np.array(times), np.array(hazard), last, at)

    np.testing.assert_array_equal(survival(kept), survival(stored["baseline"]))
    assert np.isfinite(survival(kept)).all()


def test_no_time_of_a_patient_is_left(model):
    stored, time = model
    assert set(stored["baseline"]["times_months"]) & set(time)
    assert stored["baseline"]["last_follow_up_months"] == 61.83
    kept = stored_models({"radscore": stored}, HORIZONS)["radscore"]
    assert not set(kept["baseline"]["times_months"]) & set(time)
    assert kept["baseline"]["last_follow_up_months"] == 61
    assert "note" not in kept
    assert "by_seed" not in kept


def test_a_horizon_may_be_the_last_month():
    baseline = {"times_months": [3.2, 9.9], "log_cumulative_hazard": [-2.0, -1.0]}
    kept = on_whole_months(baseline | {"last_follow_up_months": 10.8}, [10.5, 60])
    assert kept["times_months"] == [4, 5, 6, 7, 8, 9, 10, 10.5]
    assert kept["log_cumulative_hazard"] == [-2.0] * 6 + [-1.0] * 2
    assert kept["last_follow_up_months"] == 10.5
    # nobody followed for a month
    kept = on_whole_months(
        {"times_months": [0.5], "log_cumulative_hazard": [-1.0], "last_follow_up_months": 0.9}, [12]
    )
    assert kept == {
        "times_months": [],
        "log_cumulative_hazard": [],
        "last_follow_up_months": 0.0,
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
