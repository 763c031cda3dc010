"""A bundle opened to be applied: checked, its descriptions read, its files laid out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from taceflow.bundle.manifest import FORMAT, check_manifest
from taceflow.errors import ConfigurationError, InputError, OwnFaultError
from taceflow.files.archive import read_bundle
from taceflow.files.atomic import atomic_path

_REMEDY = "Make the bundle again with `snakemake model`, or have it made where it comes from"


@dataclass(frozen=True)
class OpenedModel:
    """A fitted study as its bundle holds it, without the weights.

    Attributes
    ----------
    path : str
        The zip or folder.
    names : tuple of str
        Of its files.
    manifest, radscore, models : dict
        The content of these files.
    combin_terms : list of dict
        Clinical variables of DLOP-Combin with their levels; none without such a network.
    panel : dict
        The radiomics panel.
    """

    path: str
    names: tuple[str, ...] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    radscore: Mapping[str, Any] = field(repr=False)
    models: Mapping[str, Mapping[str, Any]] = field(repr=False)
    combin_terms: list[dict[str, Any]] = field(repr=False)
    panel: Mapping[str, Any] = field(repr=False)

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """Keys of the configuration with which it was fitted, by section."""
        return self.manifest["settings"]

    @property
    def convolutions(self) -> Mapping[str, Any] | None:
        """Where the network's convolutions come from; None without a network."""
        return self.manifest["convolutions"]


def open_model(path: str, *, whole: bool) -> OpenedModel:
    """Open a bundle.

    Parameters
    ----------
    path : str
        The zip or folder.
    whole : bool
        Whether its weights are read and checked too.

    Raises
    ------
    InputError
        If it is no bundle, was changed, or lacks what every bundle has.
    ConfigurationError
        If another version of taceflow wrote it.
    """
    files = read_bundle(path, texts_only=not whole)
    try:
        manifest = json.loads(files["manifest.json"])
        if (found := manifest["format"]) != FORMAT:
            raise ConfigurationError(
                f"'model': {path} is a bundle of format {found}, and taceflow reads format "
                f"{FORMAT}: apply it with the version that made it ({manifest.get('taceflow')})"
            )
        check_manifest(manifest)
        combin = json.loads(files.get("dlop_combin.json", b"{}"))
        return OpenedModel(
            path=path,
            names=tuple(sorted(files)),
            manifest=manifest,
            radscore=json.loads(files["radscore.json"]),
            models=json.loads(files["models.json"]),
            combin_terms=combin.get("terms", []),
            panel=yaml.safe_load(files["panel.yaml"]),
        )
    except (KeyError, TypeError, ValueError, OwnFaultError, yaml.YAMLError) as error:
        raise InputError(
            f"the bundle is whole, but not as taceflow writes one ({error})",
            file=path,
            remedy=_REMEDY,
        ) from error


def lay_out(path: str, laid_out: Sequence[str]) -> None:
    """Write files of a bundle, once every byte of it was checked.

    Parameters
    ----------
    path : str
        The zip or folder.
    laid_out : sequence of str
        To be written, each under its name in the bundle.
    """
    files = read_bundle(path)
    for each in laid_out:
        with atomic_path(each) as temporary:
            temporary.write_bytes(files[Path(each).name])
