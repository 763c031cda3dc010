"""The frozen part of the network: torchvision's ResNet-101 without its fully connected layer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval
from torchvision.models import resnet101
from torchvision.models.resnet import Bottleneck

from taceflow.dlopctr.device import Computing, choose_computing
from taceflow.errors import WeightsError
from taceflow.files.stored_files import damaged, reading
from taceflow.files.tables import read_json


@dataclass(frozen=True, kw_only=True)
class Convolutions:
    """The frozen network as a job uses it.

    Attributes
    ----------
    weights, description : str
        The files that `prepare_backbone` wrote: safetensors and JSON.
    device, precision : str
        As for `choose_computing`.
    """

    weights: str
    description: str
    device: str
    precision: str

    def load(self) -> "FrozenNetwork":
        """Return the fused network on its device.

        Raises
        ------
        ConfigurationError
            If a GPU is asked for and there is none.
        DamagedFileError, WeightsError
            As `load_backbone`.
        """
        computing = choose_computing(self.device, self.precision)
        described = read_json(self.description)
        network = fused(load_backbone(self.weights, described["sha256"]))
        return FrozenNetwork(network, described, computing)


class FrozenNetwork:
    """The fused network on its device.

    Attributes
    ----------
    computing : Computing

    Parameters
    ----------
    network : torch.nn.Module
        What `fused` returned.
    described : mapping
        ImageNet's mean and standard deviation of each channel, as ``channel_means`` and
        ``channel_scales``.
    computing : Computing
    """

    def __init__(
        self, network: nn.Module, described: Mapping[str, Any], computing: Computing
    ) -> None:
        self.computing = computing
        self._network = network.to(computing.device, computing.dtype)
        self._means, self._scales = (
            torch.tensor(described[key], device=computing.device)[:, None, None]
            for key in ("channel_means", "channel_scales")
        )

    @torch.inference_mode()
    def maps(self, grey: torch.Tensor) -> torch.Tensor:
        """Return what the last stage of the convolutions says of images, place by place.

        Parameters
        ----------
        grey : torch.Tensor of shape (images, 1, 224, 224)
            Grey values in [0, 1].

        Returns
        -------
        torch.Tensor of shape (images, 2048, 7, 7)
            Still on the device.
        """
        if self.computing.on_gpu:  # one channel goes there, without this process waiting for it
            grey = grey.pin_memory()
        images = grey.to(self.computing.device, non_blocking=True).expand(-1, 3, -1, -1)
        images = ((images - self._means) / self._scales).to(self.computing.dtype)
        return last_maps(self._network, images.contiguous(memory_format=torch.channels_last))


def load_backbone(weights: str, sha256: str | None = None) -> nn.Module:
    """Build the frozen network from its file.

    Parameters
    ----------
    weights : str
        The file that `prepare_backbone` wrote.
    sha256 : str, optional
        What the description of `weights` says of them.

    Returns
    -------
    torch.nn.Module
        Images (n, 3, 224, 224) to embeddings (n, 2048); evaluation mode, no gradients.

    Raises
    ------
    DamagedFileError
        If the file is cut or empty, or has another digest.
    WeightsError
        If it does not fit.
    """
    with reading(weights):
        state = load_file(weights)
    if sha256 not in (None, file_digest(Path(weights))):
        raise damaged(weights, "is not what its description says")
    return network_of(state, source=weights).eval().requires_grad_(False)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fused(network: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it and lay channels last.

    Same function to rounding, in less time (docs/performance.md).

    Parameters
    ----------
    network : torch.nn.Module
        What `load_backbone` returned; it is changed in place.
    """
    network.conv1 = fuse_conv_bn_eval(network.conv1, network.bn1)
    network.bn1 = nn.Identity()
    for block in network.modules():
        if isinstance(block, Bottleneck):
            for conv, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3")):
                setattr(block, conv, fuse_conv_bn_eval(getattr(block, conv), getattr(block, norm)))
                setattr(block, norm, nn.Identity())
            if block.downsample is not None:
                block.downsample = fuse_conv_bn_eval(block.downsample[0], block.downsample[1])
    return network.to(memory_format=torch.channels_last)


def last_maps(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return what the last stage says of normalised images in three channels, place by place."""
    maps = network.maxpool(network.relu(network.bn1(network.conv1(images))))
    return network.layer4(network.layer3(network.layer2(network.layer1(maps))))


def network_of(state: dict[str, torch.Tensor], source: str) -> nn.Module:
    """Put a state dict into a ResNet-101 without its last layer.

    Parameters
    ----------
    state : dict of str to torch.Tensor
        In torchvision's layout; the fully connected layer is left out, if there is one.
    source : str
        The file's name, for messages.

    Returns
    -------
    torch.nn.Module
        In training mode, as torchvision builds it.

    Raises
    ------
    WeightsError
        Naming what is missing, left over, of another shape or not finite.
    """
    with torch.device("meta"):
        network = resnet101(weights=None)
    network.fc = nn.Identity()
    kept = {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
    expected = network.state_dict()
    # files older than PyTorch 0.4.1 do not count batches; evaluation does not need the count
    for name in expected:
        if name.endswith("num_batches_tracked"):
            kept.setdefault(name, torch.tensor(0))
    missing = sorted(set(expected) - set(kept))
    extra = sorted(set(kept) - set(expected))
    shapes = [n for n in expected if n in kept and kept[n].shape != expected[n].shape]
    infinite = [name for name, tensor in kept.items() if not torch.isfinite(tensor).all()]
    problems = {
        "missing": missing,
        "not part of it": extra,
        "of another shape": shapes,
        "not finite": infinite,
    }
    found = "; ".join(
        f"{len(names)} tensors {what} (first: {names[0]})"
        for what, names in problems.items()
        if names
    )
    if found:
        raise WeightsError(
            f"{source} is not a ResNet-101 in torchvision's layout: {found}. "
            "Name its own file in dlopctr.backbone, or say 'imagenet'"
        )
    network.load_state_dict(kept, assign=True)
    # files in half precision exist: batch norm is folded in float32
    return network.float()
