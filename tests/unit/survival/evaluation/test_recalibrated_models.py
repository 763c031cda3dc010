"""Recalibrated models as files: the tables, and what a bundle would hold."""

import json

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.without_patients import at_horizons
from taceflow.errors import DamagedFileError
from taceflow.files.tables import read_table
from taceflow.survival.evaluation.recalibrated_models import write_recalibration
from taceflow.survival.models.cut_off import risk_groups
from taceflow.survival.models.joined_scores import cohort_with_scores
from taceflow.survival.models.predictions import predicted_by_cox
from taceflow.survival.models.stored_cox import complete_design, model_risk

HORIZONS = [12, 36]


@pytest.fixture
def applied(new_run, cohort, tmp_path):
    """A study whose external patients die sooner, as if its bundle had been applied to them."""
    outside = cohort["cohort"] == "validation"
    cohort.loc[outside, "cohort"] = "external"
    died = outside & (cohort["event"] == 1)
    cohort.loc[died, "time_months"] = (cohort.loc[died, "time_months"] / 2).round(1) + 0.1
    more = cohort[outside].assign(patient_id=cohort.loc[outside, "patient_id"] + "b")
    more["strong"] += 0.3
    cohort = pd.concat([cohort, more], ignore_index=True)
    run = new_run(tmp_path, cohort)
    models, _ = run.fit()
    stored = {
        name: model if model["baseline"] is None
        else model | {"baseline": at_horizons(model["baseline"], HORIZONS)}
        for name, model in models.items()
    }  # fmt: skip
    (tmp_path / "opened.json").write_text(json.dumps(stored))
    return run, stored


def recalibrate(run, **other):
    names = ("recalibration", "groups")
    write_recalibration(
        **{
            "patients": run.path("patients.tsv"),
            "predictions": run.path("predictions.tsv"),
            "models": run.path("opened.json"),
            "horizons_months": HORIZONS,
            "bootstraps": 20,
            "seed": 1,
            **{name: run.path(f"{name}.tsv") for name in names},
            "recalibrated": run.path("recalibrated.json"),
            **other,
        }
    )
    schemas = ("recalibration", "recalibration_groups")
    tables = [
        read_table(run.path(f"{name}.tsv"), schema)
        for name, schema in zip(names, schemas, strict=True)
    ]
    return *tables, json.loads((run.folder / "recalibrated.json").read_text())


def test_every_model_has_its_versions_and_only_cox_models_are_stored(applied):
    run, stored = applied
    table, groups, models = recalibrate(run)
    assert set(table["model"]) == set(stored)
    assert set(groups["model"]) == set(stored)
    networks = {name for name, model in stored.items() if model["kind"] == "network"}
    assert networks == {"dlopctr", "dlop_combin"} == set(stored) - set(models)
    assert set(models["radscore"]) == {"in_the_large", "slope", "both"}
    external = run.read("patients.tsv")["cohort"].eq("external").sum()
    assert set(table["n"]) == {external}
    ratio = table[(table["metric"] == "o_e") & (table["horizon_months"] == 12)]
    ratio = ratio.set_index(["version", "model"])["estimate"]
    assert (ratio["original"] > 1.15).all()
    assert ratio["both"].between(0.85, 1.15).all()


@pytest.mark.parametrize("version", ["in_the_large", "slope", "both"])
def test_a_stored_model_predicts_what_was_measured(applied, version):
    run, stored = applied
    _, groups, models = recalibrate(run)
    external = cohort_with_scores(
        *(run.path(f"{table}.tsv") for table in ("patients", "scores", "dlopctr"))
    )
    external = external[external["cohort"] == "external"]
    for name in ("clinical", "radscore", "dlop_cox"):
        model = models[name][version]
        design = complete_design(model, external)
        risk = model_risk(model, design)
        survival = predicted_by_cox(risk, model).survival(np.array(HORIZONS, dtype=float))
        of_version = groups[(groups["model"] == name) & (groups["version"] == version)]
        for k, month in enumerate(HORIZONS):
            rows = of_version[of_version["horizon_months"] == month]
            expected = np.average(rows["predicted"], weights=rows["n"])
            assert survival[:, k].mean() == pytest.approx(expected, abs=1e-12)
        before = risk_groups(model_risk(stored[name], design), stored[name])
        np.testing.assert_array_equal(risk_groups(risk, model), before)
        assert {"low", "high"} == set(before)
        slope = model["recalibrated"]["slope"]
        assert (slope != 1) == (version != "in_the_large")
        np.testing.assert_allclose(risk, slope * model_risk(stored[name], design), atol=1e-12)


def test_a_recalibrated_model_holds_nothing_of_a_patient(applied):
    run, stored = applied
    stored["radscore"]["covariance"] = [[0.1]]
    (run.folder / "opened.json").write_text(json.dumps(stored))
    _, _, models = recalibrate(run)
    model = models["radscore"]["both"]
    assert set(model) == {
        *("kind", "variables", "terms", "coefficients", "centre", "baseline", "cut_off"),
        *("high_risk", "cut_off_method", "n", "events", "recalibrated"),
    }
    assert model["baseline"]["times_months"] == HORIZONS
    assert model["baseline"]["last_follow_up_months"] == 36
    for value in model["baseline"]["log_cumulative_hazard"]:
        assert round(value, 3) == value
    assert (model["n"], model["events"]) == (stored["radscore"]["n"], stored["radscore"]["events"])
    assert model["recalibrated"]["events"] != model["events"]


def test_a_patient_without_outcome_is_left_out_and_counted(applied):
    run, _ = applied
    full, _, _ = recalibrate(run)
    patients = run.read("patients.tsv")
    outside = patients.index[patients["cohort"] == "external"]
    patients.loc[outside[:3], "time_months"] = np.nan
    patients.loc[outside[3], "event"] = np.nan
    patients.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    table, _, _ = recalibrate(run)
    assert (full["n"].iloc[0] - table["n"]).eq(4).all()
    assert table["note"].str.endswith("4 patients without time or event left out").all()


def test_what_is_said_of_a_recalibrated_model_counts_nobody(applied):
    """A note may leave: that two patients were followed beyond would tell of two patients."""
    run, _ = applied
    patients = run.read("patients.tsv")
    late = (patients["cohort"] == "external") & (patients["time_months"] > 36)
    patients.loc[patients.index[late][2:], "time_months"] = 36.0
    patients.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    table, _, models = recalibrate(run)
    told = [one["recalibrated"]["note"] for model in models.values() for one in model.values()]
    assert set(told) == {"", "nothing beyond 12 months"}
    assert table["note"].str.contains("2 patients followed beyond 36 months, fewer than 5").any()


def test_an_infinite_risk_is_refused(applied):
    run, _ = applied
    predictions = run.read("predictions.tsv")
    place = predictions.index[predictions["cohort"] == "external"][0]
    predictions.loc[place, "risk"] = np.inf
    predictions.to_csv(run.path("predictions.tsv"), sep="\t", index=False)
    patient = predictions.loc[place, "patient_id"]
    with pytest.raises(DamagedFileError, match=f"{patient}.*infinite"):
        recalibrate(run)


def test_without_any_outcome_nothing_is_done(applied):
    run, _ = applied
    patients = run.read("patients.tsv").assign(time_months=np.nan, event=np.nan)
    patients.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    table, groups, models = recalibrate(run)
    assert (models, len(groups)) == ({}, 0)
    assert table["estimate"].isna().all()
    assert table["note"].notna().all()
    assert (table["n"] == 0).all()


def test_a_study_without_external_patients_has_empty_tables(applied):
    run, _ = applied
    predictions = run.read("predictions.tsv").assign(cohort="training")
    predictions.to_csv(run.path("predictions.tsv"), sep="\t", index=False)
    table, groups, models = recalibrate(run)
    assert (len(table), len(groups), models) == (0, 0, {})
