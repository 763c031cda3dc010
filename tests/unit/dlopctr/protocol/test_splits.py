import numpy as np
import pandas as pd
import pytest

from taceflow.dlopctr.protocol.splits import draw_splits, load_splits
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


def test_splits_are_those_drawn_and_none_outside_the_training_cohort(tmp_path):
    (tmp_path / "patients.tsv").write_text(
        "patient_id\tcohort\n3\ttraining\n2\tvalidation\n01\ttraining\n"
    )
    (tmp_path / "splits.tsv").write_text("patient_id\tfold\ttuning\n3\t2\t0\n01\t1\t1\n")
    cohort, folds = load_splits(str(tmp_path / "patients.tsv"), str(tmp_path / "splits.tsv"))
    assert cohort["patient_id"].tolist() == ["01", "2", "3"]
    assert folds["fold"].tolist() == [1, 0, 2]
    assert folds["tuning"].tolist() == [1, 0, 0]
