import json

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.training_ranges import quantile, write_ranges
from taceflow.files.tables import read_table, write_table

VARIABLES = [
    {"column": "age_years", "label": "Age (years)"},
    {"column": "sex", "label": "Gender", "reference": "female"},
    {"column": "treatment_response", "label": "Response", "baseline": False},
    {"column": "never_seen", "label": "Never"},
    {"column": "mvi", "label": "MVI"},
    {"column": "ascites", "label": "Ascites"},
]


@pytest.mark.parametrize("n", [9, 10, 11, 12, 40, 201, 1000])
def test_five_patients_lie_beyond_every_quantile_and_it_is_nobodys_value(n):
    values = np.random.default_rng(n).normal(size=n)
    told = 0
    for share in (0.025, 0.25, 0.5, 0.75, 0.975):
        found = quantile(values, share)
        if np.isnan(found):
            assert min(share, 1 - share) * n < 5.5
            continue
        told += 1
        assert min((values < found).sum(), (values > found).sum()) >= 5
        assert found not in values
    assert told == {9: 0, 10: 1, 11: 1, 12: 1, 40: 3}.get(n, 5)
    if n == 1000:
        assert quantile(values, 0.025) == pytest.approx(np.quantile(values, 0.025), abs=0.02)


def test_ties_count_as_what_they_are():
    # four lie beyond
    assert np.isnan(quantile(np.array([1.0, 2, 3, 4, 5, 5, 7, 8, 9, 10]), 0.5))
    assert quantile(np.array([1.0, 1, 1, 1, 1, 5, 5, 5, 5, 5]), 0.5) == 3
    # what all have is nobody's own
    assert [quantile(np.full(52, 5.0), share) for share in (0.025, 0.5, 0.975)] == [5, 5, 5]
    assert quantile(np.r_[np.full(5, 6.0), np.arange(7.0, 40)], 0.1) == 6
    assert np.isnan(quantile(np.r_[np.full(4, 6.0), np.arange(7.0, 40)], 0.05))
    assert np.isnan(quantile(np.full(4, 5.0), 0.5))
    # beside 37 zeros a middle would be half the next value
    assert np.isnan(quantile(np.r_[np.zeros(37), 1.5, 2, 3], 0.925))


@pytest.fixture
def ranges(tmp_path):
    """Twenty training patients, of whom the first has values of his own, and five others."""
    draw = np.random.default_rng(5)
    ids = [f"P{number:02d}" for number in range(25)]
    training = np.arange(25) < 20
    patients = pd.DataFrame(
        {
            "patient_id": ids,
            "cohort": np.where(training, "training", "validation"),
            "time_months": draw.exponential(20, 25),
            "event": 1,
            "age_years": np.where(training, draw.uniform(50, 70, 25), 999.0),
            "sex": ["male"] * 17 + ["female"] * 8,
            "treatment_response": 1,
            "mvi": [1] * 5 + [0] * 20,
            "ascites": [1] * 4 + [0] * 21,
            "albi_score": np.r_[np.linspace(-3, -2, 9), np.full(16, np.nan)],
        }
    )
    patients.loc[0, "age_years"] = 97.531
    features = pd.DataFrame({"patient_id": ids, "original_firstorder_Mean": draw.normal(size=25)})
    features["original_firstorder_Range"] = 1.0
    quality = pd.DataFrame({"patient_id": ids, "volume_ml": draw.uniform(1, 90, 25), "weight": 0})
    acquisition = pd.DataFrame({"patient_id": ids, "manufacturer": ["A"] * 12 + ["B"] * 13})
    acquisition.loc[19, "manufacturer"] = "Rare"
    risk = {"patient_id": ids, "cohort": patients["cohort"], "model": "radscore"}
    predictions = pd.DataFrame(risk).assign(risk=draw.normal(size=25), risk_group="low")
    paths = {}
    frames = {"patients": patients, "features": features, "quality": quality}
    for name, frame in (frames | {"acquisition": acquisition}).items():
        paths[name] = str(tmp_path / f"{name}.tsv")
        frame.to_csv(paths[name], sep="\t", index=False)
    write_table(predictions, tmp_path / "predictions.tsv", "survival_predictions")
    (tmp_path / "model.json").write_text(json.dumps({"coefficients": {features.columns[1]: 0.3}}))
    write_ranges(
        **paths,
        radscore_model=str(tmp_path / "model.json"),
        predictions=str(tmp_path / "predictions.tsv"),
        variables=VARIABLES,
        ranges=str(tmp_path / "ranges.tsv"),
    )
    found = read_table(tmp_path / "ranges.tsv", "training_ranges")
    return found.set_index(["kind", "name"]), patients


def test_only_training_patients_and_what_is_known_before_the_treatment(ranges):
    found, patients = ranges
    age = found.loc[("clinical", "age_years")]
    values = patients["age_years"][:20].sort_values().to_numpy()
    assert age["n"] == 20
    assert age["q25"] == float(f"{values[4:6].mean():.3g}")
    assert age["q75"] == float(f"{values[14:16].mean():.3g}")
    # two of twenty
    assert age[["q025", "q10", "q90", "q975"]].isna().all()
    assert ("clinical", "treatment_response") not in found.index
    assert ("clinical", "never_seen") not in found.index
    assert [name for kind, name in found.index if kind == "feature"] == ["original_firstorder_Mean"]
    assert ("image", "volume_ml") in found.index
    assert found.loc[("risk", "radscore"), "n"] == 20


def test_rare_levels_and_few_values_are_not_told(ranges):
    found, _ = ranges
    sex = found.loc[("clinical", "sex")]
    assert (sex["levels"], sex["shares"], sex["n"]) == ('["male"]', "[0.8]", 20)
    assert sex["note"] == "rare levels are not named"
    assert found.loc[("image", "manufacturer"), "levels"] == '["A", "B"]'
    albi = found.loc[("clinical", "albi_score")]
    assert albi["n"] == 9
    assert albi[["q25", "q50", "q75"]].isna().all()
    # of twenty, five and four
    assert found.loc[("clinical", "mvi"), "levels"] == '["0", "1"]'
    assert found.loc[("clinical", "ascites"), "levels"] == '["0"]'
