"""The files that explain a prediction: who is shown, and which slice of whom."""

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from taceflow.dlopctr.attention.explain import PATIENTS_A_GROUP, choose_patients, write_attention
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.head.fitted_head import save_heads
from taceflow.errors import WeightsError
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.survival.models.interpolation import interpolated_survival

HORIZON = 20.0


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
def study(tmp_path, convolutions, a_head, breaks, embedded_table):
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
    embeddings = embedded_table(*common, ["P0", "P1"], tmp_path, tmp_path, threads=1)
    table = read_table(embeddings)
    values = table.iloc[:, 3:].to_numpy(float)
    vectors = values / np.sqrt((values**2).mean(axis=1, keepdims=True))
    by_slice = np.mean(
        [
            interpolated_survival(heads[name].curves(vectors), breaks, [HORIZON])[:, 0]
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
        "breaks_months": breaks.tolist(),
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
