"""Where the network is computed. A GPU is played: what it would compute is not tested here."""

import pytest
import torch

from taceflow.deep.convolutions.embeddings import embed_patients
from taceflow.deep.device import choose_computing
from taceflow.errors import ConfigurationError


@pytest.fixture
def gpu(monkeypatch):
    """Let PyTorch see a GPU, or none."""

    def played(there, bfloat16=True):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bfloat16)
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
        embed_patients(
            patches=[absent], weights=absent, description=absent, embeddings=absent, slices=1,
            views=1, seed=0, margin_mm=2.0, device="cuda", precision="float32", threads=1,
        )  # fmt: skip


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
