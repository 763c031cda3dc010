"""Where the network is computed. A GPU is played: what it would compute is not tested here."""

import numpy as np
import pytest
import torch
from torchvision.models import resnet101

from taceflow.dlopctr import device
from taceflow.dlopctr.convolutions import network
from taceflow.dlopctr.convolutions.embeddings import embed, embed_patients
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.dataset import Images
from taceflow.dlopctr.device import Computing, choose_computing
from taceflow.dlopctr.head import stack
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.errors import ConfigurationError


@pytest.fixture
def gpu(monkeypatch):
    """Let PyTorch see a GPU, or none."""

    def played(there, bfloat16=True):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: bfloat16)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "an old GPU")

    return played


@pytest.mark.parametrize(
    ("there", "asked", "expected"),
    [
        (False, "auto", "cpu"),
        (False, "cpu", "cpu"),
        (True, "auto", "cuda"),
        (True, "cpu", "cpu"),
        (True, "cuda", "cuda"),
    ],
)
def test_the_gpu_is_taken_when_there_is_one(gpu, there, asked, expected):
    gpu(there)
    assert choose_computing(asked, "float32").device.type == expected


def test_a_gpu_asked_for_where_there_is_none_stops_before_a_file_is_read(gpu, tmp_path):
    gpu(False)
    absent = str(tmp_path / "absent")
    with pytest.raises(ConfigurationError, match=r"dlopctr\.device is 'cuda'.*say 'auto' or 'cpu'"):
        next(
            embed_patients(
                network.Convolutions(
                    weights=absent, description=absent, device="cuda", precision="float32"
                ),
                Sampling(slices=1, margin_mm=2.0),
                ["P1"],
                patches=absent,
                embeddings=absent,
                threads=1,
            )
        )


def test_bfloat16_needs_a_gpu_that_has_it(gpu):
    gpu(True, bfloat16=False)
    with pytest.raises(ConfigurationError, match="an old GPU cannot compute: say 'float32'"):
        choose_computing("auto", "bfloat16")
    assert choose_computing("cpu", "bfloat16").dtype == torch.bfloat16


def test_float32_means_float32_on_a_gpu_too():
    torch.backends.cudnn.allow_tf32 = True
    torch.backends.cuda.matmul.allow_tf32 = True
    choose_computing("cpu", "float32")
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
    assert torch.backends.cudnn.deterministic


@pytest.fixture
def elsewhere(monkeypatch):
    """Return a device without numbers: reading one fails, as does mixing it with the CPU."""
    computing = Computing(torch.device("meta"), torch.bfloat16)
    monkeypatch.setitem(device._BATCH_IMAGES, "meta", 2)
    monkeypatch.setattr(stack, "choose_computing", lambda *_: computing)
    generator = torch.Generator()
    monkeypatch.setattr(torch, "Generator", lambda _: generator)
    return computing


@pytest.mark.parametrize("head", ["flexible", "proportional_hazards"])
def test_a_head_learns_on_its_device_until_losses_are_read(settings, elsewhere, head):
    random = np.random.default_rng(0)
    names, owner = np.array(["P1", "P2", "P3"]), np.array([0, 1, 1, 2])
    vectors = random.normal(size=(2, 4, 5)).astype(np.float32)
    images = Images(names, np.array([3.0, 9.0, 30.0]), np.array([1, 1, 0]), vectors, owner)
    chosen = HeadSettings(**settings | {"head": head, "dropout": 0.0})
    task = Task("it", images, {"tuning": images.take(np.array([True, False, True]))}, chosen, 0)
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor") as caught:
        stack.fit_heads([task], np.array([0.0, 12.0, 24.0]), device="cuda")
    assert caught.traceback[-1].name == "losses"


def test_a_batch_stays_on_its_device_until_the_next_is_on_its_way(elsewhere):
    resnet, seen = resnet101(weights=None), []
    resnet.layer4.register_forward_hook(lambda *said: seen.append(said[2]))
    described = {"channel_means": [0.4] * 3, "channel_scales": [0.2] * 3}
    images = [torch.zeros(3, 1, 32, 32), torch.zeros(2, 1, 32, 32)]
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        embed(network.FrozenNetwork(resnet, described, elsewhere), images)
    assert [(maps.device.type, maps.dtype) for maps in seen] == [("meta", torch.bfloat16)] * 2


def test_a_full_gpu_names_the_way_out(monkeypatch, convolutions):
    """Already where the network is moved there."""

    class Network(torch.nn.Module):
        def to(self, *_):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore lines")

    monkeypatch.setattr(network, "load_backbone", lambda *_, **__: None)
    monkeypatch.setattr(network, "fused", lambda _: Network())
    sampling = Sampling(slices=1, margin_mm=0.0)
    with pytest.raises(ConfigurationError, match=r"Tried to allocate 2 GiB\): .*--resources gpu=1"):
        next(embed_patients(convolutions, sampling, [], patches="", embeddings="", threads=1))
