"""Images in and embeddings out, on one ResNet-101 with random weights."""

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from taceflow.dlopctr.convolutions.embeddings import embed, embed_patients
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.dataset import collect_embeddings
from taceflow.errors import InputError
from taceflow.files.tables import read_table

torch.set_num_threads(2)

MEANS, SCALES = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
SAMPLING = Sampling(slices=3, views=2, seed=3, margin_mm=5.0)


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    """Patches of four patients with 2, 3, 3 and 3 images in each view."""
    folder = tmp_path_factory.mktemp("patches")
    random = np.random.default_rng(0)
    paths = []
    for number, depth in enumerate((12, 13, 15, 17)):
        image = sitk.GetImageFromArray(random.uniform(0, 1, (depth, 30, 25)).astype(np.float32))
        paths.append(str(folder / f"P{number}.nii.gz"))
        sitk.WriteImage(image, paths[-1])
    return paths


@pytest.fixture(scope="module")
def made(patches, convolutions, tmp_path_factory):
    """Embeddings of all four."""
    path = tmp_path_factory.mktemp("embeddings") / "all.parquet"
    return embedded(patches[::-1], convolutions, path)


def vectors(table):
    return table.drop(columns=["patient_id", "slice", "view"]).to_numpy()


def embedded(paths, convolutions, path, sampling=SAMPLING, threads=2):
    embed_patients(convolutions, sampling, patches=paths, embeddings=str(path), threads=threads)
    return read_table(path, "embeddings")


def test_the_threads_of_a_job_change_no_byte(patches, convolutions, tmp_path):
    """Snakemake gives a job fewer threads than its rule names when ``--cores`` is lower."""
    files = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        files.append(tmp_path / f"{threads}.parquet")
        embedded(patches[:2], convolutions, files[-1], threads=threads)
    first, *others = (file.read_bytes() for file in files)
    assert all(other == first for other in others)


def test_embeddings_equal_torchvisions_own_forward(convolutions, network):
    grey = torch.rand(3, 1, 224, 224, generator=torch.Generator().manual_seed(1))
    colour = (grey.expand(-1, 3, -1, -1) - torch.tensor(MEANS)[:, None, None]) / torch.tensor(
        SCALES
    )[:, None, None]
    layers = list(network.children())[:-1]
    with torch.no_grad():
        expected = torch.nn.Sequential(*layers)(colour).flatten(1).numpy()
    found = embed(convolutions.load(), [grey])
    assert found.shape == (3, 2048)
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


def test_every_slice_has_every_view(made):
    assert list(made.columns[:4]) == ["patient_id", "slice", "view", "e0000"]
    assert made.groupby("patient_id")["slice"].count().tolist() == [4, 6, 6, 6]
    assert made[made["patient_id"] == "P0"]["view"].tolist() == [0, 0, 1, 1]
    assert made["e0000"].dtype == np.float32


@pytest.mark.parametrize("company", [[1], [1, 3], [0, 1]])
def test_nobodys_numbers_depend_on_who_shares_the_bucket(
    patches, convolutions, made, tmp_path, company
):
    """To the last bit, at another place in a batch and beside other images."""
    paths = [patches[number] for number in company]
    found = embedded(paths, convolutions, tmp_path / "some.parquet")
    own, all_together = (t[t["patient_id"] == "P1"] for t in (found, made))
    np.testing.assert_array_equal(vectors(own), vectors(all_together))


def test_bfloat16_stays_close(patches, convolutions, made, tmp_path):
    found = embedded(
        patches[:1],
        replace(convolutions, precision="bfloat16"),
        tmp_path / "b.parquet",
        replace(SAMPLING, views=1),
    )
    exact = vectors(made[(made["patient_id"] == "P0") & (made["view"] == 0)])
    apart = np.linalg.norm(vectors(found) - exact, axis=1) / np.linalg.norm(exact, axis=1)
    assert (apart > 0).all()
    assert (apart < 0.02).all()


def test_buckets_are_joined_in_the_order_of_patients(made, tmp_path):
    parts = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    second = made["patient_id"].isin(["P0", "P3"])
    for path, rows in zip(parts, (made[second], made[~second]), strict=True):
        rows.to_parquet(path, index=False)
    collect_embeddings([str(path) for path in parts], str(tmp_path / "all.parquet"))
    joined = read_table(tmp_path / "all.parquet", "embeddings")
    expected = made.sort_values(["patient_id", "slice", "view"], ignore_index=True)
    assert joined.equals(expected)


def test_a_patch_that_cannot_be_used_stops_the_bucket_and_names_the_patient(
    patches, convolutions, tmp_path
):
    flat = sitk.GetImageFromArray(np.full((12, 20, 20), 0.3, np.float32))
    sitk.WriteImage(flat, str(tmp_path / "P9.nii.gz"))
    with pytest.raises(InputError, match="patient P9: the patch is constant"):
        embedded([*patches[:1], str(tmp_path / "P9.nii.gz")], convolutions, tmp_path / "e.parquet")
    assert not (tmp_path / "e.parquet").exists()


def test_an_embedding_that_is_not_finite_names_the_patient(
    patches, convolutions, tmp_path, monkeypatch
):
    def broken(_, parts, *__):
        found = np.zeros((sum(len(part) for part in parts), 2048), np.float32)
        found[3, 7] = np.inf
        return found

    monkeypatch.setattr("taceflow.dlopctr.convolutions.embeddings.embed", broken)
    with pytest.raises(InputError, match="patient P1: the embedding is not finite"):
        embedded(patches[:2], convolutions, tmp_path / "e.parquet", replace(SAMPLING, views=1))
