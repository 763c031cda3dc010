"""Heads trained and applied, on embeddings with and without an effect."""

import numpy as np
import pandas as pd
import pytest
from lifelines.utils import concordance_index

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.predict import predict_patients
from taceflow.dlopctr.fits.train import train_head
from taceflow.dlopctr.head.fitted_head import load_heads
from taceflow.dlopctr.head.settings import VARIED
from taceflow.files.tables import read_json, read_table


def fit(files, folder, settings, seed=3, pre_experiment=""):
    """Train and predict; return the files written."""
    made = {
        "model": str(folder / "model.safetensors"),
        "description": str(folder / "model.json"),
    }
    training = Training(settings=settings, seed=seed, device="cpu", threads=2, code="x")
    train_head(
        HeadFiles(**files, pre_experiment=pre_experiment),
        training,
        **made,
        history=str(folder / "history.tsv"),
    )
    inputs = {name: files[name] for name in ("patients", "embeddings", "splits")}
    written = {
        "predictions": str(folder / "predictions.tsv"),
        "by_seed": str(folder / "predictions_by_seed.tsv"),
    }
    predict_patients(**inputs, **made, **written)
    return folder


def heads_of(folder):
    breaks = read_json(folder / "model.json")["breaks_months"]
    return load_heads(str(folder / "model.safetensors"), intervals=len(breaks) - 1)


def concordance(folder, files):
    both = read_table(folder / "predictions.tsv").merge(
        read_table(files["patients"]), on=["patient_id", "cohort"]
    )
    return {
        cohort: concordance_index(part["time_months"], part["dlopctr"], part["event"])
        for cohort, part in both.groupby("cohort")
    }


@pytest.fixture(scope="module")
def fitted(planted, settings, tmp_path_factory):
    return fit(planted, tmp_path_factory.mktemp("fitted"), settings)


def test_a_planted_effect_is_found(fitted, planted):
    found = concordance(fitted, planted)
    assert found["validation"] > 0.65
    assert found["training"] > 0.65  # out of fold


def test_nothing_is_found_in_a_null_cohort(null, tmp_path, settings):
    found = concordance(fit(null, tmp_path, settings), null)
    assert all(0.35 < value < 0.65 for value in found.values())


def test_predictions_are_survival_curves(fitted, planted):
    table = read_table(fitted / "predictions.tsv", "dlopctr_predictions")
    curves = table.filter(like="survival_at_").to_numpy()
    assert (np.diff(curves, axis=1) <= 0).all()
    assert len(table) == len(read_table(planted["patients"]))
    assert (table["out_of_fold"] == (table["cohort"] == "training")).all()


def test_the_score_is_the_mean_of_the_seeds(fitted):
    table = read_table(fitted / "predictions.tsv").set_index("patient_id")
    apart = read_table(fitted / "predictions_by_seed.tsv", "dlopctr_predictions_by_seed")
    assert set(apart["seed"]) == {1, 2}
    scores = apart.groupby("patient_id")["dlopctr"]
    np.testing.assert_allclose(table["dlopctr"], scores.mean()[table.index], atol=1e-12)
    np.testing.assert_allclose(table["dlopctr_sd"], scores.std()[table.index], atol=1e-12)
    assert (table["dlopctr_sd"] > 0).all()
    last = table.columns[-1]
    curves = apart.groupby("patient_id")[last].mean()
    np.testing.assert_allclose(table[last], curves[table.index], atol=1e-12)


def test_history_has_every_fit_and_the_kept_epoch_its_lowest_tuning_loss(fitted):
    history = read_table(fitted / "history.tsv", "dlopctr_history")
    kept = read_json(fitted / "model.json")["kept_epochs"]
    fits = ["final", "fold1", "fold2", "fold3", "fold4", "fold5"]
    assert sorted(kept) == [f"seed{seed}.{name}" for seed in (1, 2) for name in fits]
    for (seed, name), rows in history.groupby(["seed", "fit"]):
        assert rows.loc[rows["tuning_loss"].idxmin(), "epoch"] == kept[f"seed{seed}.{name}"]
    assert history["validation_loss"].isna().all()


def test_two_runs_are_equal(fitted, planted, tmp_path, settings):
    again = fit(planted, tmp_path, settings)
    first, second = (heads_of(folder) for folder in (fitted, again))
    for name, head in first.items():
        np.testing.assert_allclose(second[name].weight, head.weight, atol=1e-6)


def test_validation_labels_change_nothing_fitted(fitted, planted, tmp_path, settings):
    cohort = read_table(planted["patients"])
    outside = (cohort["cohort"] == "validation").to_numpy()
    shuffled = np.random.default_rng(0).permutation(np.flatnonzero(outside))
    for column in ("time_months", "event"):
        cohort.loc[outside, column] = cohort.loc[shuffled, column].to_numpy()
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    fit(planted | {"patients": str(tmp_path / "patients.tsv")}, tmp_path, settings)
    for name in ("model.safetensors", "model.json", "history.tsv", "predictions.tsv"):
        assert (tmp_path / name).read_bytes() == (fitted / name).read_bytes()


def test_an_external_cohort_is_predicted_and_chooses_nothing(fitted, planted, tmp_path, settings):
    cohort = read_table(planted["patients"])
    outside = np.flatnonzero(cohort["cohort"] == "validation")[::2]
    cohort.loc[outside, "cohort"] = "external"
    cohort.loc[outside, "event"] = 1 - cohort.loc[outside, "event"]
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    fit(planted | {"patients": str(tmp_path / "patients.tsv")}, tmp_path, settings)
    for name in ("model.safetensors", "model.json", "history.tsv"):
        assert (tmp_path / name).read_bytes() == (fitted / name).read_bytes()
    before, after = (read_table(f / "predictions.tsv") for f in (fitted, tmp_path))
    assert (after.loc[outside, "cohort"] == "external").all()
    assert (after.loc[outside, "out_of_fold"] == 0).all()
    np.testing.assert_array_equal(before["dlopctr"], after["dlopctr"])


def test_no_patient_is_learned_from_and_predicted_by_one_head(planted, tmp_path, settings):
    """Changing one patient's follow-up leaves the head of that patient's fold alone."""
    cohort = read_table(planted["patients"])
    splits = read_table(planted["splits"]).merge(cohort, on="patient_id")
    learned = (splits["tuning"] == 0) & (splits["event"] == 1) & (splits["time_months"] > 20)
    subject = splits[learned].iloc[0]
    cohort.loc[cohort["patient_id"] == subject["patient_id"], "time_months"] = 1.0
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    settings = settings | {"epochs": 2}
    for name, files in (
        ("before", planted),
        ("after", planted | {"patients": str(tmp_path / "patients.tsv")}),
    ):
        (tmp_path / name).mkdir()
        fit(files, tmp_path / name, settings)
    before, after = (heads_of(tmp_path / name) for name in ("before", "after"))
    own = f"fold{subject['fold']}"
    for name, head in before.items():
        same = (head.weight == after[name].weight).all()
        assert same == name.endswith(own)


def test_the_studys_way_stops_on_the_validation_cohort(planted, tmp_path, settings):
    settings = settings | {"stop_on": "validation", "keep_weights": "training", "epochs": 3}
    fit(planted, tmp_path, settings)
    history = read_table(tmp_path / "history.tsv", "dlopctr_history")
    assert history["tuning_loss"].isna().all()
    assert history["validation_loss"].notna().all()
    kept = read_json(tmp_path / "model.json")["kept_epochs"]
    final = history[(history["fit"] == "final") & (history["seed"] == 1)]
    assert kept["seed1.final"] == final.loc[final["training_loss"].idxmin(), "epoch"]


def test_the_pre_experiment_chooses(planted, tmp_path, settings):
    rows = [(1e-4, 16, 0.3, 1.9), (1e-3, 32, 0.5, 1.5)]
    table = pd.DataFrame(rows, columns=["learning_rate", "batch_size", "dropout", "loss"])
    path = str(tmp_path / "pre_experiment.tsv")
    table.assign(epochs=3, standard_error=0.1).to_csv(path, sep="\t", index=False)
    left = dict.fromkeys(VARIED, "pre_experiment")
    fit(planted, tmp_path, settings | left | {"epochs": 2}, pre_experiment=path)
    used = read_json(tmp_path / "model.json")["settings"]
    assert (used["learning_rate"], used["batch_size"], used["dropout"]) == (1e-3, 32, 0.5)
    history = read_table(tmp_path / "history.tsv")
    assert history["learning_rate"].iloc[0] == 1e-3


def test_proportional_hazards_find_the_effect_with_curves_that_never_cross(
    planted, tmp_path, settings
):
    fit(planted, tmp_path, settings | {"head": "proportional_hazards", "seeds": 1})
    assert concordance(tmp_path, planted)["validation"] > 0.65
    heads = heads_of(tmp_path)
    assert heads["seed1.final"].kind == "proportional_hazards"
    assert heads["seed1.final"].weight.shape[0] == 1
    images = load_images(planted["embeddings"], read_table(planted["patients"]), standardise=True)
    curves = np.log(heads["seed1.final"].curves(images.vectors[0][:2]))
    ratios = curves[0] / curves[1]
    np.testing.assert_allclose(ratios, ratios[0])
