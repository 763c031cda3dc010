"""Where the weights of the frozen convolutions come from."""

import logging
import zipfile
from pathlib import Path
from typing import Any

import torch
import torchvision
from safetensors.torch import load_file, save_file
from torchvision.models import ResNet101_Weights, resnet101

from taceflow.dlopctr.convolutions.network import file_digest, network_of
from taceflow.errors import WeightsError
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import write_json

_LOG = logging.getLogger(__name__)

# V1 is what "ImageNet weights" meant in the PyTorch 1.7.1 of the study
IMAGENET_WEIGHTS = ResNet101_Weights.IMAGENET1K_V1
IMAGENET_SHA256 = "63fe2227b86e8f1f2063f43a75c84d195911b6a0eace650907dd3dc62dd49a0a"
"""Of torchvision's file, which has the first eight digits in its name."""
CHANNEL_MEANS = [0.485, 0.456, 0.406]
CHANNEL_SCALES = [0.229, 0.224, 0.225]


def prepare_backbone(
    backbone: str,
    sha256: str | None,
    seed: int,
    weights: str,
    description: str,
    code: str,
    expected: str | None = None,
) -> None:
    """Bring the weights of the convolutions into the run's own file.

    Parameters
    ----------
    backbone : str
        ``imagenet`` (torchvision's weights, downloaded to torch's cache and checked there by
        `IMAGENET_SHA256`), ``random`` (drawn with `seed`; batch norm keeps its initial statistics,
        with which random features carried more of a planted signal than with calibrated ones), or
        the path of a local file in torchvision's layout (``.safetensors``, or a state dict).
    sha256 : str, optional
        Expected digest of a local file, or in place of `IMAGENET_SHA256`.
    seed : int
        Seed of random weights.
    weights, description : str
        Files to write: safetensors, and JSON with source, digest and normalisation.
    code : str
        Digest of the code, kept in the description.
    expected : str, optional
        Digest that the written weights must have: those that a bundle's heads were fitted over.

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
        path = _download()
        source_digest = (
            _checked_digest(path, sha256)
            if sha256
            else _checked_digest(path, IMAGENET_SHA256, by="torchvision's file has")
        )
        state = read_state(path)
    else:
        source_digest = _checked_digest(Path(backbone), sha256)
        state = read_state(Path(backbone))
    network = network_of(state, source=backbone)
    with atomic_path(weights) as temporary:
        save_file({name: t.contiguous() for name, t in network.state_dict().items()}, temporary)
        if expected and (found := file_digest(temporary)) != expected:
            raise WeightsError(
                f"the convolutions from '{Path(backbone).name}' are not those that the bundle's "
                f"network was fitted over (SHA-256 {found}, the bundle has {expected}): name the "
                "file that was used then as dlopctr.backbone"
            )
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


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """Read a file of tensors by name; code in it is refused, not run.

    Parameters
    ----------
    path : Path
        ``.safetensors``, or what ``torch.save`` made of a state dict.

    Raises
    ------
    WeightsError
        If the file is damaged, or holds anything but tensors by name.
    """
    remedy = "Save the network's state_dict() with torch.save or as safetensors"
    try:
        foreign = _foreign_names(path)
        state: Any = {} if foreign else _read(path)
    except Exception as error:  # readers of files name no closed set of errors for a damaged one
        first = (str(error).splitlines() or [""])[0]
        raise WeightsError(
            f"{path} is no readable file of weights ({type(error).__name__}: {first}). {remedy}, "
            "or bring the file here again: it may be cut off"
        ) from error
    if foreign:
        raise WeightsError(
            f"{path} holds more than tensors ({', '.join(sorted(foreign))}), which is refused. "
            f"{remedy}"
        )
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise WeightsError(f"{path} holds no state dict of tensors. {remedy}")
    return state


def _foreign_names(path: Path) -> list[str]:
    """Return the Python names that a file of ``torch.save`` would call; nothing is unpickled."""
    if path.suffix == ".safetensors" or not zipfile.is_zipfile(path):
        return []
    return torch.serialization.get_unsafe_globals_in_checkpoint(path)


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _download() -> Path:
    """Return torchvision's file, downloaded unless torch's cache has it."""
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(IMAGENET_WEIGHTS.url).name
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(IMAGENET_WEIGHTS.url, str(path), progress=False)
    except (OSError, RuntimeError) as error:
        raise WeightsError(
            f"ImageNet weights could not be had from {IMAGENET_WEIGHTS.url}: {error}. Download the "
            "file where there is a network and name its path as dlopctr.backbone"
        ) from error
    return path


def _checked_digest(
    path: Path, expected: str | None, by: str = "dlopctr.backbone_sha256 says"
) -> str:
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
            f"{path} has the SHA-256 {found}, but {by} {expected}: delete it and download it "
            "again, or correct dlopctr.backbone_sha256"
        )
    return found
