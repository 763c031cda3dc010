"""Where a study's data come from, as the configuration says it."""

from pathlib import Path
from typing import Any

from taceflow.errors import ConfigurationError
from taceflow.wording.path_hints import absence_hint, nearest_file


def check_sources(config: dict[str, Any]) -> None:
    """Raise a `ConfigurationError` unless features come from one place: masks or a ready table."""
    given = {name for name, path in config["tables"].items() if path is not None}
    cohort = config["public_cohort"]["collection"]
    if cohort and not Path(config["tables"]["patients"]).exists():
        raise ConfigurationError(
            f"the public cohort {cohort} is not fetched yet: snakemake -s "
            "workflow/public_cohorts.smk --cores 4, with the same --configfile, does that and "
            "writes the tables"
        )
    has_archive = config["archive"]["root"] is not None
    for name in ("scans", "segmentations", "choices"):
        if "features" in given and name in given:
            raise ConfigurationError(f"'tables.features' replaces 'tables.{name}': keep one")
        if name != "choices" and not {name, "features"} & given and not has_archive:
            raise ConfigurationError(
                f"'tables.{name}' is missing: only with an 'archive' the files are looked for. One "
                "workbook may hold all tables: tables: my_study.xlsx"
            )
    if "features" in given and has_archive:
        raise ConfigurationError("'tables.features' replaces 'archive': keep one")
    if "features" in given and config["radiomics"]["perturbations"]["patients"] is not None:
        raise ConfigurationError(
            "'radiomics.perturbations' needs images: 'tables.features' has none"
        )


def check_places(config: dict[str, Any]) -> None:
    """Raise a `ConfigurationError` if a file or folder that a key names is not there."""
    places = {f"archive.{key}": config["archive"][key] for key in ("root", "ids")}
    if config["dlopctr"]["backbone"] not in ("random", "imagenet"):
        places["dlopctr.backbone"] = config["dlopctr"]["backbone"]
    for key, place in places.items():
        if place and not Path(place).exists():
            meant = nearest_file(place) if key != "archive.root" else ""
            raise ConfigurationError(
                f"'{key}': '{place}' does not exist{meant or '.'} {absence_hint(place)}"
            )


def starts_from_features(config: dict[str, Any]) -> bool:
    """Say whether a ready table of features takes the place of images."""
    return config["tables"]["features"] is not None


def ready_source(config: dict[str, Any]) -> dict[str, Any] | None:
    """Return the ready table of features, if there is one, with the keys that it is read by."""
    if not starts_from_features(config):
        return None
    given = config["tables"]
    return {
        "path": given["features"],
        "id_column": given["features_id"],
        "id_pattern": given["features_id_pattern"],
        "tumors": config["imaging"]["tumors"],
    }
