"""The head, its training and its predictions, on embeddings with and without an effect."""

import numpy as np
import pytest
from lifelines.utils import concordance_index

from taceflow.deep.combin import train_combin
from taceflow.deep.curves import load_heads
from taceflow.deep.dataset import load_images
from taceflow.deep.head import fit_head
from taceflow.deep.pre_experiment import run_pre_experiment, sample_slices
from taceflow.deep.predict import predict_patients
from taceflow.deep.settings import HeadSettings, head_settings
from taceflow.deep.train import load_training, train_head
from taceflow.errors import (
    CohortTooSmallError,
    ConfigurationError,
    ConvergenceError,
    InputError,
)
from taceflow.survival.clinical_variables import write_clinical_variables
from taceflow.tables import read_json, read_table


def fit(files, folder, settings, seed=3):
    """Train and predict; return the files written."""
    made = {
        "model": str(folder / "model.safetensors"),
        "description": str(folder / "model.json"),
    }
    train_head(
        **files, **made, history=str(folder / "history.tsv"), settings=settings, seed=seed, code="x"
    )
    inputs = {name: files[name] for name in ("patients", "embeddings", "splits")}
    predict_patients(**inputs, **made, predictions=str(folder / "predictions.tsv"))
    return folder


def concordance(folder, files):
    both = read_table(folder / "predictions.tsv").merge(
        read_table(files["patients"]), on=["patient_id", "cohort"]
    )
    return {
        cohort: concordance_index(part["time_months"], part["dlopctr"], part["event"])
        for cohort, part in both.groupby("cohort")
    }


@pytest.fixture(scope="module")
def fitted(planted, tmp_path_factory):
    defaults = {
        "batch_size": 32, "epochs": 20, "learning_rate": 0.001, "weight_decay": 0.0001,
        "dropout": 0.5, "plateau_epochs": 10, "stopping_epochs": 20, "stop_on": "tuning",
        "keep_weights": "tuning",
    }  # fmt: skip
    return fit(planted, tmp_path_factory.mktemp("fitted"), defaults)


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


def test_history_has_every_fit_and_the_kept_epoch_its_lowest_tuning_loss(fitted):
    history = read_table(fitted / "history.tsv", "dlopctr_history")
    kept = read_json(fitted / "model.json")["kept_epochs"]
    assert sorted(kept) == ["final", "fold1", "fold2", "fold3", "fold4", "fold5"]
    for name, rows in history.groupby("fit"):
        assert rows.loc[rows["tuning_loss"].idxmin(), "epoch"] == kept[name]
    assert history["validation_loss"].isna().all()


def test_two_runs_are_equal(fitted, planted, tmp_path, settings):
    again = fit(planted, tmp_path, settings)
    first, second = (load_heads(str(f / "model.safetensors")) for f in (fitted, again))
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
    before, after = (
        load_heads(str(tmp_path / name / "model.safetensors")) for name in ("before", "after")
    )
    own = f"fold{subject['fold']}"
    np.testing.assert_array_equal(before[own].weight, after[own].weight)
    assert any((before[name].weight != after[name].weight).any() for name in before if name != own)


def test_the_studys_way_stops_on_the_validation_cohort(planted, tmp_path, settings):
    settings = settings | {"stop_on": "validation", "keep_weights": "training", "epochs": 3}
    fit(planted, tmp_path, settings)
    history = read_table(tmp_path / "history.tsv", "dlopctr_history")
    assert history["tuning_loss"].isna().all()
    assert history["validation_loss"].notna().all()
    kept = read_json(tmp_path / "model.json")["kept_epochs"]
    final = history[history["fit"] == "final"]
    assert kept["final"] == final.loc[final["training_loss"].idxmin(), "epoch"]


def test_a_patient_with_many_slices_weighs_no_more(planted):
    images, *_ = load_training(planted["patients"], planted["embeddings"], planted["splits"])
    sums = np.bincount(images.owner, weights=images.weights())
    np.testing.assert_allclose(sums, 1 / len(images.patients))


def test_the_learning_rate_falls_and_training_ends_early(planted, settings):
    images, *_ = load_training(planted["patients"], planted["embeddings"], planted["splits"])
    # a rate at which the training loss cannot fall steadily
    chosen = HeadSettings(**settings | {"learning_rate": 3.0, "epochs": 200, "plateau_epochs": 2})
    part = images.take(np.arange(len(images.patients)) < 40)
    history = fit_head(part, {"tuning": part}, np.array([0, 10, 30, 90.0]), chosen, 0).history
    assert history[-1]["learning_rate"] < 3.0
    assert len(history) < 200


def test_a_loss_without_end_is_an_error(planted, settings):
    images, *_ = load_training(planted["patients"], planted["embeddings"], planted["splits"])
    chosen = HeadSettings(**settings | {"learning_rate": 1e36})
    with pytest.raises(ConvergenceError, match="the loss is not finite at epoch"):
        fit_head(images, {"tuning": images}, np.array([0, 10, 90.0]), chosen, 0)


def test_nobody_died(planted, settings):
    images, *_ = load_training(planted["patients"], planted["embeddings"], planted["splits"])
    alive = images.take(images.event == 0)
    with pytest.raises(CohortTooSmallError, match="died"):
        fit_head(alive, {"tuning": alive}, np.array([0, 10, 90.0]), HeadSettings(**settings), 0)


def test_a_patient_without_embedding(planted):
    cohort = read_table(planted["patients"])
    cohort.loc[0, "patient_id"] = "P999"
    with pytest.raises(InputError, match="patient P999: no embedding"):
        load_images(planted["embeddings"], cohort)


@pytest.mark.parametrize("key", ["stop_on", "keep_weights"])
def test_settings_name_the_key(settings, key):
    with pytest.raises(ConfigurationError, match=f"dlopctr.{key}"):
        HeadSettings(**settings | {key: "luck"})


def test_settings_come_from_the_configuration(settings):
    assert head_settings(settings | {"seed": 1, "views": 2}) == settings


def test_the_sample_of_slices_keeps_every_patient(planted):
    images, *_ = load_training(planted["patients"], planted["embeddings"], planted["splits"])
    sample = sample_slices(images, 130, np.random.default_rng(0))
    assert len(sample.owner) == 130
    assert list(sample.patients) == list(images.patients)


def test_the_pre_experiment_keeps_its_grid(planted, tmp_path, settings):
    grid = {
        "slices": 100, "epochs": 5, "learning_rate": [1e-3, 1e-4], "batch_size": [32],
        "dropout": [0.5],
    }  # fmt: skip
    path = tmp_path / "pre_experiment.tsv"
    run_pre_experiment(**planted, table=str(path), settings=settings, grid=grid, seed=0)
    table = read_table(path, "pre_experiment")
    assert list(table["learning_rate"]) == [1e-3, 1e-4]
    assert table["epochs"].between(1, 5).all()


def test_combin_uses_both_and_leaves_out_patients_with_gaps(planted, tmp_path, settings):
    cohort = read_table(planted["patients"])
    # a factor that tells what the images do not
    late = cohort["time_months"].rank(pct=True)
    cohort["albi_score"] = -late + np.random.default_rng(0).normal(0, 0.4, len(cohort))
    cohort.loc[:3, "albi_score"] = np.nan
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    chosen = str(tmp_path / "clinical_variables.json")
    write_clinical_variables(
        patients=str(tmp_path / "patients.tsv"),
        variables=[
            {"column": "albi_score", "label": "ALBI"},
            {"column": "tumor_location", "label": "Location", "reference": "left"},
            {"column": "dlopctr", "label": "DLOP-CTR"},
        ],
        p_enter=0.05,
        chosen=chosen,
    )
    train_combin(
        **planted | {"patients": str(tmp_path / "patients.tsv")},
        model=str(tmp_path / "combin.safetensors"),
        description=str(tmp_path / "combin.json"),
        history=str(tmp_path / "combin_history.tsv"),
        predictions=str(tmp_path / "combin.tsv"),
        clinical_variables=chosen,
        horizons_months=[12, 36],
        settings=settings,
        seed=3,
        code="x",
    )
    table = read_table(tmp_path / "combin.tsv", "combin")
    assert len(table) == len(cohort) - 4
    assert {"survival_12_months", "survival_36_months"} <= set(table.columns)
    assert "albi_score" in read_json(tmp_path / "combin.json")["clinical"]
    both = table.merge(cohort, on=["patient_id", "cohort"])
    both = both[both["cohort"] == "validation"]
    with_clinical = concordance_index(both["time_months"], -both["risk"], both["event"])
    assert with_clinical > 0.7
