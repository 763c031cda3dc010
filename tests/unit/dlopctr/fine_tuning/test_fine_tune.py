"""The last stage unfrozen: what moves, what does not, and that nobody left out has a say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import torch
from safetensors.torch import load_file

from taceflow.dlopctr.convolutions.embeddings import embed, embed_patients, prepared_images
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.convolutions.network import fused, load_backbone
from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.device import choose_computing
from taceflow.dlopctr.fine_tuning.fine_tune import fine_tune
from taceflow.dlopctr.fine_tuning.stage_inputs import read_stage_inputs, write_stage_inputs
from taceflow.dlopctr.fits.files import FitFiles, Training
from taceflow.dlopctr.fits.sets import images_of_fits
from taceflow.errors import CohortTooSmallError, ConfigurationError, ConvergenceError, InputError
from taceflow.files.tables import read_json, read_table, write_json, write_table

torch.set_num_threads(2)

PATIENTS, RATE = 8, 1e-6
SAMPLING = Sampling(slices=2, views=2, seed=3, margin_mm=2.0)


@pytest.fixture(scope="module")
def study(tmp_path_factory, convolutions):
    """Eight patients, two folds; the last is in the validation cohort."""
    folder = tmp_path_factory.mktemp("tuning")
    random = np.random.default_rng(1)
    patches = []
    for number in range(PATIENTS):
        noise = sitk.GetImageFromArray(random.normal(0, 1, (9, 32, 32)).astype(np.float32))
        smooth = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(noise, 1 + number % 3))
        grey = (0.5 + 0.2 * smooth / smooth.std()).clip(0, 1)
        patches.append(str(folder / f"P{number}.nii.gz"))
        sitk.WriteImage(sitk.GetImageFromArray(grey), patches[-1])
    ids = [f"P{number}" for number in range(PATIENTS)]
    cohort = pd.DataFrame(
        {
            "patient_id": ids,
            "cohort": ["training"] * 7 + ["validation"],
            "time_months": [4.0, 30.0, 12.0, 50.0, 6.0, 35.0, 20.0, 25.0],
            "event": [1, 1, 1, 0, 1, 1, 1, 1],
        }
    )
    cohort.to_csv(folder / "patients.tsv", sep="\t", index=False)
    splits = {"patient_id": ids[:7], "fold": [1, 1, 2, 2, 2, 2, 2], "tuning": [0] * 6 + [1]}
    write_table(pd.DataFrame(splits), folder / "splits.tsv", "dlopctr_splits")
    breaks = {"breaks_months": [0.0, 10.0, 25.0, 60.0], "horizon_months": 20.0}
    write_json(breaks, folder / "breaks.json")
    maps = [str(folder / f"{bucket}.safetensors") for bucket in range(2)]
    how = (convolutions, SAMPLING)
    write_stage_inputs(*how, patches=patches[:3], maps=maps[0], threads=2)
    write_stage_inputs(*how, patches=patches[3:], maps=maps[1], threads=2)
    frozen = str(folder / "embeddings.parquet")
    embed_patients(*how, patches=patches, embeddings=frozen, threads=2)
    files = {
        "patients": str(folder / "patients.tsv"),
        "splits": str(folder / "splits.tsv"),
        "breaks": str(folder / "breaks.json"),
        "maps": maps,
        "weights": convolutions.weights,
    }
    return files, cohort, frozen, patches


@pytest.fixture(scope="module")
def tuned(study, tmp_path_factory):
    """A function that tunes, and returns the files it wrote."""

    def run(rate, fit="fold1", head="flexible", **changed):
        folder = tmp_path_factory.mktemp("tuned")
        made = {
            "layer4": str(folder / "layer4.safetensors"),
            "description": str(folder / "layer4.json"),
            "embeddings": str(folder / "embeddings.parquet"),
        }
        settings = {
            "protocol": "own",
            "head": head,
            "seeds": 1,
            "batch_size": 6,
            "epochs": 2,
            "learning_rate": 0.0001,
            "weight_decay": 0.0001,
            "dropout": 0.5,
            "plateau_epochs": 10,
            "stopping_epochs": 20,
            "stop_on": "tuning",
            "keep_weights": "training",
            "weigh": "patients",
            "standardise": True,
        }
        files = study[0] | changed
        fixed = FitFiles(**{key: files.pop(key) for key in ("patients", "splits", "breaks")})
        training = Training(settings=settings, seed=3, device="cpu", code="x")
        fine_tune(fit, fixed, training, layer4_learning_rate=rate, **files, **made)
        return made

    return run


@pytest.fixture(scope="module")
def still(tuned):
    return tuned(0.0)


@pytest.fixture(scope="module")
def moved(tuned):
    return tuned(RATE)


def vectors(path):
    table = read_table(path, "embeddings").sort_values(["patient_id", "slice", "view"])
    return table.drop(columns=["patient_id", "slice", "view"]).to_numpy(float)


def apart(first, second):
    """Distance of each embedding, as a share of its length."""
    return np.linalg.norm(first - second, axis=1) / np.linalg.norm(second, axis=1)


def test_without_a_learning_rate_it_is_the_frozen_network(still, study):
    before = load_file(study[0]["weights"])
    after = load_file(still["layer4"])
    assert set(after) == {name for name in before if name.startswith("layer4.")}
    for name, tensor in after.items():
        assert torch.equal(tensor, before[name]), name
    # what lies between: half precision of the stored maps, batch norm fused or not
    assert apart(vectors(still["embeddings"]), vectors(study[2])).max() < 5e-4


def test_the_stage_moves_and_its_statistics_and_all_before_it_stay(moved, still, study):
    before, after = load_file(study[0]["weights"]), load_file(moved["layer4"])
    for name, tensor in after.items():
        statistics = name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        assert torch.equal(tensor, before[name]) == statistics, name
    distance = apart(vectors(moved["embeddings"]), vectors(still["embeddings"]))
    assert (distance > 1e-5).all()
    assert len(distance) == PATIENTS * 2 * 2


def test_the_loss_falls_and_the_epoch_is_kept(moved):
    described = read_json(moved["description"])
    losses = [row["training_loss"] for row in described["history"]]
    assert losses[1] < losses[0]
    assert described["kept_epoch"] == 2
    assert described["n"] == 4  # seven, less two of fold 1, less one for tuning
    assert set(described["history"][0]) == {
        "epoch",
        "learning_rate",
        "training_loss",
        "tuning_loss",
    }


def test_the_network_with_the_stage_gives_the_stored_embeddings(moved, study, convolutions):
    network = fused(load_backbone(study[0]["weights"], moved["layer4"]))
    described = read_json(convolutions.description)
    parts = [prepared_images(path, SAMPLING)[1] for path in study[3][:2]]
    found = embed(
        network,
        parts,
        described["channel_means"],
        described["channel_scales"],
        choose_computing("cpu", "float32"),
    )
    table = read_table(moved["embeddings"])
    own = table[table["patient_id"].isin(["P0", "P1"])]
    own = own.sort_values(["patient_id", "view", "slice"])
    stored = own.drop(columns=["patient_id", "slice", "view"]).to_numpy(float)
    assert apart(found, stored).max() < 5e-4


def test_two_runs_are_equal_and_nobody_left_out_has_a_say(moved, tuned, study, tmp_path):
    """Other follow-up of fold 1 and of the validation cohort changes no byte."""
    cohort = study[1].copy()
    outside = cohort["patient_id"].isin(["P0", "P1", "P7"])
    cohort.loc[outside, "time_months"] = [33.0, 2.0, 3.0]
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    again = tuned(RATE, patients=str(tmp_path / "patients.tsv"))
    for name in ("layer4", "description"):
        assert Path(again[name]).read_bytes() == Path(moved[name]).read_bytes()
    np.testing.assert_array_equal(vectors(again["embeddings"]), vectors(moved["embeddings"]))


def test_a_proportional_hazards_head_tunes_too(tuned):
    history = read_json(tuned(RATE, fit="final", head="proportional_hazards")["description"])
    losses = [row["training_loss"] for row in history["history"]]
    assert losses[1] < losses[0]
    assert history["n"] == 6


def test_stage_inputs_keep_every_image_to_half_precision(study):
    kept = read_stage_inputs(study[0]["maps"])
    assert kept.maps.shape == (PATIENTS * 4, 1024, 14, 14)
    assert kept.maps.dtype == np.float16
    np.testing.assert_array_equal(np.abs(kept.maps).max(axis=(1, 2, 3)), 1)
    assert kept.keys["patient_id"].nunique() == PATIENTS


def test_a_cut_off_file_of_stage_inputs_is_named(study, tmp_path):
    whole = Path(study[0]["maps"][0]).read_bytes()
    (tmp_path / "0.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"a file of this run is cut.*0\.safetensors.*Delete"):
        read_stage_inputs([str(tmp_path / "0.safetensors")])


def test_a_rate_that_is_too_high_names_the_keys(tuned):
    with pytest.raises(ConvergenceError, match=r"lower dlopctr\.layer4_learning_rate"):
        tuned(1e30)


def test_nobody_to_learn_from_died(tuned, study, tmp_path):
    study[1].assign(event=0).to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    with pytest.raises(CohortTooSmallError, match="4 patients that fold1 learns from died"):
        tuned(RATE, patients=str(tmp_path / "patients.tsv"))


def test_each_fit_sees_its_own_embeddings(moved, study):
    _, cohort, frozen, _ = study
    images = load_images(frozen, cohort, standardise=True)
    alike = images_of_fits(frozen, [], cohort, 3, standardise=True)
    assert len(alike) == 3
    assert all(each is alike[0] for each in alike)
    np.testing.assert_array_equal(alike[0].vectors, images.vectors)
    seen = images_of_fits(frozen, [frozen, moved["embeddings"]], cohort, 2, standardise=True)
    np.testing.assert_array_equal(seen[0].vectors, images.vectors)
    assert not np.allclose(seen[1].vectors, images.vectors, atol=1e-6)
    np.testing.assert_array_equal(seen[1].owner, images.owner)
    with pytest.raises(ConfigurationError, match="1 tuned last stages for 2 fits"):
        images_of_fits(frozen, [frozen], cohort, 2, standardise=True)
