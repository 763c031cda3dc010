"""Folds: drawn once, by event, among the training patients."""

import numpy as np
import pandas as pd
import pytest

from taceflow.radscore.folds import stratified_folds, write_folds


@pytest.mark.parametrize(("n", "events", "folds"), [(50, 31, 10), (23, 11, 5), (10, 0, 10)])
def test_events_and_patients_are_even(n, events, folds):
    event = np.r_[np.ones(events, int), np.zeros(n - events, int)]
    fold = stratified_folds(event, folds, seed=2)
    sizes = np.bincount(fold, minlength=folds + 1)[1:]
    deaths = np.bincount(fold, weights=event, minlength=folds + 1)[1:]
    assert np.ptp(sizes) <= 1
    assert np.ptp(deaths) <= 1


def test_the_seed_decides():
    event = np.arange(40) % 2
    assert (stratified_folds(event, 5, 1) == stratified_folds(event, 5, 1)).all()
    assert (stratified_folds(event, 5, 1) != stratified_folds(event, 5, 2)).any()


def test_fewer_patients_than_folds_are_left_to_the_fit_to_refuse():
    assert sorted(stratified_folds(np.ones(6), 10, 1)) == [1, 2, 3, 4, 5, 6]


def test_written_folds_hold_training_patients_only_whatever_their_order(tmp_path):
    cohort = pd.DataFrame(
        {
            "patient_id": [f"{k:03d}" for k in range(30)],
            "cohort": ["training", "validation", "training"] * 10,
            "event": [0, 1, 1] * 10,
        }
    )
    tables = []
    for name, frame in (("a", cohort), ("b", cohort.iloc[::-1])):
        frame.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
        write_folds(
            patients=str(tmp_path / "patients.tsv"),
            folds=5,
            seed=3,
            horizon_months=None,
            output=str(tmp_path / f"{name}.tsv"),
        )
        tables.append((tmp_path / f"{name}.tsv").read_text())
    assert tables[0] == tables[1]
    assert len(tables[0].splitlines()) == 21


def test_folds_for_a_horizon_spread_those_who_died_by_it(tmp_path):
    cohort = pd.DataFrame(
        {
            "patient_id": [f"{k:03d}" for k in range(40)],
            "cohort": "training",
            "time_months": np.r_[np.full(10, 5.0), np.full(10, 50.0), np.full(20, 30.0)],
            "event": np.r_[np.ones(15, int), np.zeros(25, int)],
        }
    )
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    paths = {"patients": str(tmp_path / "patients.tsv"), "output": str(tmp_path / "folds.tsv")}
    write_folds(**paths, folds=5, seed=3, horizon_months=36.0)
    fold = pd.read_csv(paths["output"], sep="\t")["fold"].to_numpy()
    for rows in (slice(0, 10), slice(10, 20), slice(20, 40)):  # died, alive, censored before
        assert np.ptp(np.bincount(fold[rows], minlength=6)[1:]) == 0
