"""The configuration: every key known, every value checked, before any job starts."""

import copy
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from taceflow.errors import ConfigurationError
from taceflow.files.folders import CONFIG
from taceflow.files.schemas import load_schema
from taceflow.files.yaml_files import load_yaml
from taceflow.files.yaml_keys import check_keys, refuse, schema_keys
from taceflow.wording.colours import faults_of_colours
from taceflow.wording.path_hints import refused_in

_PATHS = {
    "tables": ("patients", "scans", "segmentations", "features"),
    "archive": ("root", "ids"),
    "public_cohort": ("folder",),
    "radiomics": ("panel",),
    "dlopctr": ("backbone",),
}
"""Keys of files and folders that the workflow's rules take as they are."""

_NO_VARIABLES = ("patient_id", "cohort", "time_months", "event")
"""Columns of the table of patients that say who, where and how it ended."""


def complete_configuration(config: dict[str, Any]) -> None:
    """Give every key that a configuration leaves out its default, and check all of them.

    A workbook, as ``tables.workbook`` or in place of that section, becomes the paths of the tables
    that it holds; a table that is named beside it goes before its sheet.
    Snakemake puts the defaults below a configuration only in the folder that holds them, and not in
    a module; and what ``section:`` without a key says is null.

    Parameters
    ----------
    config : dict
        Changed in place. Paths lose ``./`` and doubled slashes: Snakemake warns of each, for each
        file.

    Raises
    ------
    ConfigurationError
        As `validate_configuration`.
    """
    _open_workbook(config)
    _fill(config, copy.deepcopy(default_configuration()))
    validate_configuration(config)
    own_panel = CONFIG.parent / config["radiomics"]["panel"]
    if not Path(config["radiomics"]["panel"]).exists() and own_panel.exists():
        # the workflow's own, for whoever runs it from another folder
        config["radiomics"]["panel"] = os.path.relpath(own_panel)
    for given, key, _ in _paths(config):
        given[key] = str(Path(given[key]))


def check_tables_kept(config: Mapping[str, Any], written: Any, file: str) -> None:
    """Refuse a workbook that takes the place of keys of ``tables``, or keys that take its place.

    Snakemake merges sections, but not a section and a path: ``--config tables='{review: r.tsv}'``
    where the file says ``tables: x.xlsx``, or the other way round.

    Parameters
    ----------
    config : mapping
        The merged configuration, as it was given.
    written : object
        Content of one of its files.
    file : str
        Its path.

    Raises
    ------
    ConfigurationError
        With what to write into the file.
    """
    default = default_configuration()["tables"]

    def chosen(tables: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in tables.items() if value and value != default.get(key)}

    before = written.get("tables") if isinstance(written, dict) else None
    after = config.get("tables")
    if isinstance(before, str) and isinstance(after, dict):
        given = chosen(after)
        workbook, is_lost = before, not {"workbook", "patients"} & given.keys()
    elif isinstance(before, dict) and isinstance(after, str):
        sheets = ("workbook", "patients", "scans", "segmentations")
        given = {key: value for key, value in chosen(before).items() if key not in sheets}
        workbook, is_lost = after, bool(given)
    else:
        return
    if is_lost:
        told = "".join(f", {key}: {value}" for key, value in given.items())
        raise ConfigurationError(
            f"'tables' in {file} and what was given beside that file replace each other: write "
            f"tables: {{workbook: {workbook}{told}}} into the file"
        )


def validate_configuration(config: Mapping[str, Any]) -> None:
    """Check a complete configuration.

    Raises
    ------
    ConfigurationError
        Naming each key that is unknown or of the wrong kind, or says nothing without another one,
        each path with a brace, and each variable that stands twice or can be none.
    """
    check_keys(config, "config")
    refuse([*_beyond_schema(config), *_idle(config)])


@cache
def default_configuration() -> dict[str, Any]:
    """Return the default of every key, not to be changed: the demo's configuration."""
    return load_yaml(CONFIG / "config.yaml")


def _paths(config: Any) -> Iterator[tuple[Any, str, str]]:
    """Yield the section, key and full name of each path that is given."""
    if config["model"]:
        yield config, "model", "model"
    for section, keys in _PATHS.items():
        for key in keys:
            if config[section][key]:
                yield config[section], key, f"{section}.{key}"


def _open_workbook(config: dict[str, Any]) -> None:
    """Put the tables that a workbook holds beside those that have a file of their own."""
    tables = config.get("tables")
    if isinstance(tables, str):
        tables = {"workbook": tables}
    if not isinstance(tables, dict) or not isinstance(tables.get("workbook"), str):
        return
    # pandas is not for whoever brings a table each
    from taceflow.files.sheets.one_workbook import tables_of

    archive = config.get("archive")
    has_archive = isinstance(archive, dict) and bool(archive.get("root"))
    given = {key: value for key, value in tables.items() if value is not None}
    config["tables"] = tables_of(given.pop("workbook"), has_archive=has_archive) | given


def _fill(config: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    for key, default in defaults.items():
        is_section = isinstance(default, dict)
        if key not in config or (is_section and config[key] is None):
            config[key] = default
        elif is_section and isinstance(config[key], dict):
            _fill(config[key], default)


def _beyond_schema(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a schema cannot say."""
    low, high = config["patch"]["window_hu"]
    if low >= high:
        yield f"'patch.window_hu': {low} is not below {high}"
    for given, key, name in _paths(config):
        if refused := refused_in(given[key]):
            yield (
                f"'{name}': '{given[key]}' {refused}: write the path that is meant, or rename the "
                "file or folder"
            )
    by = config["radiomics"]["harmonise"]["by"]
    if by in _NO_VARIABLES:
        yield (
            f"'radiomics.harmonise.by': column '{by}' is no scanner or centre, but the patient's "
            "id, cohort or outcome"
        )
    if by is not None and config["radscore"]["family"] == "published":
        yield (
            "'radiomics.harmonise.by': the published Radscore is of features as they are: leave "
            "it null, or fit a Radscore by radscore.family"
        )
    for fault in faults_of_colours(config["figures"]["colours"]):
        yield f"'figures.colours': {fault}"
    columns = [one["column"] for one in config["survival"]["variables"]]
    for column in dict.fromkeys(columns):
        if column in _NO_VARIABLES:
            yield (
                f"'survival.variables': column '{column}' is no variable, but the patient's "
                "id, cohort or outcome: take it out"
            )
        elif columns.count(column) > 1:
            yield f"'survival.variables': column '{column}' stands twice: keep one"


def _idle(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield each key that says nothing, since the one that it needs is not set."""
    for path, rule in schema_keys(load_schema("config")):
        if needed := rule.get("x-needs"):
            given, default = config, default_configuration()
            for name in path[:-1]:
                given, default = given[name], default[name]
            if given[path[-1]] != default[path[-1]] and given[needed] is None:
                beside = ".".join((*path[:-1], needed))
                yield f"'{'.'.join(path)}' says nothing without '{beside}': add it"
