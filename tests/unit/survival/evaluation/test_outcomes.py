"""Predictions beside what happened."""

import pandas as pd
import pytest

from taceflow.survival.evaluation.outcomes import by_model_and_cohort, load_outcomes


@pytest.fixture
def files(tmp_path):
    predictions = pd.DataFrame(
        {
            "patient_id": ["b", "a", "c", "a"],
            "cohort": ["external", "training", "validation", "training"],
            "model": ["radscore", "radscore", "radscore", "clinical"],
            "risk": [1.0, 2.0, 3.0, 4.0],
            "risk_group": ["low", "high", "high", "high"],
        }
    )
    patients = pd.DataFrame(
        {"patient_id": ["a", "b", "c"], "time_months": [1.0, 2.0, 3.0], "event": [1, 0, 1]}
    )
    for name, table in (("predictions", predictions), ("patients", patients)):
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    return str(tmp_path / "patients.tsv"), str(tmp_path / "predictions.tsv")


def test_each_prediction_has_its_patients_follow_up(files):
    found = load_outcomes(*files)
    assert found["time_months"].tolist() == [2, 1, 3, 1]
    assert found["event"].tolist() == [0, 1, 1, 1]


def test_models_come_as_in_the_table_and_cohorts_as_in_print(files):
    groups = [
        (model, cohort, rows["patient_id"].tolist())
        for model, cohort, rows in by_model_and_cohort(load_outcomes(*files))
    ]
    assert groups == [
        ("radscore", "training", ["a"]),
        ("radscore", "validation", ["c"]),
        ("radscore", "external", ["b"]),
        ("clinical", "training", ["a"]),
    ]


def test_who_is_not_followed_does_not_count(files):
    patients, _ = files
    table = pd.read_csv(patients, sep="\t")
    table.loc[table["patient_id"] == "b", "event"] = None
    table.to_csv(patients, sep="\t", index=False)
    assert load_outcomes(*files)["patient_id"].tolist() == ["a", "c", "a"]
