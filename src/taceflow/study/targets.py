"""The files that a run leaves, and what it leaves out with the reason."""

from typing import Any

from taceflow.cohort.scores import SCORES
from taceflow.study.models import CLINICAL_COX, MODELS
from taceflow.wording.messages import listed

OF_IMAGES = (
    *(model.name for model in MODELS.values() if model.is_of_images),
    "dlopctr_history",
    "dlopctr_attention",
    "pre_experiment",
    "contact_sheet",
    "feature_reproducibility",
)
"""What no run without images has."""

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

TABLES = ("table_1", "table_s1", "table_s2", "logistic", "beside_paper", "checklist")
"""The manuscript's tables."""


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
    names = [
        "figure_s1",
        "feature_reproducibility",
        "figure_s2a",
        "figure_s2b",
        "figure_s2c",
        "figure_s2d",
        "selection_frequency",
        "figure_s3",
    ]
    for kind in ("km", "roc", "calibration"):
        names += [f"{kind}_{model}" for model in MODELS]
    names += ["established_scores", "auc_over_time", "decision_curve", "forest", "nomogram"]
    names += ["pre_experiment", "dlopctr_history", "dlopctr_attention"]
    missing = left_out(config, columns)
    return [name for name in names if not {name, name.partition("_")[2]} & set(missing)]


def left_out(config: dict[str, Any], columns: frozenset[str]) -> dict[str, str]:
    """Return the figures and models that a run cannot give, each with its reason.

    Parameters
    ----------
    config, columns
        As for `figures`.

    Returns
    -------
    dict
        ``{name: reason}``.
    """
    reasons = {}
    if starts_from_features(config):
        reason = "made from images, and this run starts from a ready table of features"
        reasons |= dict.fromkeys(OF_IMAGES, reason)
    if config["radscore"]["family"] == "published":
        reason = "the Radscore's coefficients are the published ones: no LASSO was fitted"
        reasons |= dict.fromkeys(("figure_s2b", "figure_s2c", "selection_frequency"), reason)
    bclc_b = SCORES["bclc_b"]
    if not bclc_b.is_known_from(columns):
        reasons["figure_s3"] = (
            f"the table of patients has neither {bclc_b.column} nor {listed(bclc_b.parts)} to "
            "derive it from"
        )
    others = [score for score in SCORES.values() if score is not bclc_b]
    if not any(score.is_known_from(columns) for score in others):
        reasons["established_scores"] = (
            "the table of patients has no column that any of "
            f"{listed([score.label for score in others])} could be taken or derived from"
        )
    return reasons


def final_cox_model(config: dict[str, Any]) -> str:
    """Return the name of the last Cox model with clinical variables that the run has."""
    missing = OF_IMAGES if starts_from_features(config) else ()
    return [name for name in CLINICAL_COX if name not in missing][-1]


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
