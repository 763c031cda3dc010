"""Figures of merit of the stored predictions, in each cohort."""

import numpy as np
import pandas as pd
import pytest
from sksurv.metrics import integrated_brier_score
from sksurv.util import Surv

from taceflow.models import MODELS

BREAKS = [0.0, 6.0, 12.0, 20.0, 36.0, 60.0]


def test_evaluation(run):
    run.fit()
    tables = run.evaluate()
    performance = tables["performance"]
    keys = ["model", "cohort", "metric", "horizon_months"]
    values = performance.set_index(keys)["estimate"]
    assert values["clinical", "training", "c_index", np.nan] > 0.65
    assert values["clinical", "training", "calibration_slope", np.nan] == pytest.approx(1, abs=1e-6)
    late = performance.loc[performance["horizon_months"] == 600]
    assert late["estimate"].isna().all()
    assert late["note"].str.contains("nobody followed beyond 600").all()
    known = performance.loc[performance["estimate"].notna()]
    assert known["lower"].notna().all()
    assert (known["lower"] <= known["estimate"]).all()
    brier = known.loc[known["metric"] == "brier_integrated"]
    assert brier["estimate"].between(0, 0.3).all()
    assert set(brier["horizon_months"]) == {36}
    by_network = known["model"].map(lambda name: MODELS[name].needs_images)
    spread = known[["seed_sd", "seed_min", "seed_max"]]
    assert spread[by_network].notna().all(axis=None)
    assert spread[~by_network].isna().all(axis=None)
    assert (spread["seed_min"].dropna() <= spread["seed_max"].dropna()).all()
    # Every pair of five models, on the patients who trained none of them.
    assert len(tables["comparisons"]) == 10
    assert set(tables["comparisons"]["cohort"]) == {"validation"}
    tested = tables["comparisons"].dropna(subset="p")
    # the two networks order these patients alike
    untested = tables["comparisons"].drop(tested.index)
    assert untested[["model_a", "model_b", "difference"]].to_numpy().tolist() == [
        ["dlopctr", "dlop_combin", 0]
    ]
    assert (tested["p_adjusted"] >= tested["p"]).all()
    assert set(tables["decision_curve"]["model"]) >= {"treat_all", "treat_none", "clinical"}
    # Two training patients lack a variable of two models: no decision curve holds them.
    inside = tables["decision_curve"].loc[tables["decision_curve"]["cohort"] == "training"]
    assert (
        inside["n"]
        == tables["performance"]
        .loc[lambda rows: (rows["model"] == "clinical") & (rows["cohort"] == "training"), "n"]
        .iloc[0]
    ).all()
    assert set(tables["roc"]["horizon_months"]) == {12, 36}
    assert set(tables["calibration"]["horizon_months"]) == {12, 36}


def test_evaluation_twice_gives_the_same_tables(run):
    run.fit()
    run.evaluate()
    first = (run.folder / "performance.tsv").read_bytes()
    run.evaluate()
    assert (run.folder / "performance.tsv").read_bytes() == first


def test_an_external_cohort_is_measured_and_chooses_nothing(new_run, cohort, tmp_path):
    external = cohort.index[cohort["cohort"] == "validation"][::2]
    cohort.loc[external, "cohort"] = "external"
    found = []
    for name in ("as it was", "with other outcomes"):
        (tmp_path / name).mkdir()
        run = new_run(tmp_path / name, cohort)
        models, predictions = run.fit()
        found.append((models, predictions, run.evaluate()))
        cohort.loc[external, "event"] = 1 - cohort.loc[external, "event"]
        cohort.loc[external, "time_months"] = cohort.loc[external, "time_months"].to_numpy()[::-1]
    (models, predictions, tables), (again, same, others) = found
    assert models == again
    pd.testing.assert_frame_equal(predictions, same)
    for name in ("performance", "comparisons"):
        before, after = (
            table[table["cohort"] != "external"].reset_index(drop=True)
            for table in (tables[name], others[name])
        )
        pd.testing.assert_frame_equal(before, after)
    performance = tables["performance"]
    rows = performance[(performance["cohort"] == "external") & (performance["metric"] == "c_index")]
    assert len(rows) == 5
    assert rows["estimate"].notna().all()
    assert set(tables["roc"]["cohort"]) == {"training", "validation", "external"}
    assert (tables["comparisons"]["cohort"] == "external").sum() == 10


def test_integrated_brier_of_a_network_is_of_its_own_curve(run, cohort):
    run.fit()
    performance = run.evaluate()["performance"]
    rows = cohort[cohort["cohort"] == "validation"]
    months = np.arange(1.0, 37.0)
    months = months[months >= rows["time_months"].min()]
    score = rows["dlopctr"].clip(0.01, 0.99).to_numpy()
    # linear between the breaks, 1 at the start; the mean of two seeds
    curve = np.mean(
        [
            [np.interp(months, BREAKS, s ** (power * np.array(BREAKS) / 20)) for s in score]
            for power in (1.0, 1.5)
        ],
        axis=0,
    )
    outcome = Surv.from_arrays(rows["event"].astype(bool), rows["time_months"])
    found = performance[
        (performance["model"] == "dlopctr")
        & (performance["cohort"] == "validation")
        & (performance["metric"] == "brier_integrated")
    ]
    assert found["estimate"].item() == pytest.approx(
        integrated_brier_score(outcome, outcome, curve, months), abs=1e-12
    )


def test_without_images_and_with_a_cohort_too_short_for_any_horizon(new_run, run, cohort, tmp_path):
    cohort["time_months"] = cohort["time_months"] / 100
    (tmp_path / "short").mkdir()
    short = new_run(tmp_path / "short", cohort)
    models, _ = short.fit(images=False)
    assert list(models) == ["clinical", "radscore"]
    tables = short.evaluate(images=False)
    assert len(tables["roc"]) == len(tables["decision_curve"]) == 0
    performance = tables["performance"]
    assert performance.loc[performance["metric"] == "c_index", "estimate"].notna().all()
    assert performance.loc[performance["estimate"].isna(), "note"].notna().all()
