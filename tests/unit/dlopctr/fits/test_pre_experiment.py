"""The pre-experiment: its sample, its grid, and that it sees training patients alone."""

import numpy as np

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.files import Training
from taceflow.dlopctr.fits.pre_experiment import run_pre_experiment, sample_slices
from taceflow.files.tables import read_table


def run(study, path, settings, grid):
    files = {name: study[name] for name in ("patients", "splits", "breaks", "embeddings")}
    training = Training(settings=settings, seed=0, device="cpu", code="x")
    run_pre_experiment(training, **files, grid=grid, table=str(path))
    return read_table(path, "pre_experiment")


def test_the_sample_of_slices_keeps_every_patient(planted):
    images = load_images(planted["embeddings"], read_table(planted["patients"]), standardise=True)
    sample = sample_slices(images, 130, np.random.default_rng(0))
    assert len(sample.owner) == 130
    assert list(sample.patients) == list(images.patients)


def test_the_pre_experiment_keeps_its_grid(planted, tmp_path, settings):
    grid = {
        "slices": 100,
        "epochs": 5,
        "learning_rate": [1e-3, 1e-4],
        "batch_size": [32],
        "dropout": [0.5],
    }
    path = tmp_path / "pre_experiment.tsv"
    table = run(planted, path, settings | {"learning_rate": "pre_experiment"}, grid)
    assert list(table["learning_rate"]) == [1e-3, 1e-4]
    assert table["epochs"].between(1, 5).all()


def test_the_pre_experiment_sees_no_validation_patient(planted, tmp_path, settings):
    grid = {
        "slices": 100,
        "epochs": 2,
        "learning_rate": [1e-3],
        "batch_size": [32],
        "dropout": [0.5],
    }
    cohort = read_table(planted["patients"])
    cohort.loc[cohort["cohort"] != "training", "time_months"] += 7
    cohort.to_csv(tmp_path / "moved.tsv", sep="\t", index=False)
    moved = planted | {"patients": str(tmp_path / "moved.tsv")}
    before, after = tmp_path / "before.tsv", tmp_path / "after.tsv"
    run(planted, before, settings, grid)
    run(moved, after, settings, grid)
    assert before.read_bytes() == after.read_bytes()
