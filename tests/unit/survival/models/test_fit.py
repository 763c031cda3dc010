"""The models: fitted on training patients alone, stored, applied to everybody."""

import json

import numpy as np
import pytest

from taceflow.cohort.training import training_patients
from taceflow.models import MODELS, Model
from taceflow.survival.evaluation.multiplicity import holm
from taceflow.survival.models.cut_off import find_cut_off
from taceflow.survival.models.fit import cox_models
from taceflow.survival.models.stored_cox import apply_model
from taceflow.survival.regression.design import Variable
from taceflow.survival.tables.table_s1 import table_s1

STRONG, WEAK = Variable("strong", "Strong"), Variable("weak", "Weak")

STAGE = Variable("stage", "Stage", "1")
CUT_OFF = {"cut_off": 0.0, "high_risk": "above"}


def test_no_clinical_variable_enters(cohort):
    models = cox_models(
        training_patients(cohort), [], "no clinical variable has a univariate p < 1e-06"
    )
    assert models["clinical"]["variables"] == []
    assert "no clinical variable" in models["clinical"]["note"]
    assert models["dlop_cox"]["variables"] == ["dlopctr"]


def test_a_new_cox_model_is_one_entry_of_the_list(cohort, monkeypatch):
    made_of = ("radscore", "clinical")
    monkeypatch.setitem(MODELS, "combined", Model("combined", "Combined", "cox", made_of))
    models = cox_models(training_patients(cohort), [STRONG])
    assert list(models) == ["clinical", "radscore", "dlop_cox", "combined"]
    assert models["combined"]["variables"] == ["radscore", "strong"]
    alone = cox_models(training_patients(cohort), [], "none")["combined"]
    assert (alone["variables"], alone["note"]) == (["radscore"], "none: Radscore alone")


def test_a_radscore_without_features_is_a_null_model(cohort):
    models = cox_models(training_patients(cohort).assign(radscore=0.0), [STRONG])
    assert models["radscore"]["coefficients"] == {}
    assert "radscore" in models["radscore"]["note"]


def test_models_and_predictions(run, cohort):
    models, predictions = run.fit()
    assert list(dict.fromkeys(predictions["model"])) == list(MODELS)
    assert models["clinical"]["variables"] == ["strong", "stage=2", "stage=3"]
    assert models["dlop_cox"]["variables"] == ["dlopctr", "strong", "stage=2", "stage=3"]
    assert models["dlopctr"]["kind"] == models["dlop_combin"]["kind"] == "network"
    counts = predictions["model"].value_counts()
    assert counts["clinical"] == counts["dlop_cox"] == len(cohort) - 2
    assert counts["radscore"] == counts["dlop_combin"] == counts["dlopctr"] == len(cohort)
    for name, rows in predictions.groupby("model"):
        inside = rows.loc[rows["cohort"] == "training"]
        high = inside["risk"] > models[name]["cut_off"]
        assert models[name]["cut_off"] not in set(inside["risk"])
        assert high.sum() == len(inside) // 2
        assert abs((inside["risk_group"] == "high").mean() - 0.5) < 0.02
        assert (rows["survival_12_months"] >= rows["survival_36_months"]).all()
        assert rows["survival_600_months"].isna().all()


def test_cox_models_know_how_sure_a_survival_is(run, cohort):
    models, _ = run.fit()
    for name in ("clinical", "radscore", "dlop_cox"):
        rows = apply_model(name, models[name], cohort, [12], with_limits=True)
        assert (rows["survival_12_months_lower"] < rows["survival_12_months"]).all()
        assert (rows["survival_12_months"] < rows["survival_12_months_upper"]).all()
    assert "interval" not in models["dlopctr"]
    assert not any("interval" in fit for fit in models["dlop_cox"]["by_seed"])


def test_a_level_of_four_patients_has_no_interval(cohort):
    training = training_patients(cohort)
    died = training.index[training["event"] == 1]
    cohort.loc[died[:4], "stage"] = 4.0
    models = cox_models(training_patients(cohort), [STRONG, STAGE])
    rows = apply_model("any", models["clinical"] | CUT_OFF, cohort, [12], with_limits=True)
    has_none = rows["survival_12_months_lower"].isna()
    assert rows.loc[has_none, "patient_id"].tolist() == cohort.loc[died[:4], "patient_id"].tolist()


def test_stepwise_models_take_what_stepwise_table_s1_takes(run, cohort):
    run.select = "stepwise"
    models, _ = run.fit()
    rows = table_s1(training_patients(cohort), [STRONG, WEAK, STAGE], 0.05, select="stepwise")
    assert models["clinical"]["variables"] == ["strong", "stage=2", "stage=3"]
    assert set(rows.loc[rows["hr_multi"].notna(), "variable"]) == {"strong", "stage"}
    chosen = json.loads((run.folder / "clinical_variables.json").read_text())
    assert chosen["selection"] == rows["selection"].iloc[0] == "stepwise AIC"


def test_validation_labels_change_no_fitted_file(new_run, run, cohort, tmp_path):
    before, _ = run.fit()
    outside = cohort["cohort"] == "validation"
    cohort.loc[outside, "event"] = 1 - cohort.loc[outside, "event"]
    cohort.loc[outside, "time_months"] = cohort.loc[outside, "time_months"].to_numpy()[::-1]
    (tmp_path / "again").mkdir()
    after, _ = new_run(tmp_path / "again", cohort).fit()
    assert before == after


def test_order_of_patients_does_not_matter(new_run, run, cohort, tmp_path):
    run.fit()
    (tmp_path / "again").mkdir()
    again = new_run(tmp_path / "again", cohort.iloc[::-1])
    again.fit()
    for name in ("models.json", "predictions.tsv"):
        assert (run.folder / name).read_text() == (again.folder / name).read_text()


def test_scores_of_the_users_own_make_no_model(run, cohort):
    table = run.read("patients.tsv")
    expected = run.fit(images=False)[0]
    table = table.assign(dlopctr=cohort["dlopctr"], radscore=0.0)
    table.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    assert run.fit(images=False)[0] == expected


def test_established_scores_stand_beside_the_models(run, cohort):
    cohort["albi_score"] = cohort["strong"].fillna(0)
    cohort["hap_score"] = 1.0
    cohort.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    models, predictions = run.fit()
    # a score that is the same for everybody cannot be a model, one that the sheet lacks is none
    assert set(models) & {"albi", "bclc_b", "child_pugh", "hap", "six_and_twelve"} == {"albi"}
    rows = predictions.loc[predictions["model"] == "albi"].set_index("patient_id")
    assert rows["risk"].corr(cohort.set_index("patient_id")["albi_score"]) == pytest.approx(1)
    tables = run.evaluate()
    families = tables["comparisons"].groupby("family").size().to_dict()
    assert families == {"study": 10, "established": 5}
    for _, tested in tables["comparisons"].groupby("family"):
        # the two networks order these patients alike, which is no test
        assert tested["p_adjusted"].tolist() == pytest.approx(holm(tested["p"]), nan_ok=True)
    assert "albi" in set(tables["performance"]["model"])
    for curves in ("roc", "auc", "calibration", "decision_curve"):
        assert "albi" not in set(tables[curves]["model"])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("method", ["median", "log_rank"])
def test_who_is_high_risk_by_radscore_is_decided_once(new_run, tmp_path, cohort, sign, method):
    cohort["radscore"] = np.round(sign * cohort["radscore"], 1)  # with ties
    run = new_run(tmp_path, cohort)
    run.cut_off = method
    run.write_radscore(cohort)
    models, predictions = run.fit(images=False)
    scores = run.read("scores.tsv").set_index("patient_id")["risk_group"]
    rows = predictions[predictions["model"] == "radscore"].set_index("patient_id")
    assert rows["risk_group"].tolist() == scores.loc[rows.index].tolist()
    assert set(scores) == {"low", "high"}
    # the model's cut-off is the Radscore's, on the scale of the risk, where higher is worse
    assert rows.loc[rows["risk_group"] == "high", "risk"].min() > models["radscore"]["cut_off"]
    assert rows.loc[rows["risk_group"] == "low", "risk"].max() <= models["radscore"]["cut_off"]
    reversed_ = "a higher score went with longer survival" in models["radscore"]["note"]
    assert reversed_ == (sign < 0) == (models["radscore"]["coefficients"]["radscore"] < 0)
    died = cohort.set_index("patient_id").loc[rows.index, "event"].groupby(rows["risk_group"])
    months = cohort.set_index("patient_id").loc[rows.index, "time_months"]
    rate = died.sum() / months.groupby(rows["risk_group"]).sum()
    assert rate["high"] > rate["low"]


def test_the_models_take_the_decision_of_the_radscores_own_table(run):
    table = run.read("scores.tsv")
    changed = table["patient_id"].iloc[7]
    table.loc[7, "risk_group"] = {"low": "high", "high": "low"}[table.loc[7, "risk_group"]]
    table.to_csv(run.path("scores.tsv"), sep="\t", index=False)
    _, predictions = run.fit(images=False)
    rows = predictions[predictions["model"] == "radscore"].set_index("patient_id")
    assert rows.loc[changed, "risk_group"] == table.loc[7, "risk_group"]


def test_a_radscore_that_is_alike_for_all_has_one_group_and_says_so(new_run, tmp_path, cohort):
    run = new_run(tmp_path, cohort.assign(radscore=0.0))
    models, predictions = run.fit(images=False)
    assert models["radscore"]["cut_off"] == 0
    rows = predictions[predictions["model"] == "radscore"]
    assert set(rows["risk_group"]) == {"low"}
    assert "one risk group, low: all" in models["radscore"]["note"]


def test_a_cut_off_by_the_log_rank_statistic_is_stored_with_its_p(run, cohort):
    run.cut_off = "log_rank"
    run.write_radscore(cohort)
    models, predictions = run.fit()
    for name in ("clinical", "dlopctr", "dlop_combin"):
        assert models[name]["cut_off_method"] == "log_rank"
        assert 0 <= models[name]["cut_off_p"] <= 1
    rows = predictions[(predictions["model"] == "dlopctr") & (predictions["cohort"] == "training")]
    people = cohort.set_index("patient_id").loc[rows["patient_id"]]
    expected = find_cut_off(
        rows["risk"].to_numpy(),
        people["time_months"].to_numpy(),
        people["event"].to_numpy(),
        "log_rank",
    )
    assert models["dlopctr"]["cut_off"] == pytest.approx(expected.value)
    assert (rows["risk_group"] == "high").tolist() == (rows["risk"] > expected.value).tolist()
