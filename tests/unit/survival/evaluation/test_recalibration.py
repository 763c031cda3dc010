"""Versions of stored predictions: against R, and on cohorts that give little."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from taceflow.survival.evaluation.recalibration import (
    Recalibration,
    followed_by_cox,
    followed_by_network,
    log_baseline,
    recalibrations,
    shortfalls,
)

DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "recalibration.json").read_text())
HORIZONS = [6.0, 12.0, 24.0]
STORED = {
    "baseline": {
        "times_months": HORIZONS,
        "log_cumulative_hazard": [1.2 * np.log(month / 30) for month in HORIZONS],
        "last_follow_up_months": 24.0,
    }
}


@pytest.fixture(params=["plain", "months", "half_years"])
def case(request):
    """Time, event, score and the other score of some patients, and R's numbers."""
    table = pd.read_csv(DATA / "r_cases.csv")
    rows = table[table["case"] == request.param]
    event = rows["event"].to_numpy(int)
    numbers = rows[["time", "score", "other"]].to_numpy(float).T
    return (numbers[0], event, *numbers[1:], R[request.param])


@pytest.fixture
def plain():
    table = pd.read_csv(DATA / "r_cases.csv")
    rows = table[table["case"] == "plain"]
    return tuple(rows[name].to_numpy() for name in ("time", "event", "score"))


def cox(time, event, risk, horizons=HORIZONS):
    return followed_by_cox(time, event, risk, STORED, horizons)


def test_a_new_baseline_is_rs(case):
    time, event, score, _, of_r = case
    for slope, name in ((1.0, "in_the_large"), (of_r["slope"][0], "both")):
        found = [log_baseline(time, event, slope * score, month) for month in HORIZONS]
        np.testing.assert_allclose(found, np.log(of_r[name]), atol=1e-10)


def test_the_versions_are_rs_to_the_digits_that_are_told(case):
    time, event, score, _, of_r = case
    found = recalibrations(cox(time, event, score))
    slope = of_r["slope"][0]
    assert found["slope"].slope == found["both"].slope == float(f"{slope:.3g}")
    in_the_large = np.log(of_r["in_the_large"])
    np.testing.assert_allclose(found["in_the_large"].baseline, in_the_large, atol=5.1e-4)
    np.testing.assert_allclose(found["both"].baseline, np.log(of_r["both"]), atol=2e-3)


def test_a_network_has_its_own_curve_for_an_offset(case):
    time, event, score, other, of_r = case
    months = np.array(HORIZONS)
    curves = 1.2 * np.log(months / 30) + score[:, None] + 0.3 * np.outer(other, months / 24)
    followed = followed_by_network(
        time, event, 1 - np.exp(-np.exp(score)), np.exp(-np.exp(curves)), HORIZONS
    )
    np.testing.assert_allclose(followed.log_hazard, score, atol=1e-9)
    found = recalibrations(followed)
    np.testing.assert_allclose(found["in_the_large"].baseline, np.log(of_r["network"]), atol=6e-4)
    assert found["both"].slope == float(f"{of_r['slope'][0]:.3g}")
    stored = found["original"].survival(followed)
    np.testing.assert_allclose(stored, np.exp(-np.exp(curves)), atol=1e-11)


def test_a_networks_curves_do_not_rise():
    """Stretched at each horizon by itself, the curve of a patient whose risk soon falls would."""
    curves = np.array([[0.6, 0.55, 0.5], [0.9, 0.3, 0.1]])
    times = np.array([5.0, 30.0])
    followed = followed_by_network(times, np.array([1, 0]), 1 - curves[:, 1], curves, HORIZONS)
    version = Recalibration(4.0, np.array([2.1, -0.6, -1.2]))
    alone = np.exp(-np.exp(4 * followed.predictor + version.baseline))
    assert (alone[0, 1] > alone[0, 0]) > (np.diff(alone[1]) > 0).any()
    found = version.survival(followed)
    np.testing.assert_array_equal(found, [[alone[0, 0]] * 3, alone[1]])


@pytest.mark.parametrize("name", ["plain", "months"])
def test_it_says_what_poisson_models_of_the_whole_baseline_say(name):
    """Two estimates of one number: that of Crowson et al. knows the hazard between the horizons."""
    table = pd.read_csv(DATA / "r_cases.csv")
    rows = table[table["case"] == name]
    followed = cox(*(rows[column].to_numpy() for column in ("time", "event", "score")))
    found = recalibrations(followed)
    moved = found["in_the_large"].baseline - followed.baseline
    np.testing.assert_allclose(moved, R[name]["poisson_level"], atol=0.2)
    assert found["slope"].slope == pytest.approx(R[name]["poisson_slope"][2], abs=0.2)


def test_by_the_slope_alone_the_median_patient_keeps_his_prediction(plain):
    time, event, score = plain
    score = score - np.median(score) + 0.4
    followed = cox(time, event, score)
    found = recalibrations(followed)["slope"]
    stored, moved = (
        version.survival(followed) for version in (recalibrations(followed)["original"], found)
    )
    middle = np.isclose(score, 0.4, atol=0.01)
    np.testing.assert_allclose(moved[middle], stored[middle], atol=0.005)
    # and the baseline its shape
    np.testing.assert_allclose(np.diff(found.baseline), np.diff(followed.baseline), atol=1e-12)
    assert found.slope < 1
    assert (moved[score > 1] > stored[score > 1]).all()


def test_a_model_that_is_right_stays_nearly_as_it_is():
    draw = np.random.default_rng(5)
    risk = draw.normal(size=20000)
    death = 30 * (draw.exponential(size=20000) / np.exp(risk)) ** (1 / 1.2)
    censored = draw.uniform(0, 60, 20000)
    time, event = np.minimum(death, censored), (death <= censored).astype(int)
    followed = cox(time, event, risk)
    for version in recalibrations(followed).values():
        assert version.slope == pytest.approx(1, abs=0.04)
        np.testing.assert_allclose(version.baseline, followed.baseline, atol=0.07)


def test_no_digit_tells_of_one_patient(plain):
    for version in list(recalibrations(cox(*plain)).values())[1:]:
        assert float(f"{version.slope:.3g}") == version.slope
    both = recalibrations(cox(*plain))["both"]
    np.testing.assert_array_equal(both.baseline, np.round(both.baseline, 3))


def test_one_patient_far_out_does_not_move_the_middle(plain):
    time, event, score = plain
    score = score + 0.4
    far = np.where(score == score.max(), 3 * score, score)
    for one in (score, far):
        followed = cox(time, event, one)
        found = recalibrations(followed)["slope"]
        moved = (1 - found.slope) * np.round(np.median(score), 1)
        np.testing.assert_allclose(found.baseline - followed.baseline, moved, atol=6e-4)


def test_nobody_died(plain):
    time, event, score = plain
    found = recalibrations(cox(time, 0 * event, score))
    assert "0 deaths" in found["slope"] == found["both"]
    assert "0 deaths by 6 months" in found["in_the_large"]
    assert found["original"].slope == 1


def test_everybody_died(plain):
    time, event, score = plain
    found = recalibrations(cox(time, event * 0 + 1, score))
    assert all(np.isfinite(version.baseline).all() for version in found.values())


def test_all_have_the_same_risk(plain):
    time, event, score = plain
    found = recalibrations(cox(time, event, 0 * score + 0.3))
    assert "does not vary" in found["slope"] == found["both"]
    # Nelson-Aalen's hazard of the cohort, since all are alike
    level = found["in_the_large"].baseline
    assert level[-1] == pytest.approx(log_baseline(time, event, 0 * score, 24) - 0.3, abs=6e-4)


def test_a_horizon_beyond_follow_up_is_empty_and_said(plain):
    followed = cox(*plain, horizons=[12.0, 24.0])
    cut = followed_by_cox(
        np.minimum(followed.time, 20), followed.event, followed.log_hazard, STORED, [12.0, 24.0]
    )
    found = recalibrations(cut)["in_the_large"]
    assert np.isfinite(found.baseline).tolist() == [True, False]
    assert found.note == "nothing beyond 12 months"
    assert np.isnan(found.survival(cut)[:, 1]).all()


def test_what_the_stored_model_does_not_say_is_not_made_up(plain):
    followed = cox(*plain, horizons=[12.0, 24.0, 36.0])
    found = recalibrations(followed)
    for version in found.values():
        assert np.isnan(version.baseline).tolist() == [False, False, True]
    assert found["both"].note == "nothing beyond 24 months"
    assert "says nothing at 36 months" in shortfalls(followed).of_horizons[2]


def test_with_few_deaths_by_a_horizon_the_stored_shape_leads_to_it(plain):
    time, event, score = plain
    late = np.where((time <= 12) & (np.cumsum((time <= 12) & (event == 1)) > 3), 13.0, time)
    followed = cox(late, event, score)
    reasons = shortfalls(followed).of_horizons
    assert [bool(reason) for reason in reasons] == [True, True, False]
    found = recalibrations(followed)["both"]
    ratios = found.baseline - followed.baseline
    np.testing.assert_allclose(ratios, ratios[2])
    assert found.note == "up to 24 months in the stored shape"
    assert (np.diff(found.survival(followed), axis=1) < 0).all()


def test_without_a_death_in_training_up_to_a_horizon_there_is_one_from_the_cohort(plain):
    stored = {"baseline": STORED["baseline"] | {
        "times_months": HORIZONS[1:],
        "log_cumulative_hazard": STORED["baseline"]["log_cumulative_hazard"][1:],
    }}  # fmt: skip
    followed = followed_by_cox(*plain, stored, HORIZONS)
    found = recalibrations(followed)
    assert (found["original"].survival(followed)[:, 0] == 1).all()
    assert (found["slope"].survival(followed)[:, 0] == 1).all()
    expected = recalibrations(cox(*plain))["in_the_large"].baseline
    np.testing.assert_array_equal(found["in_the_large"].baseline, expected)
    # nor has a horizon before the first with enough deaths here
    time, event, score = plain
    unknown = {"times_months": [], "log_cumulative_hazard": [], "last_follow_up_months": 24.0}
    followed = followed_by_cox(time, event, score, {"baseline": unknown}, [0.2, 12.0])
    level = recalibrations(followed)["in_the_large"].baseline
    np.testing.assert_array_equal(level, [-np.inf, expected[1]])
    assert log_baseline(time, event, score, 0.01) == -np.inf


def test_twelve_patients(plain):
    found = recalibrations(cox(*(values[:12] for values in plain)))
    assert "fewer than 5" in found["in_the_large"]
    assert found["original"].slope == 1


def test_a_model_that_orders_the_wrong_way_is_not_turned_round(plain):
    time, event, score = plain
    found = recalibrations(cox(time, event, -score))
    assert found["slope"].startswith("the calibration slope is -0.629: the model orders")
    assert found["both"] == found["slope"]
    assert np.isfinite(found["in_the_large"].baseline).all()


def test_a_risk_far_out_is_carried(plain):
    time, event, score = plain
    score = np.where(np.arange(len(score)) == 3, 900.0, score)
    followed = cox(time, event, score)
    for version in recalibrations(followed).values():
        if not isinstance(version, str):
            survival = version.survival(followed)
            assert np.isfinite(survival).all()
            assert (survival[3] < 1e-15).all()


def test_most_are_censored(plain):
    time, event, score = plain
    kept = np.where(np.cumsum(event) <= 6, event, 0)
    found = recalibrations(cox(time, kept, score))
    assert np.isfinite(found["in_the_large"].baseline[-1])
