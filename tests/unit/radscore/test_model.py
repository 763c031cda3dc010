"""The stored Radscore: from tables to coefficients, cut-off and scores."""

import json

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import CohortTooSmallError, InputError
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.radscore.folds import write_folds
from taceflow.radscore.lasso_cox import COX
from taceflow.radscore.model import fit_radscore, radscore, store_published, write_scores
from taceflow.radscore.published import COEFFICIENTS, INTERCEPT
from taceflow.radscore.training_data import load_training
from taceflow.survival.models.cut_off import find_cut_off
from taceflow.survival.models.fit import fit_models


class Study:
    """A folder with the tables that the Radscore's rules read."""

    def __init__(self, folder, n=75, p=16, signal=1.2, seed=7):
        draw = np.random.default_rng(seed)
        self.folder = folder
        values = draw.normal(size=(n, p))
        time = draw.exponential(20, n) * np.exp(-signal * values[:, 0]) + 0.1
        self.names = [f"original_glcm_F{j}" for j in range(p)]
        self.ids = [f"P{k:03d}" for k in range(n)]
        self.features = pd.DataFrame(values, columns=self.names)
        self.features.insert(0, "patient_id", self.ids)
        self.patients = pd.DataFrame(
            {
                "patient_id": self.ids,
                "cohort": np.where(np.arange(n) % 3 == 2, "validation", "training"),
                "time_months": time,
                "event": (draw.random(n) < 0.8).astype(int),
            }
        )
        self.kept = dict.fromkeys(self.names, 1)

    def path(self, name):
        return str(self.folder / name)

    def write(self):
        self.patients.to_csv(self.path("patients.tsv"), sep="\t", index=False)
        self.features.to_parquet(self.path("features.parquet"))
        icc = pd.DataFrame({"feature": list(self.kept), "kept": list(self.kept.values())})
        empty = [
            f"icc_{kind}{end}" for kind in ("intra", "inter") for end in ("", "_lower", "_upper")
        ]
        icc = icc.assign(**dict.fromkeys(empty, np.nan), n_intra=0, n_inter=0, reason="test")
        icc.to_csv(self.path("icc.tsv"), sep="\t", index=False)
        tables = {
            name: self.path(f"{name}.{end}")
            for name, end in (
                ("patients", "tsv"),
                ("features", "parquet"),
                ("icc", "tsv"),
                ("folds", "tsv"),
            )
        }
        drawn = {"folds": 5, "seed": 1, "horizon_months": None, "output": tables["folds"]}
        write_folds(patients=tables["patients"], **drawn)
        return tables

    def fit(self, choose="lambda.min", cut_off="median"):
        outputs = {"path": "path.tsv", "cv": "cv.tsv", "model": "model.json"}
        outputs = {key: self.path(name) for key, name in outputs.items()}
        choices = {"choose": choose, "horizon_months": None, "cut_off": cut_off}
        fit_radscore(load_training(**self.write()), COX, **choices, **outputs)
        return json.loads((self.folder / "model.json").read_text())

    def publish(self):
        store_published(
            patients=self.path("patients.tsv"),
            features=self.path("features.parquet"),
            cut_off="median",
            model=self.path("model.json"),
        )

    def score(self):
        write_scores(
            patients=self.path("patients.tsv"),
            features=self.path("features.parquet"),
            model=self.path("model.json"),
            scores=self.path("scores.tsv"),
        )
        return pd.read_csv(self.path("scores.tsv"), sep="\t")

    def fit_models(self):
        """Fit the study's models to the stored scores, without clinical variables."""
        write_json({"variables": [], "note": "none"}, self.path("clinical.json"))
        fit_models(
            patients=self.path("patients.tsv"),
            radscore_scores=self.path("scores.tsv"),
            radscore_model=self.path("model.json"),
            networks={},
            by_seed=None,
            clinical_variables=self.path("clinical.json"),
            horizons_months=[12.0],
            cut_off="median",
            models=self.path("models.json"),
            predictions=self.path("predictions.tsv"),
        )
        return read_json(self.path("models.json")), read_table(self.path("predictions.tsv"))


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


def test_the_planted_feature_is_found_and_the_files_agree(study):
    model = study.fit()
    assert model["coefficients"]["original_glcm_F0"] > 0
    assert (model["n"], model["candidates"], model["intercept"]) == (50, 16, None)
    path = pd.read_csv(study.path("path.tsv"), sep="\t", float_precision="round_trip")
    cv = pd.read_csv(study.path("cv.tsv"), sep="\t", float_precision="round_trip")
    here = path.loc[path["lambda"] == model["lambda"]]
    assert dict(zip(here["feature"], here["coefficient"], strict=True)) == model["coefficients"]
    assert cv.loc[cv["lambda"] == model["lambda"], "nonzero"].item() == len(model["coefficients"])
    assert cv.loc[cv["cvm"].idxmin(), "lambda"] == model["lambda_min"]


def test_scores_and_the_training_median_as_cut_off(study):
    model = study.fit()
    scores = study.score()
    training = scores.loc[scores["cohort"] == "training"]
    assert (training["radscore"] > model["cut_off"]).sum() == len(training) // 2
    assert model["cut_off"] == pytest.approx(training["radscore"].median(), abs=0.05)
    assert ((scores["radscore"] > model["cut_off"]) == (scores["risk_group"] == "high")).all()
    assert (training["risk_group"] == "high").sum() == len(training) // 2


def test_a_log_rank_cut_off_is_stored_and_applied_to_everybody(study):
    model = study.fit(cut_off="log_rank")
    scores = study.score().merge(study.patients, on=["patient_id", "cohort"])
    training = scores.loc[scores["cohort"] == "training"]
    expected = find_cut_off(
        training["radscore"].to_numpy(),
        training["time_months"].to_numpy(),
        training["event"].to_numpy(),
        "log_rank",
    )
    assert model["cut_off_method"] == "log_rank"
    assert model["cut_off"] == pytest.approx(expected.value, abs=1e-14)
    assert model["cut_off_p"] == pytest.approx(expected.p_corrected)
    assert ((scores["radscore"] > model["cut_off"]) == (scores["risk_group"] == "high")).all()


def test_validation_patients_change_no_fitted_file(study):
    first = study.fit()
    written = [(study.folder / name).read_bytes() for name in ("path.tsv", "cv.tsv", "folds.tsv")]
    outside = study.patients["cohort"] == "validation"
    study.patients.loc[outside, "event"] = 1 - study.patients.loc[outside, "event"]
    study.patients.loc[outside, "time_months"] = study.patients.loc[outside, "time_months"] * 9
    study.features.loc[outside.to_numpy(), study.names] = 5.0
    assert study.fit() == first
    again = [(study.folder / name).read_bytes() for name in ("path.tsv", "cv.tsv", "folds.tsv")]
    assert again == written


def test_only_reproducible_features_are_candidates(study):
    study.kept["original_glcm_F0"] = 0
    model = study.fit()
    assert model["candidates"] == 15
    assert "original_glcm_F0" not in model["coefficients"]


def test_nothing_selected_is_a_result(tmp_path):
    study = Study(tmp_path, signal=0.0, seed=12)
    model = study.fit("lambda.1se")
    assert model["coefficients"] == {}
    assert model["cut_off"] == 0
    assert "No feature was selected" in model["note"]
    model = study.fit("lambda.1se", cut_off="log_rank")
    assert model["cut_off_method"] == "median"
    assert "the median is used." in model["note"]
    scores = study.score()
    assert (scores["radscore"] == 0).all()
    assert (scores["risk_group"] == "low").all()


def test_no_reproducible_feature_is_a_result(study):
    study.kept = dict.fromkeys(study.names, 0)
    model = study.fit()
    assert model["lambda"] is None
    assert "No feature was reproducible" in model["note"]
    assert (study.score()["radscore"] == 0).all()


def test_a_tiny_cohort_is_refused(tmp_path):
    study = Study(tmp_path, n=18)
    study.patients["event"] = np.tile([1, 0, 0, 0, 1, 0], 3)
    with pytest.raises(CohortTooSmallError, match="12 training patients with 6 deaths"):
        study.fit()


def test_a_feature_of_text_and_a_gap_are_named(study):
    study.features.loc[3, "original_glcm_F5"] = np.nan
    with pytest.raises(InputError, match=r"patient P003.*original_glcm_F5"):
        study.fit()
    study.features["original_glcm_F5"] = "words"
    with pytest.raises(InputError, match="'original_glcm_F5' is text"):
        study.fit()


def test_the_published_score_by_hand(study):
    for name in COEFFICIENTS:
        study.features[name] = 2.0
    study.features.loc[0, "square_firstorder_Variance"] = 1002.0
    study.patients.loc[0, ["time_months", "event"]] = [0.05, 1]
    study.write()
    study.publish()
    scores = study.score()
    expected = INTERCEPT + 2 * sum(COEFFICIENTS.values())
    assert scores["radscore"][1] == pytest.approx(expected)
    assert scores["radscore"][0] == pytest.approx(expected + 1000 * 0.000134998)
    assert scores["risk_group"].tolist().count("high") == 1


def test_the_published_scores_cut_off_is_the_training_patients_alone(study):
    """The median of the validation patients lies far above."""
    for name in COEFFICIENTS:
        study.features[name] = 0.0
    variance = np.where(training_rows(study), 1000.0, 9e5) + np.arange(75)
    study.features["square_firstorder_Variance"] = variance
    study.write()
    study.publish()
    model = json.loads((study.folder / "model.json").read_text())
    training = variance[training_rows(study)]
    expected = INTERCEPT + COEFFICIENTS["square_firstorder_Variance"] * np.median(training)
    assert model["cut_off"] == pytest.approx(expected, rel=1e-4)
    assert (model["n"], model["events"]) == (
        50,
        study.patients["event"][training_rows(study)].sum(),
    )


def training_rows(study):
    return study.patients["cohort"] == "training"


def test_a_published_score_that_went_with_longer_survival_has_its_high_risk_below(study):
    draw = np.random.default_rng(2)
    for name in COEFFICIENTS:
        study.features[name] = 0.0
    study.features["square_firstorder_Variance"] = draw.uniform(1000, 3000, 75)
    months = study.features["square_firstorder_Variance"] / 100 + draw.normal(0, 2, 75)
    study.patients["time_months"] = months
    study.write()
    study.publish()
    scores = study.score()
    model = json.loads((study.folder / "model.json").read_text())
    assert model["high_risk"] == "below"
    assert "in these training patients a higher score went with longer" in model["note"].lower()
    high = scores["risk_group"] == "high"
    assert months[high].median() < months[~high].median()
    assert (high == (scores["radscore"] < model["cut_off"])).all()
    # the models take that decision as it is, and say so
    models, predictions = study.fit_models()
    assert models["radscore"]["coefficients"]["radscore"] < 0
    assert "went with longer survival: high risk is below" in models["radscore"]["note"]
    rows = predictions[predictions["model"] == "radscore"].set_index("patient_id")
    assert rows["risk_group"].to_dict() == scores.set_index("patient_id")["risk_group"].to_dict()


def test_a_missing_feature_of_table_s2_is_named(study):
    study.write()
    with pytest.raises(InputError, match="gradient_glszm_ZoneEntropy"):
        store_published(
            patients=study.path("patients.tsv"),
            features=study.path("features.parquet"),
            cut_off="median",
            model=study.path("model.json"),
        )


def test_a_score_does_not_depend_on_who_else_is_in_the_table():
    draw = np.random.default_rng(8)
    values = pd.DataFrame(draw.normal(size=(101, 37)) * 1e3).rename(columns=str)
    weights = dict(zip(values.columns, draw.normal(size=37).tolist(), strict=True))
    model = {"coefficients": weights, "intercept": None}
    alone = [radscore(values.iloc[[k]], model)[0] for k in range(101)]
    assert radscore(values, model).tolist() == alone


def test_an_infinite_feature_and_a_patient_without_any_are_named(study):
    study.features.loc[4, "original_glcm_F2"] = np.inf
    with pytest.raises(InputError, match=r"patient P004: feature 'original_glcm_F2' has no finite"):
        study.fit()
    study.features.loc[4, study.names] = np.nan
    with pytest.raises(InputError, match="patient P004: none of 16 features has a finite value"):
        study.fit()


def test_700_features_of_40_patients_run_through(tmp_path):
    study = Study(tmp_path, n=60, p=700, signal=2.0)
    model = study.fit()
    assert (model["n"], model["candidates"]) == (40, 700)
    assert "original_glcm_F0" in model["coefficients"]
    scores = study.score()
    assert np.isfinite(scores["radscore"]).all()
    assert set(scores["risk_group"]) == {"low", "high"}


def test_all_censored_is_refused_with_the_numbers(study):
    study.patients["event"] = 0
    with pytest.raises(CohortTooSmallError, match="50 training patients with 0 deaths"):
        study.fit()
