"""The pre-experiment: its sample, its grid, and that it sees training patients alone."""

import numpy as np

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.pre_experiment import run_pre_experiment, sample_slices
from taceflow.files.tables import read_table


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
    run_pre_experiment(
        **{key: file for key, file in planted.items() if key != "backbone"},
        table=str(path),
        settings=settings | {"learning_rate": "pre_experiment"},
        grid=grid,
        seed=0,
        device="cpu",
        threads=1,
    )
    table = read_table(path, "pre_experiment")
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
    files = {key: file for key, file in planted.items() if key != "backbone"}
    found = []
    for patients in (planted["patients"], str(tmp_path / "moved.tsv")):
        path = tmp_path / "pre_experiment.tsv"
        run_pre_experiment(
            **files | {"patients": patients},
            table=str(path),
            settings=settings,
            grid=grid,
            seed=0,
            device="cpu",
            threads=1,
        )
        found.append(path.read_text())
    assert found[0] == found[1]
