"""The bundle of a run: what a prediction needs, without its patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from taceflow.bundle.manifest import FORMAT, check_manifest
from taceflow.bundle.told_groups import told_groups, training_risks
from taceflow.bundle.without_patients import (
    OF_CLINICAL_VARIABLES,
    OF_CUT_OFF,
    OF_RADSCORE,
    backbone_description,
    kept,
    network_description,
    stored_models,
    told_harmonisation,
    told_performance,
)
from taceflow.files.archive import write_bundle
from taceflow.files.tables import json_text, read_json, read_table
from taceflow.files.yaml_files import load_yaml
from taceflow.models import MODELS
from taceflow.version import VERSION

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "imaging": (
        *("phase", "tumors", "gantry_tilt", "spacing_mm", "mask_interpolation"),
        "minimum_roi_voxels",
    ),
    "patch": ("margin_mm", "window_hu"),
    "radiomics": ("scale", "icc_threshold", "harmonise"),
    "dlopctr": ("slices", "precision"),
    "survival": ("horizons_months", "cut_off", "select", "p_enter", "variables"),
}
"""Keys of the configuration that say how a patient comes to a prediction. Whatever finds a
patient's files (descriptions of series, an archive's layout) is a hospital's own, and stays."""

NETWORKS = {"dlopctr": "network", "dlop_combin": "combin"}
"""Names in the run's list of descriptions, by the network's name in the bundle."""


@dataclass(frozen=True, kw_only=True)
class BundleSources:
    """Files of a run that its bundle is made from.

    Attributes
    ----------
    descriptions : mapping of str to str
        JSON files: ``radscore``, ``models``, ``clinical_variables``; with images ``network``,
        ``combin`` and ``backbone``; with harmonised features ``harmonisation``.
    patients, predictions, icc, performance, ranges : str
        Tables: cohort, ``survival/predictions.tsv``, ``radiomics/icc.tsv``,
        ``survival/performance.tsv``, the training ranges.
    panel : str
        The radiomics panel.
    card : mapping of str to str
        The model card by the name that it has in the bundle.
    weights : mapping of str to str
        Heads of the final fits by network, and ``backbone``, if there are such.
    """

    descriptions: Mapping[str, str]
    patients: str
    predictions: str
    icc: str
    performance: str
    ranges: str
    panel: str
    card: Mapping[str, str]
    weights: Mapping[str, str]


def bundle_model(
    sources: BundleSources,
    *,
    config: Mapping[str, Any],
    code: Mapping[str, str],
    libraries: Mapping[str, str],
    folder: str,
    archive: str,
) -> None:
    """Write the bundle of a run as a folder and as a zip.

    Parameters
    ----------
    sources : BundleSources
    config : mapping
        The checked configuration.
    code : mapping of str to str
        Digests of the steps that a prediction takes, by script.
    libraries : mapping of str to str
        Versions with which the run's jobs ran.
    folder, archive : str
        To be written.

    Raises
    ------
    OwnFaultError
        If the manifest breaks its schema.
    """
    described = {name: read_json(path) for name, path in sources.descriptions.items()}
    horizons = config["survival"]["horizons_months"]
    training = training_risks(sources.patients, sources.predictions)
    models = stored_models(described["models"], horizons, training)
    for name, model in models.items():
        model["groups"] = told_groups(training[training["model"] == name], horizons)
    icc = read_table(sources.icc, "icc")
    contents: dict[str, Any] = {
        "radscore.json": kept(described["radscore"], (*OF_RADSCORE, *OF_CUT_OFF))
        | {"reproducible": icc.loc[icc["kept"] == 1, "feature"].tolist()},
        "models.json": models,
        "clinical_variables.json": kept(described["clinical_variables"], OF_CLINICAL_VARIABLES),
    }
    if "harmonisation" in described:
        contents["radscore.json"]["harmonisation"] = told_harmonisation(
            described["harmonisation"], described["radscore"]["coefficients"]
        )
    for network, name in NETWORKS.items():
        if name in described:
            contents[f"{network}.json"] = network_description(described[name])
    manifest = _manifest(config, code, libraries, described)
    has_weights_inside = False
    if "backbone" in described:
        backbone = backbone_description(described["backbone"])
        has_weights_inside = backbone["source"] == "random"
        contents["backbone.json"] = backbone
        manifest["convolutions"] = {
            "source": backbone["source"],
            "sha256": backbone["sha256"],
            "inside": has_weights_inside,
        }
    check_manifest(manifest)
    contents["manifest.json"] = manifest
    files = {name: json_text(content, name).encode() for name, content in contents.items()}
    performance = told_performance(read_table(sources.performance))
    files["performance.tsv"] = performance.to_csv(sep="\t", index=False).encode()
    # what somebody wrote beside the keys stays
    files["panel.yaml"] = yaml.safe_dump(load_yaml(sources.panel), sort_keys=False).encode()
    copied = {"ranges.tsv": sources.ranges, **sources.card}
    for name, path in sources.weights.items():
        if name != "backbone" or has_weights_inside:
            copied[f"{name}.safetensors"] = path
    files |= {name: Path(path).read_bytes() for name, path in copied.items()}
    write_bundle(files, folder, archive)


def _manifest(
    config: Mapping[str, Any],
    code: Mapping[str, str],
    libraries: Mapping[str, str],
    described: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    models = described["models"]
    return {
        "format": FORMAT,
        "name": config["run"],
        "title": config["title"],
        "taceflow": VERSION,
        "code": dict(code),
        "libraries": dict(libraries),
        "settings": {
            section: {key: config[section][key] for key in keys}
            for section, keys in SETTINGS.items()
        },
        "needs_images": "network" in described,
        "models": {
            name: {
                "n": model["n"],
                "events": model["events"],
                "label": MODELS[name].label if name in MODELS else None,
            }
            for name, model in models.items()
        },
        "citations": list(config["citations"]),
        "convolutions": None,
    }
