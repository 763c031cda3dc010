"""Grad-CAM against its closed form, and the files that explain a prediction."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import torch

from taceflow.dlopctr.attention.explain import PATIENTS_A_GROUP, choose_patients, write_attention
from taceflow.dlopctr.attention.grad_cam import Risk, grad_cam
from taceflow.dlopctr.convolutions.embeddings import embed_patients
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.head.fitted_head import Head, save_heads
from taceflow.errors import WeightsError
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.survival.models.interpolation import interpolated_survival

BREAKS = np.array([0.0, 6.0, 14.0, 30.0, 61.0])
HORIZON = 20.0


def a_head(random, features, weight=0.05):
    scale = random.uniform(0.5, 2.0, features)
    scale[3] = np.inf  # a feature that is constant in training
    return Head(
        random.normal(0, weight, (len(BREAKS) - 1, features)),
        random.normal(1.5, 0.3, len(BREAKS) - 1),
        random.uniform(0, 1, features),
        scale,
    )


@pytest.fixture
def maps():
    return np.random.default_rng(0).exponential(1.0, (3, 40, 7, 7))


def test_of_a_linear_function_it_is_the_class_activation_map(maps):
    """Zhou et al., CVPR 2016: the weighted sum of the maps by the layer's weights."""
    weight = np.random.default_rng(1).normal(size=40)
    values, seen = grad_cam(maps, lambda embeddings: embeddings @ torch.from_numpy(weight))
    activation = np.einsum("k,nkyx->nyx", weight, maps)
    np.testing.assert_allclose(seen, activation / 49, rtol=1e-10)
    np.testing.assert_allclose(seen.sum(axis=(1, 2)), values, rtol=1e-10)


@pytest.mark.parametrize("kind", ["flexible", "proportional_hazards"])
def test_the_risk_is_the_one_that_is_predicted(maps, kind):
    random = np.random.default_rng(2)
    heads = [a_head(random, 40) for _ in range(3)]
    if kind != "flexible":
        heads = [replace(head, weight=head.weight[:1], kind=kind) for head in heads]
    embeddings = maps.mean(axis=(2, 3))
    vectors = embeddings / np.sqrt((embeddings**2).mean(axis=1, keepdims=True))
    predicted = np.mean(
        [interpolated_survival(head.curves(vectors), BREAKS, [HORIZON])[:, 0] for head in heads],
        axis=0,
    )
    risks, _ = grad_cam(maps, Risk(heads, BREAKS, HORIZON, standardise=True))
    np.testing.assert_allclose(risks, 1 - predicted, rtol=1e-12)


def test_its_weights_are_the_derivatives_of_the_risk_by_hand(maps):
    """The chain rule written out: interpolation, product of sigmoids, layer, length."""
    head = a_head(np.random.default_rng(3), 40)
    _, seen = grad_cam(maps, Risk([head], BREAKS, HORIZON, standardise=True))
    share = (HORIZON - 14.0) / (30.0 - 14.0)
    for image, own in zip(maps, seen, strict=True):
        embedding = image.mean(axis=(1, 2))
        length = np.sqrt((embedding**2).mean())
        logits = head.weight @ ((embedding / length - head.centre) / head.scale) + head.bias
        alive = 1 / (1 + np.exp(-logits))
        curve = np.cumprod(alive)
        # d curve_j / d logit_i = curve_j (1 - alive_i) for i <= j
        at_14, at_30 = (curve[j] * (1 - alive) * (np.arange(4) <= j) for j in (1, 2))
        by_vector = ((1 - share) * at_14 + share * at_30) @ (head.weight / head.scale)
        by_embedding = (
            by_vector - embedding / length * (by_vector @ embedding / length) / 40
        ) / length
        expected = -np.einsum("k,kyx->yx", by_embedding, image) / 49
        np.testing.assert_allclose(own, expected, rtol=1e-8, atol=1e-15)


def test_brightness_says_nothing_and_places_sum_to_zero(maps):
    risk = Risk([a_head(np.random.default_rng(4), 40)], BREAKS, HORIZON, standardise=True)
    (risks, seen), (brighter, seen_brighter) = (grad_cam(maps * by, risk) for by in (1.0, 7.0))
    np.testing.assert_allclose(brighter, risks, rtol=1e-12)
    np.testing.assert_allclose(seen_brighter, seen, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(seen.sum(axis=(1, 2)), 0, atol=1e-12)
    assert np.abs(seen).max() > 1e-6


def table_of(cohort, count=10):
    ids = [f"{cohort[0]}{number}" for number in range(count)]
    return pd.DataFrame(
        {"patient_id": ids, "cohort": cohort, "dlopctr": np.linspace(0.05, 0.95, count)}
    )


def groups_of(table):
    high = np.where(table["dlopctr"] < 0.5, "high", "low")
    own = table.assign(model="dlopctr", risk_group=high)
    return pd.concat([own, own.assign(model="clinical", risk_group="low")])


@pytest.mark.parametrize(
    ("cohorts", "expected"),
    [
        (["training", "external", "validation"], "v"),
        (["training", "external"], "e"),
        (["training"], "t"),
    ],
)
def test_patients_are_shown_who_are_new_to_the_network(cohorts, expected):
    table = pd.concat([table_of(cohort) for cohort in cohorts])
    chosen = choose_patients(table, groups_of(table))
    assert list(chosen["patient_id"]) == [f"{expected}{number}" for number in (0, 1, 2, 9, 8, 7)]
    assert list(chosen["risk_group"]) == ["high"] * PATIENTS_A_GROUP + ["low"] * PATIENTS_A_GROUP
    assert chosen["risk"].iloc[0] == pytest.approx(0.95)


def test_a_group_of_few_shows_few():
    table = table_of("validation", 4).assign(dlopctr=[0.1, 0.6, 0.7, 0.8])
    chosen = choose_patients(table, groups_of(table))
    assert chosen["risk_group"].tolist() == ["high", "low", "low", "low"]


@pytest.fixture
def study(tmp_path, convolutions):
    """Two patients with patches whose masks lie on a larger grid, predicted by two final heads."""
    random = np.random.default_rng(5)
    patches, folders = [], []
    for number in range(2):
        values = random.uniform(0, 1, (14, 20, 24)).astype(np.float32)
        ct = sitk.Image(50, 50, 40, sitk.sitkUInt8)
        ct.SetOrigin((3.0, -7.0, 11.0))
        mask = sitk.GetImageFromArray(np.zeros((40, 50, 50), np.uint8))
        mask.CopyInformation(ct)
        mask[18:26, 12:20, 9:19] = 1
        folders.append(tmp_path / "resampled" / f"P{number}")
        folders[-1].mkdir(parents=True)
        sitk.WriteImage(mask, str(folders[-1] / "mask_reader1-1.nii.gz"))
        patch = sitk.GetImageFromArray(values)
        patch.SetOrigin(mask.TransformIndexToPhysicalPoint((10, 8, 7)))
        patches.append(str(tmp_path / f"P{number}.nii.gz"))
        sitk.WriteImage(patch, patches[-1])
    heads = {
        "seed1.final": a_head(random, 2048, 0.02),
        "seed2.final": a_head(random, 2048, 0.02),
        "seed1.fold1": a_head(random, 2048, 1.0),
    }
    common = (convolutions, Sampling(slices=3, margin_mm=2.0))
    embeddings = str(tmp_path / "embeddings.parquet")
    embed_patients(*common, patches=patches, embeddings=embeddings, threads=1)
    table = read_table(embeddings)
    values = table.iloc[:, 3:].to_numpy(float)
    vectors = values / np.sqrt((values**2).mean(axis=1, keepdims=True))
    by_slice = np.mean(
        [
            interpolated_survival(heads[name].curves(vectors), BREAKS, [HORIZON])[:, 0]
            for name in ("seed1.final", "seed2.final")
        ],
        axis=0,
    )
    slices = table[["patient_id", "slice"]].assign(risk=1 - by_slice)
    predictions = pd.DataFrame(
        {
            "patient_id": ["P0", "P1"],
            "cohort": "validation",
            "dlopctr": 1 - slices.groupby("patient_id")["risk"].mean().to_numpy(),
        }
    )
    predictions.to_csv(tmp_path / "predictions.tsv", sep="\t", index=False)
    groups = predictions.assign(model="dlopctr", risk_group=["high", "low"])
    groups.to_csv(tmp_path / "groups.tsv", sep="\t", index=False)
    save_heads(heads, str(tmp_path / "model.safetensors"), {})
    fitted = {
        "breaks_months": BREAKS.tolist(),
        "horizon_months": HORIZON,
        "settings": {"standardise": True},
        "convolutions": read_json(convolutions.description),
    }
    write_json(fitted, tmp_path / "model.json")
    files = {
        "predictions": str(tmp_path / "predictions.tsv"),
        "groups": str(tmp_path / "groups.tsv"),
        "patches": patches,
        "resampled": [str(folder) for folder in folders],
        "model": str(tmp_path / "model.safetensors"),
        "description": str(tmp_path / "model.json"),
        "table": str(tmp_path / "attention.tsv"),
        "maps": str(tmp_path / "attention.npz"),
    }
    return common, files, slices


def test_heads_of_other_convolutions_are_refused(study):
    common, options, _ = study
    fitted = read_json(options["description"])
    fitted["convolutions"] |= {"sha256": "0" * 64, "source": "another.pth"}
    write_json(fitted, options["description"])
    with pytest.raises(WeightsError, match=r"other convolutions \(another.pth\)"):
        write_attention(*common, **options)


def test_the_files_hold_the_telling_slice_its_map_and_its_outline(study):
    common, options, slices = study
    write_attention(*common, **options)
    table = read_table(options["table"], "attention").set_index("patient_id")
    assert read_json(options["description"])["horizon_months"] == HORIZON
    with np.load(options["maps"], allow_pickle=False) as arrays:
        for patient, extreme in (("P0", "max"), ("P1", "min")):
            own = slices[slices["patient_id"] == patient]
            told = own.loc[getattr(own["risk"], f"idx{extreme}")()]
            row = table.loc[patient]
            assert row["slice"] == told["slice"]
            assert row["slices"] == len(own)
            # the embeddings' single precision is all that lies between
            assert row["slice_risk"] == pytest.approx(told["risk"], abs=1e-5)
            assert row["risk"] == pytest.approx(own["risk"].mean(), abs=1e-12)
            assert arrays[f"{patient}.map"].shape == (7, 7)
            assert arrays[f"{patient}.image"].shape == (20, 24)
            expected = np.zeros((20, 24), np.uint8)
            if 2 <= row["slice"] < 12:  # the mask's slices 9 to 18 on a patch that starts at 7
                expected[4:12, 8:16] = 1
            np.testing.assert_array_equal(arrays[f"{patient}.mask"], expected)
