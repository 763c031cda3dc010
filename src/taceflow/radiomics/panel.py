"""The panel: which images, which feature classes, and so which columns a feature table has."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taceflow.errors import ConfigurationError
from taceflow.files.schemas import load_schema
from taceflow.files.yaml_files import load_yaml
from taceflow.files.yaml_keys import check_keys

SCHEMA = "radiomics_panel"

WAVELET_BANDS = ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")
TEXTURE_CLASSES = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")

_KNOWN = load_schema(SCHEMA)["properties"]
SIMPLE_IMAGES = tuple(
    name
    for name, rules in _KNOWN["imageType"]["properties"].items()
    if rules.get("$ref") == "#/$defs/without_settings" and name != "Original"
)
"""Image types of one image and no settings, in the schema's order."""
FEATURES: dict[str, tuple[str, ...]] = {
    name: tuple(rules["items"]["enum"])
    for name, rules in _KNOWN["featureClass"]["properties"].items()
}
"""All features of each class, in PyRadiomics' order; the schema knows them by name."""


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
    features : dict
        By class, the features that are wanted; all of a class that it does not name.
    lowest : float or None
        The HU at which grey levels of the original image begin; None: at each mask's own minimum.
    """

    setting: dict[str, Any]
    sigmas_mm: tuple[float, ...]
    images: tuple[str, ...]
    texture_images: frozenset[str]
    classes: tuple[str, ...]
    features: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lowest: float | None = None

    def classes_on(self, image: str) -> list[str]:
        """Return the classes that are computed on an image, shape apart."""
        textures = image in self.texture_images
        return [
            name
            for name in self.classes
            if name == "firstorder" or (textures and name in TEXTURE_CLASSES)
        ]

    @property
    def columns(self) -> list[str]:
        """The features' names in order, as PyRadiomics writes them; a table has just these."""
        wanted = [("original", "shape")] if "shape" in self.classes else []
        wanted += [(image, name) for image in self.images for name in self.classes_on(image)]
        return [
            f"{image}_{name}_{feature}"
            for image, name in wanted
            for feature in FEATURES[name]
            if feature in self.features.get(name, FEATURES[name])
        ]


def read_panel(path: str | Path) -> Panel:
    """Read a panel and check every key.

    Parameters
    ----------
    path : str or Path
        A PyRadiomics parameter file, possibly with ``textureImages`` and ``greyLevelsFrom``.

    Returns
    -------
    Panel

    Raises
    ------
    ConfigurationError
        If a key, a feature or an image is unknown, with those that are known, or if two settings
        cannot stand together.
    """
    if not Path(path).is_file():
        raise ConfigurationError(f"radiomics.panel: the file {path} does not exist")
    try:
        content = load_yaml(path)
    except ConfigurationError as error:
        raise ConfigurationError(f"radiomics.panel {path}: {error}") from None
    return checked_panel(content, str(path))


def checked_panel(content: Any, path: str) -> Panel:
    """Check every key of a panel, as `read_panel`.

    Parameters
    ----------
    content
        Of the YAML file.
    path : str
        The file, for messages.
    """
    try:
        check_keys(content, SCHEMA)
    except ConfigurationError as error:
        raise ConfigurationError(f"radiomics.panel {path}: {error}") from None
    setting, kinds = dict(content["setting"]), content["imageType"]
    if {"binWidth", "binCount"} <= set(setting):
        raise ConfigurationError(
            f"radiomics.panel {path}: setting has binWidth and binCount, and PyRadiomics would "
            "silently leave the first aside: remove one"
        )
    if setting.get("force2D") and "Wavelet" in kinds:
        raise ConfigurationError(
            f"radiomics.panel {path}: setting.force2D leaves four wavelet bands under other names: "
            "remove Wavelet from imageType"
        )
    sigmas = tuple(float(sigma) for sigma in (kinds.get("LoG") or {}).get("sigma", ()))
    images = ["original", *(log_name(sigma) for sigma in sigmas)]
    if "Wavelet" in kinds:
        images += [f"wavelet-{band}" for band in WAVELET_BANDS]
    images += [name.lower() for name in SIMPLE_IMAGES if name in kinds]
    textured = content.get("textureImages", images)
    unknown = sorted(set(textured) - set(images))
    if unknown:
        raise ConfigurationError(
            f"radiomics.panel {path}: textureImages names {', '.join(unknown)}, which imageType "
            f"does not make (known here: {', '.join(images)})"
        )
    lowest = None
    if content.get("greyLevelsFrom", "minimum") == "range":
        is_absolute = setting.get("resegmentMode", "absolute") == "absolute"
        if "resegmentRange" not in setting or not is_absolute or "binCount" in setting:
            raise ConfigurationError(
                f"radiomics.panel {path}: greyLevelsFrom: range needs a setting.resegmentRange in "
                "HU (resegmentMode absolute) and no binCount: change these, or remove it"
            )
        lowest = float(min(setting["resegmentRange"]))
    classes = content["featureClass"]
    return Panel(
        setting=setting,
        sigmas_mm=sigmas,
        images=tuple(images),
        texture_images=frozenset(textured),
        classes=tuple(classes),
        features={name: tuple(listed) for name, listed in classes.items() if listed},
        lowest=lowest,
    )


def log_name(sigma_mm: float) -> str:
    """Return PyRadiomics' name of a Laplacian of Gaussian image."""
    return f"log-sigma-{str(float(sigma_mm)).replace('.', '-')}-mm-3D"
