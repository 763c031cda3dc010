"""Images in and embeddings out, on one ResNet-101 with random weights."""

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from taceflow.dlopctr.convolutions.embeddings import embed
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.dataset import collect_embeddings
from taceflow.errors import DamagedFileError, InputError
from taceflow.files.tables import read_table

torch.set_num_threads(2)

MEANS, SCALES = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
SAMPLING = Sampling(slices=3, views=2, seed=3, margin_mm=5.0)


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    """Patches of four patients with 2, 3, 3 and 3 images in each view."""
    folder = tmp_path_factory.mktemp("patches")
    random = np.random.default_rng(0)
    for number, depth in enumerate((12, 13, 15, 17)):
        image = sitk.GetImageFromArray(random.uniform(0, 1, (depth, 30, 25)).astype(np.float32))
        sitk.WriteImage(image, str(folder / f"P{number}.nii.gz"))
    return folder


@pytest.fixture
def embed_into(embedded_table, patches, convolutions):
    """Embed patients into a folder, and read the table of all."""

    def embedded(folder, patients, convolutions=convolutions, sampling=SAMPLING, **options):
        given = {"patches": patches} | options
        path = embedded_table(convolutions, sampling, patients, folder=folder, **given)
        return read_table(path, "embeddings")

    return embedded


@pytest.fixture(scope="module")
def made(patches, convolutions, embedded_table, tmp_path_factory):
    """Embeddings of all four."""
    folder = tmp_path_factory.mktemp("embeddings")
    path = embedded_table(convolutions, SAMPLING, ["P3", "P2", "P1", "P0"], patches, folder)
    return read_table(path, "embeddings")


def vectors(table):
    return table.drop(columns=["patient_id", "slice", "view"]).to_numpy()


def test_the_threads_of_a_job_change_no_byte(embed_into, tmp_path):
    """Snakemake gives a job fewer threads than its rule names when ``--cores`` is lower."""
    contents = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        folder = tmp_path / str(threads)
        embed_into(folder, ["P0", "P1"], threads=threads)
        contents.append([file.read_bytes() for file in sorted(folder.iterdir())])
    assert len(contents[0]) == 3
    assert contents[1:] == contents[:1] * 2


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
    assert made[made["patient_id"] == "P0"]["view"].tolist() == [0, 1, 0, 1]
    assert made["e0000"].dtype == np.float32


@pytest.mark.parametrize("company", [["P1"], ["P1", "P3"], ["P0", "P1"]])
def test_nobodys_numbers_depend_on_who_shares_the_job(embed_into, made, tmp_path, company):
    """To the last bit, at another place in a batch and beside other images."""
    found = embed_into(tmp_path, company)
    own, all_together = (t[t["patient_id"] == "P1"] for t in (found, made))
    np.testing.assert_array_equal(vectors(own), vectors(all_together))


def test_bfloat16_stays_close(embed_into, convolutions, made, tmp_path):
    halved = replace(convolutions, precision="bfloat16")
    found = embed_into(tmp_path, ["P0"], halved, replace(SAMPLING, views=1))
    exact = vectors(made[(made["patient_id"] == "P0") & (made["view"] == 0)])
    apart = np.linalg.norm(vectors(found) - exact, axis=1) / np.linalg.norm(exact, axis=1)
    assert (apart > 0).all()
    assert (apart < 0.02).all()


def test_patients_are_joined_in_their_order(made):
    assert list(made["patient_id"].unique()) == ["P0", "P1", "P2", "P3"]
    assert made.equals(made.sort_values(["patient_id", "slice", "view"], ignore_index=True))


def test_a_cut_file_is_named(tmp_path):
    (tmp_path / "P1.npz").write_bytes(b"PK")
    with pytest.raises(DamagedFileError, match=r"P1\.npz"):
        collect_embeddings([str(tmp_path / "P1.npz")], str(tmp_path / "all.parquet"))


def test_a_patch_that_cannot_be_used_stops_the_job_and_names_the_patient(embed_into, tmp_path):
    flat = sitk.GetImageFromArray(np.full((12, 20, 20), 0.3, np.float32))
    sitk.WriteImage(flat, str(tmp_path / "P9.nii.gz"))
    with pytest.raises(InputError, match="patient P9: the patch is constant"):
        embed_into(tmp_path, ["P9"], patches=tmp_path)
    assert not (tmp_path / "P9.npz").exists()


def test_an_embedding_that_is_not_finite_names_the_patient(embed_into, tmp_path, monkeypatch):
    def broken(_, parts):
        found = np.zeros((sum(len(part) for part in parts), 2048), np.float32)
        found[3, 7] = np.inf
        yield found

    monkeypatch.setattr("taceflow.dlopctr.convolutions.embeddings._batches", broken)
    with pytest.raises(InputError, match="patient P1: the embedding is not finite"):
        embed_into(tmp_path, ["P0", "P1"], sampling=replace(SAMPLING, views=1))
    assert [file.name for file in tmp_path.iterdir()] == ["P0.npz"]
