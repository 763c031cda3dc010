"""Weights in and embeddings out, on one ResNet-101 with random weights."""

import pickle

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from safetensors.torch import load_file, save_file
from torchvision.models import resnet101

from taceflow.deep import backbone
from taceflow.deep.backbone import file_digest, fused, load_backbone, prepare_backbone
from taceflow.deep.collect import collect_embeddings
from taceflow.deep.embeddings import embed, embed_patients
from taceflow.errors import WeightsError
from taceflow.tables import read_json, read_table

torch.set_num_threads(2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def network():
    """A whole ResNet-101 whose batch norms have statistics of their own."""
    torch.manual_seed(0)
    whole = resnet101(weights=None)
    for module in whole.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.8, 1.5)
    return whole.eval()


@pytest.fixture(scope="module")
def state_file(folder, network):
    path = folder / "resnet101.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def prepared(folder, state_file):
    """Weights and description made from the local file."""
    made = str(folder / "backbone.safetensors"), str(folder / "backbone.json")
    prepare_backbone(str(state_file), file_digest(state_file), 0, *made, "x")
    return made


def test_a_local_file_is_taken_without_its_last_layer(prepared, network):
    state = load_file(prepared[0])
    assert not any(name.startswith("fc.") for name in state)
    torch.testing.assert_close(state["layer3.22.conv2.weight"], network.layer3[22].conv2.weight)
    described = read_json(prepared[1])
    assert described["source"] == "resnet101.pth"
    assert described["channel_means"] == [0.485, 0.456, 0.406]


def test_embeddings_equal_torchvisions_own_forward(prepared, network):
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    layers = list(network.children())[:-1]
    with torch.no_grad():
        expected = torch.nn.Sequential(*layers)(images).flatten(1).numpy()
    found = embed(fused(load_backbone(prepared[0])), images, torch.device("cpu"))
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


def test_embedding_is_repeatable_and_independent_of_the_bucket(prepared, tmp_path):
    random = np.random.default_rng(0)
    paths = []
    for patient in ("P1", "P2"):
        image = sitk.GetImageFromArray(random.uniform(0, 1, (12, 30, 25)).astype(np.float32))
        paths.append(str(tmp_path / f"{patient}.nii.gz"))
        sitk.WriteImage(image, paths[-1])
    common = {"slices": 1, "views": 2, "seed": 3, "margin_mm": 5.0, "threads": 2}
    outputs = [str(tmp_path / f"{name}.parquet") for name in ("both", "alone")]
    embed_patients(paths, *prepared, outputs[0], **common)
    embed_patients(paths[1:], *prepared, outputs[1], **common)
    both, alone = (read_table(path, "embeddings") for path in outputs)
    assert list(both.columns[:3]) == ["patient_id", "slice", "view"]
    assert list(both["view"]) == [0, 1, 0, 1]
    again = both[both["patient_id"] == "P2"].reset_index(drop=True)
    np.testing.assert_array_equal(again.iloc[:, 3:], alone.iloc[:, 3:])
    collect_embeddings(outputs[1:], str(tmp_path / "all.parquet"))
    assert len(read_table(tmp_path / "all.parquet", "embeddings")) == 2


def test_random_weights_follow_the_seed(tmp_path):
    made = str(tmp_path / "backbone.safetensors"), str(tmp_path / "backbone.json")
    before = torch.random.get_rng_state()
    prepare_backbone("random", None, 7, *made, "x")
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(7)
    expected = resnet101(weights=None)
    torch.testing.assert_close(
        load_file(made[0])["layer4.2.conv3.weight"], expected.layer4[2].conv3.weight, rtol=0, atol=0
    )
    assert read_json(made[1])["seed"] == 7


def prepare(source, tmp_path, sha256=None):
    prepare_backbone(
        str(source), sha256, 0, str(tmp_path / "w.safetensors"), str(tmp_path / "w.json"), "x"
    )


def test_another_digest_is_refused(state_file, tmp_path):
    with pytest.raises(WeightsError, match="backbone_sha256 says 000"):
        prepare(state_file, tmp_path, "0" * 64)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match="no file of network weights"):
        prepare(tmp_path / "absent.pth", tmp_path)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"conv1.weight": torch.zeros(64, 3, 7, 7)}, "tensors missing"),
        ({"conv1.weight": torch.zeros(8, 3, 7, 7)}, "of another shape"),
        ({"stem.weight": torch.zeros(1)}, "not part of it"),
        ({"bn1.weight": torch.full((64,), torch.nan)}, "not finite"),
    ],
)
def test_weights_of_another_network_are_refused(tmp_path, state, message):
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=message):
        prepare(tmp_path / "other.safetensors", tmp_path)


@pytest.mark.parametrize("name", ["damaged.pth", "damaged.safetensors"])
def test_a_damaged_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK not weights")
    with pytest.raises(WeightsError, match="damaged"):
        prepare(tmp_path / name, tmp_path)


class Harmful:
    def __reduce__(self):
        return (print, ("unpickled",))


def test_nothing_is_unpickled(tmp_path, capsys):
    torch.save(Harmful(), tmp_path / "harmful.pth", pickle_module=pickle)
    with pytest.raises(WeightsError, match="holds more than tensors"):
        prepare(tmp_path / "harmful.pth", tmp_path)
    assert "unpickled" not in capsys.readouterr().out


def test_imagenet_is_torchvisions_file_checked_by_its_digest(tmp_path, monkeypatch, network):
    asked = {}

    def download(url, **options):
        asked.update(options, url=url)
        return network.state_dict()

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", download)
    prepare("imagenet", tmp_path)
    assert asked["url"] == "https://download.pytorch.org/models/resnet101-63fe2227.pth"
    assert asked["check_hash"]
    assert asked["weights_only"]
    assert read_json(tmp_path / "w.json")["imagenet_weights"] == "IMAGENET1K_V1"


def test_no_network_names_the_way_out(tmp_path, monkeypatch):
    def download(url, **_):
        raise OSError("no route")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", download)
    with pytest.raises(WeightsError, match=r"dlopctr\.backbone"):
        prepare("imagenet", tmp_path)
    assert backbone.IMAGENET_WEIGHTS.url.endswith(".pth")
