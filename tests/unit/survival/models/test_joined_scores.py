import pandas as pd

from taceflow.survival.models.joined_scores import cohort_with_scores


def test_a_score_of_the_study_takes_the_place_of_the_sheets(tmp_path):
    sheet = pd.DataFrame({"patient_id": ["B", "A"], "radscore": [9.0, 9.0], "dlopctr": [9.0, 9.0]})
    scores = pd.DataFrame({"patient_id": ["A", "B"], "radscore": [1.0, 2.0]})
    for name, table in (("patients", sheet), ("scores", scores)):
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    found = cohort_with_scores(str(tmp_path / "patients.tsv"), str(tmp_path / "scores.tsv"), None)
    assert found["patient_id"].tolist() == ["A", "B"]
    assert found["radscore"].tolist() == [1.0, 2.0]
    assert "dlopctr" not in found
