"""The files that a run leaves, and what it leaves out with the reason."""

from typing import Any

from taceflow.models import CLINICAL_COX, MODELS
from taceflow.scores import SCORES
from taceflow.study.figures import FIGURE_FILES, FIGURES, Figure
from taceflow.study.tables import TABLES
from taceflow.wording.messages import listed

COHORT = ("patients", "members", "exclusions", "readings", "acquisition", "series")
OF_PATIENTS = (
    "private/candidates/{patient}.json",
    "volumes/{patient}",
    "resampled/{patient}",
    "qc/{patient}.png",
    "qc/{patient}.json",
    "patches/{patient}.nii.gz",
    "radiomics/patients/{patient}.parquet",
)
OF_LASSO = ("folds", "path", "cv", "selection_frequency", "resamples")
OF_NETWORK = (
    *("backbone.safetensors", "backbone.json", "embeddings.parquet", "breaks.json", "splits.tsv"),
    *("pre_experiment.tsv", "history.tsv", "model.safetensors", "model.json", "predictions.tsv"),
    *("attention.tsv", "attention.npz"),
    *("combin.tsv", "combin.json", "combin.safetensors", "combin_history.tsv"),
)
MODEL_FILES = (
    *("clinical_variables.json", "models.json", "predictions.tsv", "performance.tsv"),
    *("comparisons.tsv", "optimism.tsv", "roc.tsv", "auc_over_time.tsv", "calibration.tsv"),
    *("decision_curve.tsv", "delong.tsv"),
)

_NO_IMAGES = "made from images, and this run starts from a ready table of features"


def figures(config: dict[str, Any], columns: frozenset[str]) -> list[str]:
    """Return the names of the figures that this configuration and sheet can give.

    Parameters
    ----------
    config : dict
        The checked configuration.
    columns : frozenset of str
        Columns of the table of patients that hold values.

    Returns
    -------
    list of str
    """
    found = models(config)
    return [
        name
        for name, (figure, model) in FIGURE_FILES.items()
        if not _why_not(figure, config, columns) and (not model or model in found)
    ]


def left_out(config: dict[str, Any], columns: frozenset[str]) -> dict[str, str]:
    """Return the figures and models that a run cannot give, each with its reason.

    Parameters
    ----------
    config, columns
        As for `figures`.

    Returns
    -------
    dict
        ``{title: reason}``.
    """
    reasons = {}
    if starts_from_features(config):
        lost = [model.label for name, model in MODELS.items() if name not in models(config)]
        reasons = dict.fromkeys([*lost, "Pictures of images and masks"], _NO_IMAGES)
    for figure in FIGURES.values():
        if reason := _why_not(figure, config, columns):
            reasons[figure.title] = reason
    return reasons


def _why_not(figure: Figure, config: dict[str, Any], columns: frozenset[str]) -> str:
    """Return why a run cannot give a figure, nothing if it can."""
    if figure.needs == "images" and starts_from_features(config):
        return _NO_IMAGES
    if figure.needs == "lasso" and config["radscore"]["family"] == "published":
        return "the Radscore's coefficients are the published ones: no LASSO was fitted"
    scores = [SCORES[name] for name in figure.needs_scores]
    if not scores or any(score.is_known_from(columns) for score in scores):
        return ""
    if len(scores) == 1:
        (score,) = scores
        return (
            f"the table of patients has neither {score.column} nor {listed(score.parts)} to "
            "derive it from"
        )
    return (
        f"the table of patients has no column that any of "
        f"{listed([score.label for score in scores])} could be taken or derived from"
    )


def models(config: dict[str, Any]) -> list[str]:
    """Return the names of the models that a configuration can give."""
    has_images = not starts_from_features(config)
    return [name for name, model in MODELS.items() if has_images or not model.needs_images]


def final_cox_model(config: dict[str, Any]) -> str:
    """Return the name of the last Cox model with clinical variables that the run has."""
    return [name for name in models(config) if name in CLINICAL_COX][-1]


def backbone_file(config: dict[str, Any]) -> list[str]:
    """Return the user's own file of network weights, if there is one."""
    backbone = config["dlopctr"]["backbone"]
    return [] if backbone in ("random", "imagenet") else [backbone]


def starts_from_features(config: dict[str, Any]) -> bool:
    """Say whether a ready table of features takes the place of images."""
    return config["tables"]["features"] is not None


def study_files(
    config: dict[str, Any], columns: frozenset[str], readings: tuple[str, ...]
) -> list[str]:
    """Return what a run leaves of the study as a whole, relative to the run's folder.

    With `patient_files` and `bucket_files` it is what docs/results.md promises: what is deleted of
    it is made again, be it needed by anything else or not.

    Parameters
    ----------
    config, columns
        As for `figures`.
    readings : tuple of str
        As ``reader1-1``.

    Returns
    -------
    list of str
    """
    names = ["report.html", "provenance.json", "radiomics/icc.tsv", "private/candidates.tsv"]
    names += [f"radiomics/{reading}.parquet" for reading in readings]
    names += [f"cohort/{name}.tsv" for name in COHORT]
    names += [f"survival/{name}" for name in MODEL_FILES]
    names += ["radscore/model.json", "radscore/scores.tsv"]
    if config["radscore"]["family"] != "published":
        names += [f"radscore/{name}.tsv" for name in OF_LASSO]
    if not starts_from_features(config):
        names += ["cohort/quality.tsv", "qc/contact_sheet"]
        names += [f"dlopctr/{name}" for name in OF_NETWORK]
        names += [f"dlopctr/tuned/{fit}" for fit in _tuned(config)]
    kinds = ("svg", "pdf", "png")
    names += [f"figures/{name}.{kind}" for name in figures(config, columns) for kind in kinds]
    kinds = ("tsv", "html", "docx")
    names += [f"tables/{name}.{kind}" for name in TABLES for kind in kinds]
    return names


def patient_files(config: dict[str, Any]) -> tuple[str, ...]:
    """Return what a run leaves of each included patient, as patterns of ``{patient}``."""
    return () if starts_from_features(config) else OF_PATIENTS


def bucket_files(config: dict[str, Any]) -> list[str]:
    """Return what a run leaves of each bucket of patients, as patterns of ``{bucket}``."""
    if starts_from_features(config):
        return []
    kept = ["dlopctr/stage_inputs/{bucket}.safetensors"] if _tuned(config) else []
    return ["dlopctr/embeddings/{bucket}.parquet", *kept]


def _tuned(config: dict[str, Any]) -> list[str]:
    """Return the files of the last stage as each fit tuned it, if the run tunes it."""
    if config["dlopctr"]["unfreeze"] != "layer4":
        return []
    fits = ["final", *(f"fold{number}" for number in range(1, config["dlopctr"]["folds"] + 1))]
    return [f"{fit}.{kind}" for fit in fits for kind in ("safetensors", "json", "parquet")]
