"""With the outcomes shuffled among the patients of a cohort nothing is left to be found.

One null cohort is one draw, and finds something by chance one time in twenty. Here the fits of the
full-size demo are repeated on ten shuffles of its outcomes, from the features and embeddings of
the run (results/demo, or the folder in TACEFLOW_RESULTS).
"""

import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.predict import predict_patients
from taceflow.dlopctr.fits.train import train_head
from taceflow.dlopctr.head.settings import head_settings
from taceflow.dlopctr.protocol.intervals import write_breaks
from taceflow.dlopctr.protocol.splits import write_splits
from taceflow.files.tables import read_table
from taceflow.radscore.folds import write_folds
from taceflow.radscore.lasso_cox import COX
from taceflow.radscore.model import fit_radscore, write_scores
from taceflow.radscore.training_data import load_training
from taceflow.survival.evaluation.concordance import concordance

pytestmark = [pytest.mark.validation, pytest.mark.timeout(1800)]

SHUFFLES = 10


@pytest.fixture(scope="module")
def results(root):
    folder = Path(os.environ.get("TACEFLOW_RESULTS", root / "results" / "demo"))
    if not (folder / "dlopctr" / "embeddings.parquet").exists():
        pytest.skip(f"no finished run in {folder}: make demo")
    return folder


def refit(results, folder, shuffle, network):
    """Fit Radscore and DLOP-CTR on shuffled outcomes; their concordance in validation."""
    patients = read_table(results / "cohort" / "patients.tsv")
    random = np.random.default_rng(shuffle)
    for _, rows in patients.groupby("cohort"):
        order = random.permutation(rows.index)
        outcome = patients.loc[order, ["time_months", "event"]].to_numpy()
        patients.loc[rows.index, ["time_months", "event"]] = outcome
    patients["event"] = patients["event"].astype(int)
    file = {
        name: str(folder / name)
        for name in (
            *("patients.tsv", "folds.tsv", "path.tsv", "cv.tsv", "radscore.json", "scores.tsv"),
            *("breaks.json", "splits.tsv", "head.safetensors", "head.json", "history.tsv"),
            "predictions.tsv",
            "by_seed.tsv",
        )
    }
    patients.to_csv(file["patients.tsv"], sep="\t", index=False)
    features = str(results / "radiomics" / "reader1-1.parquet")
    common = {"patients": file["patients.tsv"], "features": features}
    write_folds(
        patients=file["patients.tsv"],
        folds=10,
        seed=2,
        horizon_months=None,
        output=file["folds.tsv"],
    )
    fit_radscore(
        load_training(
            **common, icc=str(results / "radiomics" / "icc.tsv"), folds=file["folds.tsv"]
        ),
        COX,
        choose="lambda.min",
        horizon_months=None,
        cut_off="median",
        path=file["path.tsv"],
        cv=file["cv.tsv"],
        model=file["radscore.json"],
    )
    write_scores(**common, model=file["radscore.json"], scores=file["scores.tsv"])
    write_breaks(
        patients=file["patients.tsv"],
        breaks=file["breaks.json"],
        intervals=network["intervals"],
        horizon_months=None,
    )
    write_splits(
        patients=file["patients.tsv"],
        splits=file["splits.tsv"],
        folds=network["folds"],
        tuning_fraction=network["tuning_fraction"],
        seed=network["seed"],
    )
    inputs = {
        "patients": file["patients.tsv"],
        "embeddings": str(results / "dlopctr" / "embeddings.parquet"),
        "splits": file["splits.tsv"],
    }
    trained = {"model": file["head.safetensors"], "description": file["head.json"]}
    backbone = str(results / "dlopctr" / "backbone.json")
    settings = head_settings(network)
    train_head(
        HeadFiles(**inputs, breaks=file["breaks.json"], backbone=backbone),
        Training(settings=settings, seed=network["seed"], device="cpu", threads=2, code=""),
        **trained,
        history=file["history.tsv"],
    )
    predict_patients(
        **inputs, **trained, predictions=file["predictions.tsv"], by_seed=file["by_seed.tsv"]
    )
    validation = patients[patients["cohort"] == "validation"].set_index("patient_id")
    radscore = read_table(file["scores.tsv"]).set_index("patient_id")["radscore"]
    dlopctr = read_table(file["predictions.tsv"]).set_index("patient_id")["dlopctr"]
    time, event = validation["time_months"].to_numpy(float), validation["event"].to_numpy(int)
    return [
        concordance(time, event, risk.loc[validation.index].to_numpy(float))
        for risk in (radscore, -dlopctr)
    ]


def test_shuffled_outcomes_are_not_predicted(results, root, tmp_path):
    network = yaml.safe_load((root / "config" / "config.yaml").read_text())["dlopctr"]
    found = []
    for shuffle in range(SHUFFLES):
        folder = tmp_path / str(shuffle)
        folder.mkdir()
        found.append(refit(results, folder, shuffle, network))
    estimates = np.array([[one.estimate for one in row] for row in found])
    errors = np.array([[one.standard_error for one in row] for row in found])
    print("Radscore, DLOP-CTR: C in validation", estimates.round(3).tolist())
    assert (np.abs(estimates.mean(axis=0) - 0.5) < 0.1).all()
    # A nominal 2.5% a shuffle; three of ten would be no chance.
    assert ((estimates - 1.96 * errors > 0.5).sum(axis=0) <= 2).all()
