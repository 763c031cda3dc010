import numpy as np
import pandas as pd
import pytest

from taceflow.dlopctr.protocol.intervals import (
    choose_breaks,
    events_by_interval,
    half_life_breaks,
    median_follow_up,
    write_breaks,
)
from taceflow.errors import CohortTooSmallError, ConfigurationError
from taceflow.files.tables import read_json


def test_spacing_is_that_of_the_authors_example():
    # github.com/MGensheimer/nnet-survival: -np.log(1-np.arange(0.0,0.96,0.05))*halflife/np.log(2)
    expected = -np.log(1 - np.arange(0.0, 0.96, 0.05)) * 365 * 1.4 / np.log(2)
    np.testing.assert_allclose(half_life_breaks(365 * 1.4, 19), expected, atol=1e-9)


def test_half_life_is_the_median_of_veteran(shared_data):
    # R: survfit(Surv(time, status) ~ 1, veteran) has the median 80 days
    veteran = pd.read_csv(shared_data / "stat" / "data" / "veteran.csv", skipinitialspace=True)
    breaks, half_life = choose_breaks(
        veteran["time"].to_numpy(float), veteran["status"].to_numpy(int), 15
    )
    assert half_life == 80
    assert breaks[0] == 0
    assert len(breaks) - 1 <= 15
    assert (np.diff(breaks) > 0).all()


def test_every_interval_has_a_death_and_the_last_reaches_the_follow_up():
    random = np.random.default_rng(2)
    time = random.exponential(20, 60).clip(0.1, 55)
    event = (time < 55).astype(int)
    breaks, _ = choose_breaks(time, event, 15)
    assert events_by_interval(time, event, breaks).min() >= 1
    assert breaks[-1] > 0.9 * time.max()
    assert not set(breaks[1:]) & set(time)


def test_few_deaths_give_few_intervals():
    time, event = np.arange(1.0, 31.0), np.zeros(30, dtype=int)
    event[[3, 8, 12, 17, 20, 25]] = 1
    breaks, half_life = choose_breaks(time, event, 15)
    assert len(breaks) - 1 == 2
    # survival stays above one half: ln 2 x (sum of the times) / deaths, 53.7
    assert half_life == round(np.log(2) * time.sum() / 6) == 54
    # the last break is the whole month after the longest follow-up
    assert breaks[-1] == 31


def test_median_follow_up_is_reverse_kaplan_meier():
    # censored at 2, 4, 6 and 8, no death: 4 is the first time at which half are left
    assert median_follow_up(np.array([2.0, 4, 6, 8]), np.zeros(4, int)) == 4
    # everybody died: the median time
    assert median_follow_up(np.array([1.0, 2, 3]), np.ones(3, int)) == 2


def test_the_horizon_is_a_whole_month_and_no_patients_own(tmp_path):
    time = np.array([2.3, 4.7, 6.4, 8.1, 9.9])
    cohort = pd.DataFrame({"patient_id": list("abcde"), "cohort": "training", "time_months": time})
    cohort["event"] = [1, 0, 1, 0, 0]
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_breaks(str(tmp_path / "patients.tsv"), str(tmp_path / "breaks.json"), 15, None)
    # the median follow-up is 8.1
    assert read_json(tmp_path / "breaks.json")["horizon_months"] == 8


def test_patients_outside_the_training_cohort_move_no_break(tmp_path):
    random = np.random.default_rng(4)
    training = pd.DataFrame(
        {
            "patient_id": [f"P{k}" for k in range(40)],
            "cohort": "training",
            "time_months": random.exponential(20, 40).clip(0.5),
            "event": 1,
        }
    )
    others = training.assign(
        patient_id=[f"Q{k}" for k in range(40)], time_months=5 * training["time_months"]
    )
    others["cohort"] = np.repeat(["validation", "external"], 20)
    found = []
    for number, cohort in enumerate((training, pd.concat([others, training]))):
        cohort.to_csv(tmp_path / f"{number}.tsv", sep="\t", index=False)
        breaks = str(tmp_path / f"{number}.json")
        write_breaks(
            patients=str(tmp_path / f"{number}.tsv"),
            breaks=breaks,
            intervals=15,
            horizon_months=None,
        )
        found.append(read_json(breaks))
    assert found[0] == found[1]


def test_all_censored_is_an_error(tmp_path):
    cohort = pd.DataFrame(
        {"patient_id": list("abc"), "cohort": "training", "time_months": [1.0, 2, 3], "event": 0}
    )
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    with pytest.raises(CohortTooSmallError, match="0 of 3 training patients died"):
        write_breaks(str(tmp_path / "patients.tsv"), str(tmp_path / "b.json"), 15, None)
    assert not (tmp_path / "b.json").exists()


def test_a_horizon_can_be_asked_for(planted, tmp_path):
    write_breaks(planted["patients"], str(tmp_path / "b.json"), 15, 36.0)
    written = read_json(tmp_path / "b.json")
    assert written["horizon_months"] == 36.0
    assert len(written["breaks_months"]) == len(written["events_by_interval"]) + 1


def test_a_horizon_beyond_the_last_break(planted, tmp_path):
    with pytest.raises(ConfigurationError, match=r"horizon_months is 500, but the last of \d+"):
        write_breaks(planted["patients"], str(tmp_path / "breaks.json"), 15, 500.0)


def test_no_horizon_lies_beyond_the_last_break(tmp_path):
    # half die at once, the rest is followed for long: the last break comes before that
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{number}" for number in range(40)],
            "cohort": "training",
            "time_months": np.where(np.arange(40) < 24, 1 + np.arange(40) / 10, 100.0),
            "event": (np.arange(40) < 24).astype(int),
        }
    )
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_breaks(str(tmp_path / "patients.tsv"), str(tmp_path / "breaks.json"), 15, None)
    written = read_json(tmp_path / "breaks.json")
    assert written["breaks_months"][-1] < 100
    assert written["horizon_months"] == written["breaks_months"][-1]
