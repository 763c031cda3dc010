"""A study that starts from a ready table of features: no image is asked for, and no network."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from taceflow.files.archive import read_bundle
from taceflow.radiomics.names import r_name
from taceflow.radscore.published import COEFFICIENTS
from taceflow.scores import SCORES
from taceflow.study.figures import FIGURE_FILES
from taceflow.study.tables import TABLES

pytestmark = pytest.mark.timeout(900)

PATIENTS, PLANTED = 40, "wavelet-HLL_ngtdm_Complexity"
NOISE = ("Mean", "Median", "Energy", "Entropy", "Kurtosis", "Skewness", "Maximum", "Minimum")
NOISE += ("Range", "Uniformity", "RootMeanSquared")
REPORT = "results/elsewhere/report.html"
OF_IMAGES = {
    *("synthetic_patient", "import_patient", "resample", "patch", "quality_picture"),
    *(
        "contact_sheet",
        "review_page",
        "extract_features",
        "collect_features",
        "dlopctr_backbone",
        "embed",
    ),
    *("collect_embeddings", "time_intervals", "dlopctr_splits", "pre_experiment", "train_head"),
    *("predict_dlopctr", "train_combin", "figure_dlopctr_history", "figure_pre_experiment"),
    *("dlopctr_attention", "figure_dlopctr_attention"),
}


def features():
    """Sixty columns: the five of Table S2 and noise, some of it as public tables have it."""
    others = [
        f"{image}_firstorder_{name}"
        for image in ("original", "log-sigma-2-0-mm-3D", "wavelet-LLH", "squareroot", "gradient")
        for name in NOISE
    ]
    names = [*COEFFICIENTS, *others]
    assert len(names) == 60
    values = np.random.default_rng(4).normal(size=(PATIENTS, len(names)))
    values[:, -9:] = np.random.default_rng(6).standard_t(1.2, size=(PATIENTS, 9)) * 1e9
    # all but constant: a predictor of the fold that leaves this patient out is millions away
    values[:, -9:-6] *= 1e-16
    values[12, -9:-6] = 1.0
    values[15, -1] = 1e6  # the cap of PyRadiomics' coarseness
    return pd.DataFrame(values, columns=names)


def sheet(values):
    """A patient's death comes the sooner, the larger the planted feature."""
    generator = np.random.default_rng(5)
    hazard = 0.02 * np.exp(1.5 * values[PLANTED])
    death, last = generator.exponential(1 / hazard), generator.uniform(10, 50, PATIENTS)
    table = pd.DataFrame({"patient_id": [f"{number:03d}" for number in range(1, PATIENTS + 1)]})
    table["cohort"] = np.where(np.arange(PATIENTS) % 10 < 7, "training", "validation")
    table["time_months"] = np.minimum(death, last)
    table["event"] = (death <= last).astype(int)
    table["age_years"] = generator.integers(40, 80, PATIENTS)
    table["bclc_b_substage"] = generator.integers(1, 4, PATIENTS)
    return table


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """PyRadiomics' own table under R's names, with a failed case and a stranger."""
    folder = tmp_path_factory.mktemp("tables")
    values = features()
    sheet(values).to_csv(folder / "patients.tsv", sep="\t", index=False)
    table = values.rename(columns=r_name)
    table.insert(0, "Image", [f"/scans/{number:03d}/ct.nrrd" for number in range(1, PATIENTS + 1)])
    table.insert(1, "diagnostics_Mask.original_VoxelNum", 900)
    table.insert(2, "diagnostics_Configuration_Settings", "{'binWidth': 18}")
    table.loc[0, "diagnostics_Mask.original_VoxelNum":] = np.nan
    stranger = table.iloc[[5]].assign(Image="/scans/999/ct.nrrd")
    second = table.iloc[[20]].assign(**{"diagnostics_Mask.original_VoxelNum": 70})
    second.loc[:, r_name(PLANTED)] += 100
    pd.concat([table, stranger, second]).to_csv(folder / "features.csv", index=False)
    tables = {"patients": f"{folder}/patients.tsv", "features": f"{folder}/features.csv"}
    tables |= {"features_id": "Image", "features_id_pattern": "(?<=/)[0-9]{3}(?=/)"}
    content = {
        "run": "ready",
        "tables": tables,
        "imaging": {"tumors": "largest"},
        "radscore": {"folds": 3, "bootstraps": 10},
        "survival": {"bootstraps": 20, "horizons_months": [12, 24]},
    }
    (folder / "ready.yaml").write_text(json.dumps(content))
    return folder


def test_no_job_reads_an_image(project, configured):
    planned = project.snakemake("-n", "--configfile", f"{configured}/ready.yaml").planned
    assert {"cohort", "ready_features", "feature_reproducibility", "report"} <= set(planned)
    assert not OF_IMAGES & set(planned)


@pytest.fixture(scope="module")
def finished(run_study, configured):
    return run_study("ready", "--configfile", f"{configured}/ready.yaml")


def read(study, name):
    return pd.read_csv(study.results / name, sep="\t", dtype={"patient_id": str})


def test_it_runs_to_the_report(finished):
    made = finished.made()
    of_images = {"feature_reproducibility", "pre_experiment", "dlopctr_history"}
    lacking = of_images | {"dlopctr_attention", "established_scores"}
    figures = [
        name
        for name, (figure, model) in FIGURE_FILES.items()
        if figure.name not in lacking and model in ("", "clinical", "radscore")
    ]
    drawn = {name for name in made if name.startswith("figures/")}
    assert drawn == {f"figures/{name}.{kind}" for name in figures for kind in ("svg", "pdf", "png")}
    tables = {f"tables/{name}.{kind}" for name in TABLES for kind in ("tsv", "docx")}
    assert tables <= set(made)
    assert {"survival/performance.tsv", "provenance.json", "report.html"} <= set(made)
    rooms = {name.split("/")[0] for name in made}
    assert rooms.isdisjoint({"volumes", "resampled", "patches", "qc", "dlopctr", "synthetic"})


def test_who_has_no_features_is_excluded_with_the_reason(finished):
    excluded = read(finished, "cohort/exclusions.tsv").drop(columns="remedy")
    assert excluded.to_dict("records") == [
        {"patient_id": "001", "stage": "features", "reason": "no values in the table of features"}
    ]
    table = pd.read_parquet(finished.results / "radiomics" / "reader1-1.parquet")
    assert table["patient_id"].tolist() == [f"{number:03d}" for number in range(2, PATIENTS + 1)]
    written = table.set_index("patient_id").reset_index(drop=True)
    np.testing.assert_allclose(written, features().iloc[1:], rtol=1e-15)
    log = (finished.results / "logs" / "ready_features" / "ready_features.log").read_text()
    assert "rows of patients who are not in the sheet: 1" in log
    assert "empty rows, as an extraction that failed leaves them: 1" in log
    assert "diagnostics_Mask.original_VoxelNum" in log


def test_the_planted_feature_is_found_and_nothing_of_the_network(finished):
    model = json.loads((finished.results / "radscore" / "model.json").read_text())
    assert max(model["coefficients"], key=lambda name: abs(model["coefficients"][name])) == PLANTED
    assert model["coefficients"][PLANTED] > 0
    reproducible = read(finished, "radiomics/icc.tsv")
    assert set(reproducible["reason"]) == {"no repeated reading: kept unchecked"}
    assert reproducible["n_intra"].eq(0).all()
    performance = read(finished, "survival/performance.tsv")
    assert set(performance["model"]) - set(SCORES) == {"clinical", "radscore"}
    of_radscore = performance.query("model == 'radscore' and metric == 'c_index'")
    assert of_radscore.set_index("cohort")["estimate"]["validation"] > 0.7
    assert "dlopctr" not in set(read(finished, "tables/table_s1.tsv")["variable"])


def test_the_report_says_what_is_left_out(finished):
    page = (finished.results / "report.html").read_text()
    reason = "made from images, and this run starts from a ready table of features"
    for name in ("DLOP-CTR", "DLOP-Cox", "DLOP-Combin", "Training of DLOP-CTR"):
        assert f"<li>{name}: {reason}.</li>" in page
    assert "CT was resampled" not in page
    assert "1 of 39 patients has several rows in the table of features" in page
    assert "binWidth 18 instead of 25" in page
    assert "ResNet-101" not in page


def test_a_second_run_does_nothing_and_a_new_table_starts_at_the_features(finished, configured):
    assert "Nothing to be done" in finished.snakemake("-n").output
    # Snakemake compares the content of small files, so the time alone would change nothing.
    table = configured / "features.csv"
    values = pd.read_csv(table, float_precision="round_trip")
    values.loc[7, PLANTED.replace("-", ".")] += 0.1
    values.to_csv(table, index=False)
    planned = finished.snakemake("-n").planned
    assert {"ready_features", "radscore_fit", "report"} <= set(planned)
    assert "cohort" not in planned


@pytest.mark.parametrize("family", ["binomial", "published"])
def test_the_other_radscores_start_from_it_too(finished, family):
    chosen = ("--config", f"run={family}", f"radscore={{family: {family}}}")
    run = replace(finished, run=family)
    run.snakemake(f"results/{family}/survival/predictions.tsv", *chosen)
    scores = read(run, "radscore/scores.tsv").set_index("patient_id")["risk_group"]
    assert len(scores) == PATIENTS - 1
    predictions = read(run, "survival/predictions.tsv")
    rows = predictions[predictions["model"] == "radscore"].set_index("patient_id")
    assert rows["risk_group"].to_dict() == scores.to_dict()
    # the published score goes with longer survival here: one decision, said in both files
    stored = json.loads((run.results / "radscore" / "model.json").read_text())
    fitted = json.loads((run.results / "survival" / "models.json").read_text())["radscore"]
    reversed_ = family == "published"
    assert (fitted["coefficients"]["radscore"] < 0) == reversed_
    assert stored["high_risk"] == ("below" if reversed_ else "above")
    assert ("high risk is below" in fitted["note"]) == reversed_


def test_a_bad_table_is_refused_before_any_job(project, configured):
    values = pd.read_csv(configured / "features.csv")
    values.loc[3, "original_firstorder_Mean"] = np.inf
    values.to_csv(configured / "bad.csv", index=False)
    content = json.loads((configured / "ready.yaml").read_text())
    content["tables"]["features"] = f"{configured}/bad.csv"
    (configured / "bad.yaml").write_text(json.dumps(content))
    result = project.snakemake("-n", "--configfile", f"{configured}/bad.yaml", status=1)
    output = " ".join(result.output.split())
    assert "patient 004: feature 'original_firstorder_Mean' has no finite value" in output
    assert "Traceback" not in output
    assert "Job stats" not in output


def test_the_model_leaves_without_its_patients(finished, assert_nobody_in):
    folder = finished.results / "model"
    bundle = read_bundle(folder / "bundle.zip")
    assert bundle == read_bundle(folder / "bundle")
    assert {"manifest.json", "radscore.json", "models.json", "ranges.tsv", "card.md"} <= set(bundle)
    assert not [name for name in bundle if name.endswith(".safetensors")]
    assert_nobody_in(bundle, finished)
    # what a model is stored with in the run would have told: times of deaths
    own = {"models.json": (finished.results / "survival" / "models.json").read_bytes()}
    with pytest.raises(AssertionError, match=r"models\.json"):
        assert_nobody_in(own, finished)


def test_the_bundle_predicts_what_the_run_did(finished, assert_same_predictions):
    assert_same_predictions(finished, [12, 24])


@pytest.fixture(scope="module")
def new_table(finished, configured):
    """Patients 31 to 40 as a second hospital brings them: no outcome, a column less, one apart."""
    table = pd.read_csv(configured / "features.csv", float_precision="round_trip").iloc[30:40]
    table.loc[table.index[0], r_name(PLANTED)] = 1e6
    table.to_csv(configured / "new_features.csv", index=False)
    new = pd.read_csv(configured / "patients.tsv", sep="\t", dtype={"patient_id": str})
    new = new.drop(columns=["cohort", "time_months", "event", "age_years"]).iloc[30:40]
    new.to_csv(configured / "new_patients.tsv", sep="\t", index=False)
    tables = {"patients": f"{configured}/new_patients.tsv"}
    tables |= {"features": f"{configured}/new_features.csv", "features_id": "Image"}
    tables |= {"features_id_pattern": "(?<=/)[0-9]{3}(?=/)"}
    content = {"run": "new", "tables": tables, "model": "results/ready/model/bundle.zip"}
    (configured / "new.yaml").write_text(json.dumps(content))
    return replace(finished, options=("--configfile", f"{configured}/new.yaml"), run="new")


def test_new_patients_need_no_outcome_and_get_the_models_that_they_can_have(new_table, finished):
    planned = new_table.snakemake("-n").planned
    assert not OF_IMAGES & set(planned)
    assert not {"radscore_fit", "survival_models", "performance", "training_ranges"} & set(planned)
    new_table.snakemake()
    found = read(new_table, "survival/predictions.tsv")
    expected = read(finished, "survival/predictions.tsv")
    both = expected.merge(found, on=["patient_id", "model"], suffixes=("", "_found"))
    both = both[~((both["patient_id"] == "031") & both["model"].eq("radscore"))]
    assert set(both["model"]) >= {"radscore", "bclc_b"}
    for name in ("risk", "survival_12_months", "survival_24_months", "risk_group"):
        assert both[name].equals(both[f"{name}_found"])
    models = read(new_table, "application/models.tsv").set_index("model")
    if "clinical" in models.index and models.loc["clinical", "patients"] == 0:
        assert models.loc["clinical", "note"] == "the table of patients has no value of age_years"
    verdicts = read(new_table, "application/verdicts.tsv").set_index("patient_id")
    assert verdicts.index[0] == "031"
    assert "features" in verdicts.loc["031", "outside"]
    assert new_table.snakemake("-n").planned == {}


@pytest.fixture(scope="module")
def elsewhere(finished, configured):
    """The same patients with their outcomes, as a cohort from elsewhere."""
    tables = json.loads((configured / "ready.yaml").read_text())["tables"]
    content = {"run": "elsewhere", "tables": tables, "model": "results/ready/model/bundle.zip"}
    content |= {"survival": {"bootstraps": 20}}
    (configured / "elsewhere.yaml").write_text(json.dumps(content))
    options = ("--configfile", f"{configured}/elsewhere.yaml")
    study = replace(finished, options=options, run="elsewhere")
    # without a page for each of forty patients
    study.snakemake(REPORT)
    return study


def test_with_outcomes_the_same_run_validates(elsewhere):
    performance = read(elsewhere, "survival/performance.tsv")
    assert set(performance["cohort"]) == {"external"}
    integrated = performance[performance["metric"] == "brier_integrated"].set_index("model")
    # between the horizons a bundle tells no survival of a Cox model
    assert pd.isna(integrated.loc["radscore", "estimate"])
    assert "horizons alone" in integrated.loc["radscore", "note"]
    report = (elsewhere.results / "report.html").read_text()
    assert "External validation of" in report
    assert "<h2>Calibration</h2>" in report
    versions = read(elsewhere, "survival/recalibration.tsv")
    slopes = versions[versions["metric"] == "calibration_slope"].set_index(["model", "version"])
    assert slopes.loc[("radscore", "slope"), "estimate"] == pytest.approx(1, abs=0.01)
    assert elsewhere.snakemake("-n", REPORT).planned == {}


def test_a_recalibrated_bundle_is_applied_as_any_other(elsewhere, new_table):
    elsewhere.snakemake("results/elsewhere/model/both.zip")
    bundle = elsewhere.results / "model" / "both.zip"
    parent = json.loads(read_bundle(bundle)["manifest.json"])["parent"]
    assert parent["version"] == "both"
    files = read_bundle(elsewhere.folder / "results" / "ready" / "model" / "bundle.zip")
    stored, recalibrated = (
        json.loads(one["models.json"])["radscore"] for one in (files, read_bundle(bundle))
    )
    slope = recalibrated["recalibrated"]["slope"]
    again = replace(new_table, run="again")
    again.snakemake("results/again/survival/predictions.tsv",
                    "--config", "run=again", f"model={bundle}")  # fmt: skip
    before, after = (read(one, "survival/predictions.tsv") for one in (new_table, again))
    both = before.merge(after, on=["patient_id", "model"], suffixes=("", "_again"))
    both = both[both["model"] == "radscore"]
    assert len(both) == 10
    np.testing.assert_allclose(both["risk_again"], slope * both["risk"], rtol=1e-12)
    assert (both["risk_group_again"] == both["risk_group"]).all()
    expected = np.exp(
        -np.exp(both["risk_again"] + recalibrated["baseline"]["log_cumulative_hazard"][0])
    )
    np.testing.assert_allclose(both["survival_12_months_again"], expected, rtol=1e-9)
    assert (
        stored["baseline"]["log_cumulative_hazard"]
        != recalibrated["baseline"]["log_cumulative_hazard"]
    )


def test_who_is_out_of_range_is_not_predicted_where_that_is_asked(new_table):
    new_table.snakemake("--config", "on_out_of_range=exclude")
    assert "031" not in set(read(new_table, "survival/predictions.tsv")["patient_id"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"imaging": {"phase": "portal"}},
            "'imaging.phase' is portal in the configuration and art",
        ),
        ({"survival": {"horizons_months": [12]}}, "'survival.horizons_months' is [12] in the conf"),
        ({"tables": None}, "fitted on a ready table of features, which taceflow did not make"),
    ],
)
def test_what_contradicts_the_bundle_is_refused_before_any_job(new_table, configured, change, said):
    content = json.loads((configured / "new.yaml").read_text()) | change
    if change.get("tables", "") is None:
        content.pop("tables")
    (configured / "contradicts.yaml").write_text(json.dumps(content))
    other = replace(new_table, options=("--configfile", f"{configured}/contradicts.yaml"))
    result = other.snakemake("-n", status=1)
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_table_without_a_feature_of_the_radscore_is_refused(new_table, configured, finished):
    used = sorted(
        json.loads((finished.results / "radscore" / "model.json").read_text())["coefficients"]
    )
    table = pd.read_csv(configured / "new_features.csv")
    table.drop(columns=r_name(used[0])).to_csv(configured / "fewer.csv", index=False)
    content = json.loads((configured / "new.yaml").read_text())
    content["tables"]["features"] = f"{configured}/fewer.csv"
    (configured / "fewer.yaml").write_text(json.dumps(content))
    other = replace(new_table, options=("--configfile", f"{configured}/fewer.yaml"))
    result = other.snakemake("-n", status=1)
    assert f"the features of the Radscore {used[0]} are missing" in " ".join(result.output.split())
