"""The binomial Radscore on survival at a horizon, and its selection frequency.

In a process of its own: glmstar never meets scikit-survival.
"""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from taceflow.radscore.model import write_scores
from taceflow.survival.evaluation.binary_outcome import death_by

CODE = """
import sys
from taceflow.radscore.folds import write_folds
from taceflow.radscore.lasso_binomial import BINOMIAL
from taceflow.radscore.model import fit_radscore
from taceflow.radscore.resampling import Bootstrap
from taceflow.radscore.stability import write_stability
from taceflow.radscore.training_data import load_training

if __name__ == "__main__":
    horizon = float(sys.argv[1])
    write_folds(patients="patients.tsv", folds=5, seed=1, horizon_months=horizon,
                output="folds.tsv")
    data = load_training(patients="patients.tsv", features="features.parquet", icc="icc.tsv",
                         folds="folds.tsv")
    chosen = dict(choose="lambda.min", horizon_months=horizon)
    fit_radscore(data, BINOMIAL, **chosen, cut_off="median", path="path.tsv", cv="cv.tsv",
                 model="model.json")
    write_stability(data, BINOMIAL, Bootstrap(resamples=10, seed=3, threads=2), **chosen,
                    frequency="frequency.tsv", resamples="resamples.tsv")
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("binomial")
    draw = np.random.default_rng(4)
    n, names = 150, [f"original_glcm_F{j}" for j in range(12)]
    values = draw.normal(size=(n, 12))
    values[:, 7] = values[:, 6]
    death = draw.exponential(25, n) * np.exp(-1.5 * values[:, 0])
    censoring = draw.uniform(5, 80, n)
    ids = [f"P{k:03d}" for k in range(n)]
    patients = pd.DataFrame({"patient_id": ids, "cohort": "training"})
    patients["time_months"] = np.minimum(death, censoring) + 0.01
    patients["event"] = (death <= censoring).astype(int)
    patients.loc[120:, "cohort"] = "validation"
    patients.to_csv(folder / "patients.tsv", sep="\t", index=False)
    table = pd.DataFrame(values, columns=names)
    table.insert(0, "patient_id", ids)
    table.to_parquet(folder / "features.parquet")
    empty = [f"icc_{kind}{end}" for kind in ("intra", "inter") for end in ("", "_lower", "_upper")]
    icc = pd.DataFrame({"feature": names, "n_intra": 0, "n_inter": 0, "kept": 1, "reason": "made"})
    icc.assign(**dict.fromkeys(empty, np.nan)).to_csv(folder / "icc.tsv", sep="\t", index=False)
    return folder


def run(root, folder, horizon):
    (folder / "job.py").write_text(CODE)
    return subprocess.run(
        [sys.executable, "job.py", str(horizon)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PYTHONPATH": str(root / "src"), "PATH": ""},
    )


@pytest.fixture(scope="module")
def fitted(root, study):
    done = run(root, study, 24)
    assert done.returncode == 0, done.stderr
    return study


def test_those_censored_before_take_no_part_and_are_counted(fitted):
    model = json.loads((fitted / "model.json").read_text())
    patients = pd.read_csv(fitted / "patients.tsv", sep="\t").query("cohort == 'training'")
    died = death_by(patients["time_months"].to_numpy(), patients["event"].to_numpy(), 24.0)
    known, deaths = int(np.isfinite(died).sum()), int(np.nansum(died))
    assert known < 120
    assert (model["n"], model["events"], model["horizon_months"]) == (known, deaths, 24)
    assert model["note"] == (
        f"Fitted on survival at 24 months: {deaths} of {known} training patients had died by "
        f"then; {120 - known} more, censored before, took no part."
    )
    assert model["coefficients"]["original_glcm_F0"] > 0
    assert model["intercept"] is not None


def test_the_cut_off_is_that_of_all_training_patients(fitted):
    write_scores(
        patients=str(fitted / "patients.tsv"),
        features=str(fitted / "features.parquet"),
        model=str(fitted / "model.json"),
        scores=str(fitted / "scores.tsv"),
    )
    scores = pd.read_csv(fitted / "scores.tsv", sep="\t").query("cohort == 'training'")
    assert len(scores) == 120
    model = json.loads((fitted / "model.json").read_text())
    assert (scores["radscore"] > model["cut_off"]).sum() == 60


def test_selection_frequency_of_the_planted_and_of_identical_features(fitted):
    table = pd.read_csv(fitted / "frequency.tsv", sep="\t").set_index("feature")
    assert table.loc["original_glcm_F0", ["resamples", "selected", "positive"]].tolist() == [10] * 3
    # Of two identical columns coordinate descent takes the first; the second has nothing to add.
    assert table.loc["original_glcm_F7", "selected"] <= table.loc["original_glcm_F6", "selected"]


@pytest.mark.parametrize(("horizon", "words"), [(0.02, "0 deaths up to"), (200, "survived 200")])
def test_a_horizon_outside_the_follow_up_is_refused_with_the_numbers(root, study, horizon, words):
    done = run(root, study, horizon)
    assert done.returncode != 0
    assert "CohortTooSmallError" in done.stderr
    assert words in done.stderr
