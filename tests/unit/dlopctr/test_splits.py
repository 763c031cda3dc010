import numpy as np
import pandas as pd
import pytest

from taceflow.dlopctr.protocol.splits import draw_splits
from taceflow.errors import CohortTooSmallError
from taceflow.files.tables import read_table


def test_splits_hold_training_patients_only(planted):
    cohort = read_table(planted["patients"])
    splits = read_table(planted["splits"], "dlopctr_splits")
    training = cohort.loc[cohort["cohort"] == "training", "patient_id"]
    assert sorted(splits["patient_id"]) == sorted(training)
    assert splits["patient_id"].is_unique
    assert splits["tuning"].mean() == pytest.approx(0.2, abs=0.04)


def test_folds_are_alike(planted):
    cohort = read_table(planted["patients"]).merge(read_table(planted["splits"]), on="patient_id")
    for column in ("event", "tuning"):
        assert np.ptp(cohort.groupby("fold")[column].sum()) <= 2
    assert np.ptp(cohort["fold"].value_counts()) <= 2


def test_draws_follow_the_seed():
    time, event = np.arange(1.0, 41.0), np.tile([1, 0], 20)
    draws = [draw_splits(time, event, 5, 0.2, np.random.default_rng(s)) for s in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0][0] != draws[2][0]).any()


@pytest.mark.parametrize(("patients", "deaths"), [(4, 4), (20, 3), (10, 0)])
def test_too_few_patients_or_deaths(patients, deaths):
    event = (np.arange(patients) < deaths).astype(int)
    with pytest.raises(CohortTooSmallError, match=f"{patients} training patients with {deaths}"):
        draw_splits(np.arange(1.0, patients + 1), event, 5, 0.2, np.random.default_rng(0))


def test_twelve_patients_with_six_deaths_suffice_for_two_folds():
    event = np.tile([1, 0], 6)
    fold, tuning = draw_splits(np.arange(1.0, 13), event, 2, 0.2, np.random.default_rng(0))
    table = pd.DataFrame({"fold": fold, "tuning": tuning, "event": event})
    assert (table[table["event"] == 1].groupby(["fold", "tuning"]).size() >= 1).all()
