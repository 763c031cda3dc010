"""The head, its training and its predictions, on embeddings with and without an effect."""

import numpy as np
import pandas as pd
import pytest
from lifelines.utils import concordance_index

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.combin import train_combin
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.pre_experiment import run_pre_experiment, sample_slices
from taceflow.dlopctr.fits.predict import predict_patients
from taceflow.dlopctr.fits.train import train_head
from taceflow.dlopctr.head.curves import load_heads
from taceflow.dlopctr.head.settings import (
    PROTOCOLS,
    HeadSettings,
    head_settings,
    protocol_value,
    with_choice,
)
from taceflow.errors import (
    ConfigurationError,
    InputError,
)
from taceflow.files.tables import read_json, read_table


def fit(files, folder, settings, seed=3, pre_experiment=None):
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


def test_a_patient_with_many_slices_weighs_no_more(planted):
    images = load_images(planted["embeddings"], read_table(planted["patients"]), standardise=True)
    sums = np.bincount(images.owner, weights=images.weights())
    np.testing.assert_allclose(sums, 1 / len(images.patients))
    assert set(images.weights("images")) == {1 / len(images.owner)}


def test_a_patient_without_embedding(planted):
    cohort = read_table(planted["patients"])
    cohort.loc[0, "patient_id"] = "P999"
    with pytest.raises(InputError, match=r"patient P999: no embedding \(1 of 110 patients"):
        load_images(planted["embeddings"], cohort, standardise=True)


def test_an_embedding_with_gaps(planted, tmp_path):
    table = pd.read_parquet(planted["embeddings"])
    table.loc[table["patient_id"] == "P007", ["e0001", "e0002"]] = np.nan
    path = str(tmp_path / "embeddings.parquet")
    table.to_parquet(path)
    with pytest.raises(InputError, match="patient P007: 2 of 2048 values of an embedding"):
        load_images(path, read_table(planted["patients"]), standardise=True)


def test_brightness_counts_only_without_standardisation(planted, tmp_path):
    cohort, table = read_table(planted["patients"]), pd.read_parquet(planted["embeddings"])
    features = [name for name in table.columns if name.startswith("e")]
    gain = np.linspace(0.5, 2, len(table), dtype=np.float32)
    brighter = table.assign(**table[features].mul(gain, axis=0))
    brighter.to_parquet(tmp_path / "brighter.parquet")
    paths = (planted["embeddings"], str(tmp_path / "brighter.parquet"))
    one, other = (load_images(path, cohort, standardise=True).vectors for path in paths)
    np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose((one**2).mean(axis=2), 1, rtol=1e-5)
    one, other = (load_images(path, cohort, standardise=False).vectors for path in paths)
    sums = np.sort(table[features].sum(axis=1))
    np.testing.assert_allclose(np.sort(one.sum(axis=2), axis=None), sums, rtol=1e-4, atol=1e-3)
    assert not np.allclose(one, other, rtol=0.1)


@pytest.mark.parametrize("key", ["stop_on", "keep_weights"])
def test_settings_name_the_key(settings, key):
    with pytest.raises(ConfigurationError, match=f"dlopctr.{key}"):
        HeadSettings(**settings | {key: "luck"})


def test_settings_come_from_the_configuration(settings):
    assert head_settings(settings | {"seed": 1, "views": 2}) == settings
    left = dict.fromkeys(("stop_on", "keep_weights", "weigh", "standardise", "seeds"))
    assert head_settings(settings | left)["seeds"] == 5
    studys = head_settings(settings | left | {"protocol": "paper", "seeds": 3})
    assert {name: studys[name] for name in left} == {
        "stop_on": "validation",
        "keep_weights": "training",
        "weigh": "images",
        "standardise": False,
        "seeds": 3,
    }
    assert [protocol_value({"protocol": name, "views": None}, "views") for name in PROTOCOLS] == [
        1,
        8,
    ]
    assert protocol_value({"protocol": "paper", "views": 2}, "views") == 2
    with pytest.raises(ConfigurationError, match=r"dlopctr.protocol is 'luck'"):
        head_settings(settings | {"protocol": "luck"})


def test_the_sample_of_slices_keeps_every_patient(planted):
    images = load_images(planted["embeddings"], read_table(planted["patients"]), standardise=True)
    sample = sample_slices(images, 130, np.random.default_rng(0))
    assert len(sample.owner) == 130
    assert list(sample.patients) == list(images.patients)


def test_the_pre_experiment_keeps_its_grid(planted, tmp_path, settings):
    grid = {
        "slices": 100, "epochs": 5, "learning_rate": [1e-3, 1e-4], "batch_size": [32],
        "dropout": [0.5],
    }  # fmt: skip
    path = tmp_path / "pre_experiment.tsv"
    run_pre_experiment(
        **{key: file for key, file in planted.items() if key != "backbone"},
        table=str(path), settings=settings | {"learning_rate": "pre_experiment"},
        grid=grid, seed=0, device="cpu", threads=1,
    )  # fmt: skip
    table = read_table(path, "pre_experiment")
    assert list(table["learning_rate"]) == [1e-3, 1e-4]
    assert table["epochs"].between(1, 5).all()


def test_the_pre_experiment_sees_no_validation_patient(planted, tmp_path, settings):
    grid = {
        "slices": 100, "epochs": 2, "learning_rate": [1e-3], "batch_size": [32], "dropout": [0.5],
    }  # fmt: skip
    cohort = read_table(planted["patients"])
    cohort.loc[cohort["cohort"] != "training", "time_months"] += 7
    cohort.to_csv(tmp_path / "moved.tsv", sep="\t", index=False)
    files = {key: file for key, file in planted.items() if key != "backbone"}
    found = []
    for patients in (planted["patients"], str(tmp_path / "moved.tsv")):
        path = tmp_path / "pre_experiment.tsv"
        run_pre_experiment(
            **files | {"patients": patients}, table=str(path), settings=settings, grid=grid,
            seed=0, device="cpu", threads=1,
        )  # fmt: skip
        found.append(path.read_text())
    assert found[0] == found[1]


def test_the_pre_experiment_chooses(planted, tmp_path, settings):
    rows = [(1e-3, 16, 0.3, 2.0), (1e-4, 16, 0.5, 1.9), (1e-3, 16, 0.5, 1.9), (1e-3, 32, 0.5, 1.5)]
    table = pd.DataFrame(rows, columns=["learning_rate", "batch_size", "dropout", "loss"])
    table = table.assign(epochs=3, standard_error=0.1)
    path = str(tmp_path / "pre_experiment.tsv")
    table.to_csv(path, sep="\t", index=False)
    left = settings | {"learning_rate": "pre_experiment", "dropout": "pre_experiment"}
    # the lowest among those with the batch size that is fixed; ties to the smaller rate
    among = with_choice(left | {"batch_size": 16}, table)
    assert (among.learning_rate, among.dropout, among.batch_size) == (1e-4, 0.5, 16)
    # a batch size that was not tried
    assert with_choice(left | {"batch_size": 64}, table).learning_rate == 1e-3
    every = left | {"batch_size": "pre_experiment", "epochs": 2}
    fit(planted, tmp_path, every, pre_experiment=path)
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


def test_combin_uses_both_and_leaves_out_patients_with_gaps(planted, tmp_path, settings):
    cohort = read_table(planted["patients"])
    # a factor that tells what the images do not
    late = cohort["time_months"].rank(pct=True)
    cohort["albi_score"] = -late + np.random.default_rng(0).normal(0, 0.4, len(cohort))
    cohort.loc[:3, "albi_score"] = np.nan
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    variables = [
        {"column": "albi_score", "label": "ALBI"},
        {"column": "tumor_location", "label": "Location", "reference": "left"},
        {"column": "dlopctr", "label": "DLOP-CTR"},
    ]
    train_combin(
        HeadFiles(**planted | {"patients": str(tmp_path / "patients.tsv")}),
        Training(settings=settings, seed=3, device="cpu", code="x"),
        model=str(tmp_path / "combin.safetensors"),
        description=str(tmp_path / "combin.json"),
        history=str(tmp_path / "combin_history.tsv"),
        predictions=str(tmp_path / "combin.tsv"),
        by_seed=str(tmp_path / "combin_by_seed.tsv"),
        variables=variables,
        p_enter=0.05,
        select="univariate",
    )
    table = read_table(tmp_path / "combin.tsv", "dlopctr_predictions")
    assert len(table) == len(cohort) - 4
    assert all(
        "albi_score" in each for each in read_json(tmp_path / "combin.json")["clinical"].values()
    )
    both = table.merge(cohort, on=["patient_id", "cohort"])
    both = both[both["cohort"] == "validation"]
    with_clinical = concordance_index(both["time_months"], both["dlop_combin"], both["event"])
    assert with_clinical > 0.7
