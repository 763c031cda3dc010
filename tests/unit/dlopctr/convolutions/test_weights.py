"""Weights in: where they come from, and what is refused."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from torchvision.models import resnet50, resnet101

from taceflow.dlopctr.convolutions import weights as backbone
from taceflow.dlopctr.convolutions.network import network_of
from taceflow.dlopctr.convolutions.weights import prepare_backbone, read_state
from taceflow.errors import WeightsError
from taceflow.files.tables import read_json

torch.set_num_threads(2)


def test_a_local_file_is_taken_without_its_last_layer(prepared, network):
    state = load_file(prepared[0])
    assert not any(name.startswith("fc.") for name in state)
    torch.testing.assert_close(state["layer3.22.conv2.weight"], network.layer3[22].conv2.weight)
    described = read_json(prepared[1])
    assert described["source"] == "resnet101.pth"
    assert described["channel_means"] == [0.485, 0.456, 0.406]


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


def test_another_resnet_is_refused(tmp_path):
    torch.save(resnet50(weights=None).state_dict(), tmp_path / "resnet50.pth")
    with pytest.raises(WeightsError, match=r"tensors missing \(first: layer3"):
        prepare(tmp_path / "resnet50.pth", tmp_path)


@pytest.mark.parametrize("name", ["damaged.pth", "damaged.safetensors"])
def test_a_damaged_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK not weights")
    with pytest.raises(WeightsError, match=r"damaged.* is no readable file of weights"):
        prepare(tmp_path / name, tmp_path)


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_cut_off_in_transfer_is_refused(tmp_path, kind, share):
    tensors = {"conv1.weight": torch.ones(64, 3, 7, 7), "bn1.weight": torch.ones(64)}
    path = tmp_path / f"cut.{'safetensors' if kind == 'safetensors' else 'pth'}"
    if kind == "safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(WeightsError, match="it may be cut off"):
        prepare(path, tmp_path)


def test_a_file_in_the_old_format_of_torch_is_read(tmp_path, network, prepared):
    torch.save(network.state_dict(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    prepare(tmp_path / "old.pth", tmp_path)
    assert read_json(tmp_path / "w.json")["sha256"] == read_json(prepared[1])["sha256"]


class Harmful:
    def __reduce__(self):
        return (print, ("unpickled",))


@pytest.mark.parametrize(
    ("new_format", "message"), [(True, r"more than tensors \(.*print"), (False, "no readable file")]
)
def test_nothing_is_unpickled(tmp_path, capsys, new_format, message):
    torch.save(
        {"conv1.weight": Harmful()},
        tmp_path / "harmful.pth",
        _use_new_zipfile_serialization=new_format,
    )
    with pytest.raises(WeightsError, match=message) as caught:
        prepare(tmp_path / "harmful.pth", tmp_path)
    assert "unpickled" not in capsys.readouterr().out
    # torch's own message advises to run the file's code
    assert "weights_only" not in str(caught.value)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Torch's cache, empty; an address answers with a file of other weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch/hub/checkpoints/resnet101-63fe2227.pth"


def test_imagenet_is_torchvisions_file_checked_by_its_digest(tmp_path, monkeypatch, network, cache):
    asked = []

    def download(url, target, **_):
        asked.append(url)
        torch.save(network.state_dict(), target)

    monkeypatch.setattr("torch.hub.download_url_to_file", download)
    with pytest.raises(
        WeightsError, match=f"torchvision's file has {backbone.IMAGENET_SHA256}: delete"
    ):
        prepare("imagenet", tmp_path)
    assert asked == ["https://download.pytorch.org/models/resnet101-63fe2227.pth"]
    assert backbone.IMAGENET_SHA256.startswith("63fe2227")
    assert not (tmp_path / "w.json").exists()
    # what lies in the cache is not downloaded again, and checked all the same
    with pytest.raises(WeightsError, match="torchvision's file has"):
        prepare("imagenet", tmp_path)
    assert len(asked) == 1
    digest = backbone.file_digest(cache)
    prepare("imagenet", tmp_path, sha256=digest)
    written = read_json(tmp_path / "w.json")
    assert written["imagenet_weights"] == "IMAGENET1K_V1"
    assert written["source_sha256"] == digest


@pytest.mark.usefixtures("cache")
def test_no_network_names_the_way_out(tmp_path, monkeypatch):
    def download(*_, **__):
        raise OSError("no route")

    monkeypatch.setattr("torch.hub.download_url_to_file", download)
    with pytest.raises(WeightsError, match=r"dlopctr\.backbone"):
        prepare("imagenet", tmp_path)
    assert backbone.IMAGENET_WEIGHTS.url.endswith(".pth")


def test_a_file_in_half_precision_is_computed_in_single(tmp_path, network):
    state = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in network.state_dict().items()
    }
    torch.save(state, tmp_path / "half.pth")
    loaded = network_of(read_state(tmp_path / "half.pth"), "half.pth")
    assert {each.dtype for each in loaded.parameters()} == {torch.float32}
    torch.testing.assert_close(loaded.conv1.weight, network.conv1.weight, rtol=1e-3, atol=1e-4)
