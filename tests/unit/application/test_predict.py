import json

import numpy as np
import pandas as pd
import pytest

from taceflow.application.predict import predict_patients
from taceflow.files.tables import read_table, write_table

HORIZONS = [12, 36]


@pytest.fixture
def predicted(contents, tmp_path):
    """Apply the made-up models, and return both tables."""

    def predict(cohort, unserved=(), verdicts=None):
        frame = pd.DataFrame(cohort).assign(cohort="external", time_months=np.nan, event=np.nan)
        frame.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
        scores = frame[["patient_id", "cohort"]].assign(radscore=[-1.0, 0.0, 1.0])
        scores = scores.assign(risk_group=["low", "low", "high"])
        write_table(scores, tmp_path / "scores.tsv", "radscore_scores")
        (tmp_path / "models.json").write_text(json.dumps(contents["models.json"]))
        if verdicts:
            rows = [
                {"patient_id": patient, "verdict": verdict, "compared": 1, "beyond": 0}
                for patient, verdict in verdicts.items()
            ]
            table = pd.DataFrame(rows).assign(outside=None, furthest=np.nan, missing=None)
            write_table(table, tmp_path / "verdicts.tsv", "verdicts")
        predict_patients(
            patients=str(tmp_path / "patients.tsv"),
            radscore_scores=str(tmp_path / "scores.tsv"),
            networks={},
            models=str(tmp_path / "models.json"),
            verdicts=str(tmp_path / "verdicts.tsv") if verdicts else None,
            unserved={"clinical": "", "radscore": ""} | dict(unserved),
            needed={"clinical": ["sex", "afp_ng_ml"], "radscore": []},
            horizons_months=HORIZONS,
            predictions=str(tmp_path / "predictions.tsv"),
            applied=str(tmp_path / "applied.tsv"),
        )
        return (
            read_table(tmp_path / "predictions.tsv", "survival_predictions"),
            read_table(tmp_path / "applied.tsv", "applied_models").set_index("model"),
        )

    return predict


COHORT = {
    "patient_id": ["P1", "P2", "P3"],
    "sex": ["male", "female", "divers"],
    "afp_ng_ml": [100.0, np.nan, 10.0],
}


def test_survival_is_the_baselines_to_the_power_of_the_hazard_ratio(predicted):
    table, applied = predicted(COHORT)
    clinical = table[table["model"] == "clinical"]
    assert clinical["patient_id"].tolist() == ["P1"]
    risk = 0.5 + 0.001 * 100
    assert clinical["risk"].item() == pytest.approx(risk)
    assert clinical["risk_group"].item() == "high"
    expected = np.exp(-np.exp(risk + np.array([-1.0, 0.0])))
    columns = ["survival_12_months", "survival_36_months"]
    np.testing.assert_allclose(clinical[columns].to_numpy()[0], expected)
    radscore = table[table["model"] == "radscore"]
    assert radscore["risk_group"].tolist() == ["low", "low", "high"]
    assert applied["patients"].to_dict() == {"clinical": 1, "radscore": 3}


def test_why_not_everybody_is_said(predicted):
    _, applied = predicted(COHORT)
    note = applied.loc["clinical", "note"]
    assert "no prediction at a level that no training patient of the fit has: sex 'divers'" in note
    assert "no value of afp_ng_ml (1)" in note
    assert applied["note"].isna()["radscore"]


def test_a_model_that_the_tables_cannot_serve_predicts_nobody_and_says_why(predicted):
    cohort = {name: COHORT[name] for name in ("patient_id", "sex")}
    table, applied = predicted(cohort, unserved={"clinical": "no value of afp_ng_ml"})
    assert set(table["model"]) == {"radscore"}
    assert applied.loc["clinical", ["patients", "note"]].tolist() == [0, "no value of afp_ng_ml"]


def test_who_is_outside_the_training_range_is_left_out_where_that_is_asked(predicted):
    verdicts = {"P3": "outside", "P1": "inside", "P2": "unknown"}
    table, applied = predicted(COHORT, verdicts=verdicts)
    assert table.loc[table["model"] == "radscore", "patient_id"].tolist() == ["P1", "P2"]
    assert applied.loc["radscore", "note"] == "1 outside the training range are not predicted"


def test_a_table_stands_though_everybody_is_outside_and_left_out(predicted):
    table, applied = predicted(COHORT, verdicts=dict.fromkeys(COHORT["patient_id"], "outside"))
    assert table.empty
    assert {"risk", "survival_12_months", "survival_36_months_upper"} <= set(table)
    assert (applied["patients"] == 0).all()
    assert applied.loc["radscore", "note"] == "3 outside the training range are not predicted"
