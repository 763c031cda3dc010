"""The frozen network: its file, what is folded into it, and what it is shown."""

from pathlib import Path

import numpy as np
import pytest
import torch

from taceflow.dlopctr.convolutions.network import FrozenNetwork, fused, last_maps, load_backbone
from taceflow.dlopctr.device import choose_computing
from taceflow.errors import DamagedFileError
from taceflow.files.tables import read_json


def test_the_runs_own_weights_are_those_of_their_description(prepared, tmp_path):
    described = read_json(prepared[1])
    load_backbone(prepared[0], sha256=described["sha256"])
    changed = bytearray(Path(prepared[0]).read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "backbone.safetensors").write_bytes(changed)
    with pytest.raises(DamagedFileError, match=r"not what its description says.*Delete the file"):
        load_backbone(str(tmp_path / "backbone.safetensors"), sha256=described["sha256"])
    (tmp_path / "backbone.safetensors").write_bytes(changed[:-9])
    with pytest.raises(DamagedFileError, match="is cut or damaged"):
        load_backbone(str(tmp_path / "backbone.safetensors"))


def test_the_fused_network_is_the_same_function(prepared):
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    plain = load_backbone(prepared[0])
    assert not plain.training
    with torch.no_grad():
        expected = last_maps(plain, images)
        pooled = plain(images)
        found = last_maps(fused(plain), images)
    assert not any(isinstance(each, torch.nn.BatchNorm2d) for each in plain.modules())
    np.testing.assert_allclose(found, expected, atol=1e-5 * expected.abs().max().item())
    np.testing.assert_allclose(expected.mean(dim=(2, 3)), pooled, rtol=1e-4, atol=1e-6)


def test_grey_becomes_normalised_colour(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "taceflow.dlopctr.convolutions.network.last_maps", lambda _, images: seen.append(images)
    )
    described = {"channel_means": [0.5, 0.4, 0.3], "channel_scales": [0.1, 0.2, 0.5]}
    for precision in ("float32", "bfloat16"):
        computing = choose_computing("cpu", precision)
        FrozenNetwork(torch.nn.Identity(), described, computing).maps(torch.full((2, 1, 4, 4), 0.5))
    for images, kind in zip(seen, (torch.float32, torch.bfloat16), strict=True):
        assert images.shape == (2, 3, 4, 4)
        assert images.dtype == kind
        assert images.is_contiguous(memory_format=torch.channels_last)
        np.testing.assert_allclose(images[0, :, 0, 0].float(), [0.0, 0.5, 0.4], atol=2e-3)
