"""The panel: which images, which feature classes, and so which columns a feature table has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from taceflow.configuration import validate_configuration
from taceflow.errors import ConfigurationError

SCHEMA = Path(__file__).resolve().parents[3] / "schemas" / "radiomics_panel.schema.yaml"

WAVELET_BANDS = ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")
SIMPLE_IMAGES = ("Square", "SquareRoot", "Logarithm", "Exponential", "Gradient")
TEXTURE_CLASSES = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")


@dataclass(frozen=True)
class Panel:
    """What is computed.

    Attributes
    ----------
    setting : dict
        PyRadiomics' settings.
    sigmas_mm : tuple of float
        Of the Laplacian of Gaussian images.
    images : tuple of str
        PyRadiomics' names of all images.
    texture_images : frozenset of str
        Those of them on which textures are computed.
    classes : tuple of str
        Feature classes.
    """

    setting: dict[str, Any]
    sigmas_mm: tuple[float, ...]
    images: tuple[str, ...]
    texture_images: frozenset[str]
    classes: tuple[str, ...]

    def classes_on(self, image: str) -> list[str]:
        """Return the classes that are computed on an image, shape apart."""
        textures = image in self.texture_images
        return [
            name
            for name in self.classes
            if name == "firstorder" or (textures and name in TEXTURE_CLASSES)
        ]


def read_panel(path: str | Path) -> Panel:
    """Read a panel and check every key.

    Parameters
    ----------
    path : str or Path
        A PyRadiomics parameter file, possibly with ``textureImages``.

    Returns
    -------
    Panel

    Raises
    ------
    ConfigurationError
        If a key is unknown or an image is named that is not made.
    """
    if not Path(path).is_file():
        raise ConfigurationError(f"radiomics.panel: the file {path} does not exist")
    content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    validate_configuration(content, SCHEMA)
    kinds = content["imageType"]
    sigmas = tuple(float(sigma) for sigma in (kinds.get("LoG") or {}).get("sigma", ()))
    images = ["original", *(log_name(sigma) for sigma in sigmas)]
    if "Wavelet" in kinds:
        images += [f"wavelet-{band}" for band in WAVELET_BANDS]
    images += [name.lower() for name in SIMPLE_IMAGES if name in kinds]
    textured = content.get("textureImages", images)
    unknown = sorted(set(textured) - set(images))
    if unknown:
        raise ConfigurationError(
            f"{path}: textureImages names {', '.join(unknown)}, which imageType does not make"
        )
    return Panel(
        setting=dict(content["setting"]),
        sigmas_mm=sigmas,
        images=tuple(images),
        texture_images=frozenset(textured),
        classes=tuple(content["featureClass"]),
    )


def log_name(sigma_mm: float) -> str:
    """Return PyRadiomics' name of a Laplacian of Gaussian image."""
    return f"log-sigma-{str(float(sigma_mm)).replace('.', '-')}-mm-3D"
