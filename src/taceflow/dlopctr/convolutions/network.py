"""The frozen part of the network: torchvision's ResNet-101 without its fully connected layer."""

import hashlib
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

FEATURES = 2048
"""Length of an image's embedding."""


@dataclass(frozen=True, kw_only=True)
class Convolutions:
    """The frozen network as a job uses it.

    Attributes
    ----------
    weights, description : str
        The files that `prepare_backbone` wrote: safetensors and JSON.
    layer4 : str or None
        A last stage that `fine_tune` wrote, in place of its own.
    device, precision : str
        As for `choose_computing`.
    """

    weights: str
    description: str
    device: str
    precision: str
    layer4: str | None = None

    def load(self) -> tuple[nn.Module, dict[str, Any], Computing]:
        """Return the fused network on its device, its description, and where it computes.

        Raises
        ------
        ConfigurationError
            If a GPU is asked for and there is none.
        DamagedFileError, WeightsError
            As `load_backbone`.
        """
        computing = choose_computing(self.device, self.precision)
        described = read_json(self.description)
        network = load_backbone(self.weights, self.layer4, sha256=described["sha256"])
        return fused(network).to(computing.device, computing.dtype), described, computing


def load_backbone(
    weights: str, layer4: str | None = None, *, sha256: str | None = None
) -> nn.Module:
    """Build the frozen network from its file.

    Parameters
    ----------
    weights : str
        The file that `prepare_backbone` wrote.
    layer4 : str, optional
        A last stage that `fine_tune` wrote, in place of its own.
    sha256 : str, optional
        What the description of `weights` says of them.

    Returns
    -------
    torch.nn.Module
        Images (n, 3, 224, 224) to embeddings (n, 2048); evaluation mode, no gradients.

    Raises
    ------
    DamagedFileError
        If a file is cut or empty, or has another digest.
    WeightsError
        If it does not fit.
    """
    state = {}
    for path in filter(None, (weights, layer4)):
        with reading(path):
            state |= load_file(path)
    if sha256 not in (None, file_digest(Path(weights))):
        raise damaged(weights, "is not what its description says")
    network = network_of(state, source=layer4 or weights)
    return network.eval().requires_grad_(False)


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

    Returns
    -------
    torch.nn.Module
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
    """Return what the last stage of the convolutions says, place by place.

    Parameters
    ----------
    network : torch.nn.Module
        ResNet-101.
    images : torch.Tensor of shape (images, 3, 224, 224)
        Normalised images.

    Returns
    -------
    torch.Tensor of shape (images, 2048, 7, 7)
    """
    return network.layer4(third_maps(network, images))


def third_maps(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return what goes into the last stage, shape (images, 1024, 14, 14); else as `last_maps`."""
    maps = network.maxpool(network.relu(network.bn1(network.conv1(images))))
    return network.layer3(network.layer2(network.layer1(maps)))


def embedding_of(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return the embeddings of a batch, shape (images, 2048)."""
    return pooled(last_maps(network, images))


def pooled(maps: torch.Tensor) -> torch.Tensor:
    """Return the mean over places, in float32 whatever the maps are: the embedding."""
    return maps.float().mean(dim=(2, 3))


def equalised(embeddings: torch.Tensor) -> torch.Tensor:
    """Divide each embedding by its root mean square, as `load_images` does for heads."""
    squares = embeddings.square().mean(dim=1, keepdim=True)
    return embeddings / squares.clamp(min=torch.finfo(embeddings.dtype).tiny).sqrt()


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
    # files in half precision exist: batch norm is folded, and a stage tuned, in float32
    return network.float()
