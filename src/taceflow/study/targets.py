"""The files that a run leaves."""

from typing import Any

from taceflow.readings import MAIN_READING
from taceflow.study.figures import FIGURE_FILES
from taceflow.study.left_out import figures
from taceflow.study.plan import StudyPlan
from taceflow.study.sources import starts_from_features
from taceflow.study.tables import TABLES

COHORT = ("patients", "members", "exclusions", "readings", "acquisition", "series")
OF_PATIENTS = (
    *("import_patient", "resample", "quality_picture", "patch", "embed", "extract_features"),
)
OF_QUALITY = ("cohort/quality.tsv", "qc/contact_sheet", "qc/index.html", "cohort/reviewed.tsv")
OF_LASSO = ("folds", "path", "cv", "selection_frequency", "resamples")
OF_HARMONISED = ("batches.tsv", "harmonised.parquet", "harmonisation.json")
OF_NETWORK = (
    *("backbone.safetensors", "backbone.json", "embeddings.parquet", "breaks.json", "splits.tsv"),
    *("pre_experiment.tsv", "history.tsv", "model.safetensors", "model.json", "predictions.tsv"),
    *("attention.tsv", "attention.npz"),
    *("combin.tsv", "combin.json", "combin.safetensors", "combin_history.tsv"),
)
OF_BUNDLE = ("ranges.tsv", "card.md", "card.html", "bundle.zip", "bundle")
OF_VALIDATION = (
    *("performance.tsv", "comparisons.tsv", "roc.tsv", "auc_over_time.tsv", "calibration.tsv"),
    *("decision_curve.tsv", "delong.tsv", "recalibration.tsv", "recalibration_groups.tsv"),
    "recalibrated_models.json",
)
_OF_MODELS = ("auc_over_time", "roc", "calibration", "km", "decision_curve")
MODEL_FILES = (
    *("clinical_variables.json", "models.json", "predictions.tsv", "performance.tsv"),
    *("comparisons.tsv", "optimism.tsv", "roc.tsv", "auc_over_time.tsv", "calibration.tsv"),
    *("decision_curve.tsv", "delong.tsv"),
)


def backbone_file(config: dict[str, Any]) -> list[str]:
    """Return the user's own file of network weights, if there is one."""
    backbone = config["dlopctr"]["backbone"]
    return [] if backbone in ("random", "imagenet") else [backbone]


def run_files(config: dict[str, Any], study: StudyPlan) -> list[str]:
    """Return what a run leaves of all patients together, relative to the run's folder.

    Parameters
    ----------
    config : dict
        The checked configuration.
    study : StudyPlan
    """
    if study.is_fitted:
        return study_files(config, study.columns, study.index.readings)
    names = [f"cohort/{name}.tsv" for name in COHORT]
    names += [f"model/opened/{name}" for name in study.model.names]
    names += [f"application/{name}.tsv" for name in ("range", "verdicts", "models")]
    names += ["application/index.html"]
    names += ["radscore/scores.tsv", "survival/predictions.tsv", "private/candidates.tsv"]
    names += [f"radiomics/{MAIN_READING}.parquet"]
    if config["radiomics"]["harmonise"]["by"] is not None:
        names += ["radscore/batches.tsv", "radscore/harmonised.parquet"]
    if study.has_images:
        names += [*OF_QUALITY, "dlopctr/embeddings.parquet"]
    if study.is_validated:
        names += ["report.html", "application/case_mix.tsv"]
        names += [f"survival/{name}" for name in OF_VALIDATION]
        drawn = validation_figures(study)
        names += [f"figures/{name}.{kind}" for name in drawn for kind in figure_kinds(config)]
    return names


def figure_kinds(config: dict[str, Any]) -> tuple[str, ...]:
    """Return the suffixes under which a figure is written."""
    return ("svg", "pdf", "png", "tiff") if config["figures"]["tiff"] else ("svg", "pdf", "png")


def validation_figures(study: StudyPlan) -> list[str]:
    """Return the names of the figures that say what a bundle's models are worth elsewhere."""
    found = {name for name, reason in study.unserved.items() if not reason}
    return [
        name
        for name, (figure, model) in FIGURE_FILES.items()
        if figure.name in _OF_MODELS and (not model or model in found)
    ]


def study_files(
    config: dict[str, Any], columns: frozenset[str], readings: tuple[str, ...]
) -> list[str]:
    """Return what a run leaves of the study as a whole, relative to the run's folder.

    With `patient_stages` it is what docs/results.md promises: what is deleted of
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
    names += ["manuscript/text.html", "manuscript/text.docx"]
    names += [f"model/{name}" for name in OF_BUNDLE]
    if config["radscore"]["family"] != "published":
        names += [f"radscore/{name}.tsv" for name in OF_LASSO]
    if config["radiomics"]["harmonise"]["by"] is not None:
        names += [f"radscore/{name}" for name in OF_HARMONISED]
    if not starts_from_features(config):
        names += OF_QUALITY
        names += [f"dlopctr/{name}" for name in OF_NETWORK]
    kinds = figure_kinds(config)
    names += [f"figures/{name}.{kind}" for name in figures(config, columns) for kind in kinds]
    kinds = ("tsv", "html", "docx")
    names += [f"tables/{name}.{kind}" for name in TABLES for kind in kinds]
    return names


def patient_stages(config: dict[str, Any]) -> tuple[str, ...]:
    """Return the stages whose files a run leaves of each included patient."""
    of_images = () if starts_from_features(config) else OF_PATIENTS
    return of_images + (("patient_page",) if config["model"] else ())
