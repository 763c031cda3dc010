"""Survival of the training patients' risk groups, as R's survfit and without single patients."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.told_groups import told_groups, training_risks
from taceflow.files.tables import write_table

DATA = Path(__file__).parents[1] / "survival" / "data"
R = json.loads((DATA / "r_numbers.json").read_text())


def group(time, event, name="low"):
    return pd.DataFrame({"time_months": time, "event": event, "risk_group": name})


@pytest.mark.parametrize("case", ["plain", "months", "half_years"])
def test_a_groups_survival_is_that_of_survfit(case):
    table = pd.read_csv(DATA / "r_cases.csv")
    table = table[table["case"] == case].rename(columns={"time": "time_months"})
    found = told_groups(table.assign(risk_group="high"), [24, 600])
    assert found["high"]["n"] == len(table)
    assert found["high"]["events"] == table["event"].sum()
    expected = np.round(R[case]["curves"]["at_horizon"], 2).tolist()
    assert found["high"]["survival"] == {"24": expected}


def test_a_small_group_is_not_told():
    nine = group(np.arange(1.0, 10), 1)
    four = group(np.arange(1.0, 31), np.arange(30) < 4, "high")
    assert told_groups(pd.concat([nine, four]), [4]) == {}
    ten = group(np.arange(1.0, 11), np.arange(10) < 5)
    assert told_groups(ten, [5]) == {
        "low": {"n": 10, "events": 5, "survival": {"5": [0.5, 0.18, 0.75]}}
    }


def test_a_handfuls_number_is_not_told():
    patients = group(np.arange(1.0, 31), 1)
    # four died by 4 months, and four live longer than 26
    told = told_groups(patients, [4, 5, 24.5, 25, 26, 60])["low"]["survival"]
    assert list(told) == ["5", "24.5", "25"]
    assert all(round(value, 2) == value for limits in told.values() for value in limits)


def test_groups_are_those_of_the_training_patients(tmp_path):
    patients = pd.DataFrame({"patient_id": ["b", "a", "c"], "time_months": [2.0, 1, 3]})
    patients = patients.assign(cohort=["training", "training", "external"], event=[0, 1, 1])
    patients.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    rows = [("a", "training", "clinical", "high"), ("c", "external", "clinical", "high")]
    rows += [("a", "training", "albi", "low"), ("b", "training", "albi", "high")]
    columns = ["patient_id", "cohort", "model", "risk_group"]
    write_table(
        pd.DataFrame(rows, columns=columns).assign(risk=1.0),
        tmp_path / "predictions.tsv",
        "survival_predictions",
    )
    found = training_risks(str(tmp_path / "patients.tsv"), str(tmp_path / "predictions.tsv"))
    assert found.drop(columns="patient_id").to_numpy().tolist() == [
        *(["clinical", "high", 1, 1], ["albi", "low", 1, 1], ["albi", "high", 2, 0]),
    ]
