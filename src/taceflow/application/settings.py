"""The settings of a bundle in place of the configuration's: who applies a model chooses none."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from taceflow.bundle.opened import OpenedModel
from taceflow.errors import ConfigurationError
from taceflow.files.configuration import default_configuration
from taceflow.files.folders import CONFIG
from taceflow.files.yaml_files import load_yaml
from taceflow.radiomics.panel import read_panel

OPENED = "model/opened"
"""Folder of a run in which the files of its bundle lie."""

_OF_A_FIT = ("radscore/model.json", "survival/models.json", "model/bundle.zip")
"""Files that only a run leaves which fits."""

_MOST_SIGNS = 120


def take_settings(
    config: dict[str, Any], model: OpenedModel, results: str, files: Sequence[str]
) -> None:
    """Replace the keys that lead from a scan to a prediction by those that the model was fitted by.

    Parameters
    ----------
    config : dict
        Complete; changed in place.
    model : OpenedModel
    results : str
        The run's folder.
    files : sequence of str
        The YAML files that the configuration comes from.

    Raises
    ------
    ConfigurationError
        If a file asks for another value, or features would come from elsewhere.
    """
    panel = f"{results}/{OPENED}/panel.yaml"
    written = [load_yaml(file) or {} for file in files if not _is_workflows(file, "config.yaml")]
    problems = [
        *_own_folder(config, results),
        *_contradictions(config, model, written),
        *_other_panel(config, model, written, panel),
        *_other_source(config, model),
    ]
    if problems:
        raise ConfigurationError("; ".join(problems))
    for section, keys in model.settings.items():
        config[section] |= keys
    config["radiomics"]["panel"] = panel
    network = config["dlopctr"]
    source = model.convolutions and model.convolutions["source"]
    if source == "imagenet" and network["backbone"] == "random":
        network["backbone"] = source


def _own_folder(config: Mapping[str, Any], results: str) -> Iterator[str]:
    if any((Path(results) / file).exists() for file in _OF_A_FIT):
        yield (
            f"'run': {results} holds a fitted study, over which new patients would be written: "
            f"give this run another name than '{config['run']}'"
        )


def _contradictions(
    config: Mapping[str, Any], model: OpenedModel, written: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    settings = {**model.settings, "radscore": {"family": model.radscore["family"]}}
    for section, keys in settings.items():
        for key, stored in keys.items():
            asked = _asked(config, written, section, key)
            if asked is not None and asked != stored:
                told = [_short(value) for value in _where_they_differ(asked, stored)]
                yield (
                    f"'{section}.{key}' is {told[0]} in the configuration and {told[1]} in the "
                    f"bundle {model.path}: take the key out, the bundle's holds"
                )


def _other_panel(
    config: Mapping[str, Any],
    model: OpenedModel,
    written: Sequence[Mapping[str, Any]],
    taken: str,
) -> Iterator[str]:
    panel = config["radiomics"]["panel"]
    # the rules of a module are read anew for each `use rule`, with the configuration as it was left
    if panel == taken:
        return
    is_own = not _is_workflows(panel, "radiomics.yaml")
    if not is_own and not _stands(written, "radiomics", "panel"):
        return
    read_panel(panel)
    if load_yaml(panel) != model.panel:
        yield (
            f"'radiomics.panel': {panel} is another panel than that of the bundle {model.path}: "
            "take the key out, the bundle's holds"
        )


def _asked(
    config: Mapping[str, Any], written: Sequence[Mapping[str, Any]], section: str, key: str
) -> Any:
    """Return what a user asks for, None if nothing: the default, unless a file writes it out."""
    value = config[section][key]
    is_asked = _stands(written, section, key) or value != default_configuration()[section][key]
    return value if is_asked else None


def _stands(written: Sequence[Mapping[str, Any]], section: str, key: str) -> bool:
    return any(key in (one.get(section) or {}) for one in written)


def _is_workflows(file: str, name: str) -> bool:
    return Path(file).resolve() == (CONFIG / name).resolve()


def _other_source(config: Mapping[str, Any], model: OpenedModel) -> Iterator[str]:
    has_images = config["tables"]["features"] is None
    if has_images and not model.manifest["needs_images"]:
        yield (
            f"the models of {model.path} were fitted on a ready table of features, which taceflow "
            "did not make: name such a table of the new patients as 'tables.features'"
        )
    source = model.convolutions and model.convolutions["source"]
    if has_images and source == "file" and config["dlopctr"]["backbone"] in ("random", "imagenet"):
        yield (
            f"the network of {model.path} rests on convolutions from a file that is not in it: "
            "name that file as 'dlopctr.backbone' (SHA-256 of what is made of it: "
            f"{model.convolutions['sha256']})"
        )


def _where_they_differ(asked: Any, stored: Any) -> tuple[Any, Any]:
    """Return both values, of long lists the first entries that are not alike."""
    if not (isinstance(asked, list) and isinstance(stored, list)) or len(str(stored)) < _MOST_SIGNS:
        return asked, stored
    entries = zip_longest(asked, stored, fillvalue="nothing")
    return next((one, other) for one, other in entries if one != other)


def _short(value: Any) -> str:
    told = str(value)
    return told if len(told) <= _MOST_SIGNS else f"{told[:_MOST_SIGNS]}..."
