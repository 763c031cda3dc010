"""The frozen part of the network: torchvision's ResNet-101 without its fully connected layer."""

import hashlib
import logging
import pickle  # for the name of an error alone: nothing is unpickled
from pathlib import Path
from typing import Any

import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval
from torchvision.models import ResNet101_Weights, resnet101
from torchvision.models.resnet import Bottleneck

from taceflow.errors import WeightsError
from taceflow.tables import atomic_path, write_json

_LOG = logging.getLogger(__name__)

FEATURES = 2048
"""Length of an image's embedding."""

# V1 is what "ImageNet weights" meant in the PyTorch 1.7.1 of the study
IMAGENET_WEIGHTS = ResNet101_Weights.IMAGENET1K_V1
CHANNEL_MEANS = [0.485, 0.456, 0.406]
CHANNEL_SCALES = [0.229, 0.224, 0.225]


def prepare_backbone(
    backbone: str,
    sha256: str | None,
    seed: int,
    weights: str,
    description: str,
    code: str,
) -> None:
    """Bring the weights of the convolutions into the run's own file.

    Parameters
    ----------
    backbone : str
        ``imagenet`` (torchvision's weights, downloaded and checked against the digest in their
        name), ``random`` (drawn with `seed`; batch norm keeps its initial statistics, with which
        random features carried more of a planted signal than with calibrated ones), or the path of
        a local file in torchvision's layout (``.safetensors``, or a state dict).
    sha256 : str, optional
        Expected digest of a local file.
    seed : int
        Seed of random weights.
    weights, description : str
        Files to write: safetensors, and JSON with source, digest and normalisation.
    code : str
        Digest of the code, kept in the description.

    Raises
    ------
    WeightsError
        If the file is missing, has another digest or belongs to another network.
    """
    source_digest = None
    if backbone == "random":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            state = resnet101(weights=None).state_dict()
    elif backbone == "imagenet":
        state = _download()
    else:
        source_digest = _checked_digest(Path(backbone), sha256)
        state = _read_state(Path(backbone))
    network = _network_of(state, source=backbone)
    with atomic_path(weights) as temporary:
        save_file({name: t.contiguous() for name, t in network.state_dict().items()}, temporary)
    local = backbone not in ("random", "imagenet")
    written = {
        "architecture": "resnet101",
        "source": Path(backbone).name if local else backbone,
        "source_sha256": source_digest,
        "imagenet_weights": IMAGENET_WEIGHTS.name if backbone == "imagenet" else None,
        "seed": seed if backbone == "random" else None,
        "sha256": file_digest(Path(weights)),
        "channel_means": CHANNEL_MEANS,
        "channel_scales": CHANNEL_SCALES,
        "code": code,
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }
    write_json(written, description)
    _LOG.info("weights of the convolutions: %s, sha256 %s", written["source"], written["sha256"])


def load_backbone(weights: str) -> nn.Module:
    """Build the frozen network from its file.

    Parameters
    ----------
    weights : str
        The file that `prepare_backbone` wrote.

    Returns
    -------
    torch.nn.Module
        Images (n, 3, 224, 224) to embeddings (n, 2048); evaluation mode, no gradients.

    Raises
    ------
    WeightsError
        If the file does not fit.
    """
    network = _network_of(_read_state(Path(weights)), source=weights)
    return network.eval().requires_grad_(False)


def fused(network: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it and lay channels last.

    Same function to rounding, half the time on a CPU.

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


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _download() -> dict[str, torch.Tensor]:
    try:
        # check_hash compares the file with the digest that torchvision put into its name
        return IMAGENET_WEIGHTS.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except (OSError, RuntimeError) as error:
        raise WeightsError(
            f"ImageNet weights could not be had from {IMAGENET_WEIGHTS.url}: {error}. Download the "
            "file where there is a network and name its path as dlopctr.backbone"
        ) from error


def _checked_digest(path: Path, expected: str | None) -> str:
    if not path.is_file():
        raise WeightsError(
            f"no file of network weights at {path}. dlopctr.backbone is 'random', 'imagenet' or "
            "a path"
        )
    found = file_digest(path)
    if expected is None:
        _LOG.warning("dlopctr.backbone_sha256 is not set: %s is taken as it is", path.name)
    elif found != expected:
        raise WeightsError(
            f"{path} has the SHA-256 {found}, but dlopctr.backbone_sha256 says {expected}: "
            "download it again or correct the key"
        )
    return found


def _read_state(path: Path) -> dict[str, torch.Tensor]:
    remedy = "Save the network's state_dict() with torch.save or as safetensors"
    try:
        if path.suffix == ".safetensors":
            state: Any = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(f"{path} holds more than tensors, which is refused. {remedy}") from error
    except (SafetensorError, RuntimeError, OSError, EOFError, KeyError) as error:
        raise WeightsError(f"{path} is no readable file of weights: {error}. {remedy}") from error
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise WeightsError(f"{path} holds no state dict of tensors. {remedy}")
    return state


def _network_of(state: dict[str, torch.Tensor], source: str) -> nn.Module:
    """Put a state dict into a ResNet-101 without its last layer, or say what does not fit."""
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
        raise WeightsError(f"{source} is not a ResNet-101 in torchvision's layout: {found}")
    network.load_state_dict(kept, assign=True)
    return network
