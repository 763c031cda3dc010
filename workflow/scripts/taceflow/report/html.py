"""The report of a run: one HTML file that needs no network and no program but a browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from taceflow.report import summary
from taceflow.report.at_horizon import printed_delong
from taceflow.report.documents import PrintedTable, html_fragment
from taceflow.report.manuscript import coefficient, formula, printed_table
from taceflow.report.names import model_name
from taceflow.report.pictures import embedded, svg_width_mm, thumbnail
from taceflow.report.printing import p_statement
from taceflow.report.quality import flagged_table
from taceflow.report.warnings import banners
from taceflow.survival.models.names import MODELS
from taceflow.tables import atomic_path, read_json, read_table
from taceflow.targets import TABLES

TITLES = {
    "figure_s1": "Figure S1",
    "feature_reproducibility": "Reproducibility of features",
    "figure_s2a": "Figure S2 A",
    "figure_s2b": "Figure S2 B",
    "figure_s2c": "Figure S2 C",
    "figure_s2d": "Figure S2 D",
    "selection_frequency": "Selection frequency",
    "figure_s3": "Figure S3",
    "km": "Survival by risk group",
    "established_scores": "Survival by established score",
    "roc": "ROC",
    "auc_over_time": "AUC over time",
    "calibration": "Calibration",
    "decision_curve": "Decision curves",
    "forest": "Forest plot",
    "nomogram": "Nomogram",
    "pre_experiment": "Pre-experiment",
    "network_history": "Training of DLOP-CTR",
    "network_attention": "What DLOP-CTR looks at",
    "contact_sheet": "Pictures of images and masks",
}
"""Titles of the figures, in the report's order; a model's name comes behind."""

CONTACT_SHEET_PX = 1736
"""A page of the contact sheet at its full width: its text must be read."""

PICTURE_PX = 540
"""Half of a patient's picture, in which contours are seen; numbers stand in the table."""

_TRAINING_ONLY = frozenset(
    {
        "feature_reproducibility",
        "figure_s2b",
        "figure_s2c",
        "selection_frequency",
        "forest",
        "pre_experiment",
        "network_history",
        "nomogram",
    }
)


@dataclass(frozen=True)
class ReportFigure:
    """A figure in the report.

    Attributes
    ----------
    name, title, caption : str
        File name without suffix, title, and what it shows with the patients behind it.
    source : str
        The picture as a data URI.
    width_mm : float
        Its width in print.
    """

    name: str
    title: str
    caption: str
    source: str
    width_mm: float


def write_report(
    *,
    template: str,
    captions: Sequence[str],
    figures: Sequence[str],
    left_out: Mapping[str, str],
    quality_pictures: Sequence[str],
    contact_sheet: str | None,
    tables: Mapping[str, str],
    descriptions: Mapping[str, str],
    config: Mapping[str, Any],
    is_synthetic: bool,
    total: int,
    output: str,
) -> None:
    """Write the report.

    Parameters
    ----------
    template : str
        The Jinja template.
    captions : sequence of str
        ``<figure>.rst`` files; a figure of a model has the kind's, e.g. ``km.rst``.
    figures : sequence of str
        SVG files.
    left_out : mapping of str to str
        Figures and models that this run cannot give, with the reason.
    quality_pictures : sequence of str
        One picture a patient, named by the patient.
    contact_sheet : str or None
        Folder with the pages of thumbnails; None if the study has no images.
    tables : mapping of str to str
        Tables: ``patients``, ``exclusions``, ``quality``, ``icc``, ``performance``,
        ``comparisons``, ``optimism``, ``pre_experiment``, ``table_1``, ``table_s1``, ``table_s2``,
        ``logistic``, ``delong``, ``beside_paper``, ``checklist``; without images neither
        ``quality`` nor ``pre_experiment``.
    descriptions : mapping of str to str
        JSON files: ``radscore``, ``network``, ``backbone``, ``models``, ``provenance``; without
        images neither ``network`` nor ``backbone``.
    config : mapping
        The checked configuration.
    is_synthetic : bool
        Whether the workflow made the patients itself.
    total : int
        Patients of the sheet.
    output : str
        File to write.
    """
    frames = {name: read_table(path) for name, path in tables.items()}
    described = {name: read_json(path) for name, path in descriptions.items()}
    patients = frames["patients"]
    texts = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in captions}
    page = render_report(
        Path(template).read_text(encoding="utf-8"),
        run=config["run"],
        total=total,
        patients=patients,
        banners=banners(config, patients, described["radscore"], is_synthetic=is_synthetic),
        figures=_figures(figures, texts, patients, total),
        left_out={_title(name): reason for name, reason in left_out.items()},
        contact_sheet=_pages(contact_sheet),
        quality_pictures=_quality_pictures(quality_pictures, frames.get("quality")),
        tables=_tables(frames, described, config),
        formula=formula(described["radscore"]),
        described=described,
        config=config,
    )
    with atomic_path(output) as temporary:
        temporary.write_text(page, encoding="utf-8")


def render_report(template: str, **content: Any) -> str:
    """Fill the template; a name that it asks for and does not get is an error."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(**content)


def kind_and_model(name: str) -> tuple[str, str]:
    """Return the kind of a figure and its model, empty if it belongs to none.

    >>> kind_and_model("km_dlop_cox")
    ('km', 'dlop_cox')
    """
    kind, _, model = name.partition("_")
    return (kind, model) if model in MODELS else (name, "")


def _title(name: str) -> str:
    kind, model = kind_and_model(name)
    title = TITLES.get(kind, model_name(kind))
    return f"{title}, {model_name(model)}" if model else title


def _figures(
    paths: Sequence[str], captions: Mapping[str, str], patients: pd.DataFrame, total: int
) -> dict[str, ReportFigure]:
    names = {Path(path).stem: path for path in paths}
    kinds, models = list(TITLES), ["", *MODELS]

    def place(name: str) -> tuple[int, int]:
        kind, model = kind_and_model(name)
        return kinds.index(kind), models.index(model)

    figures = {}
    for name in sorted(names, key=place):
        kind, model = kind_and_model(name)
        caption = _caption(captions.get(kind, ""), model)
        rows = patients[patients["cohort"] == "training"] if kind in _TRAINING_ONLY else patients
        behind = f"n = {len(rows)}, deaths {int(rows['event'].sum())}"
        if kind == "figure_s1":
            behind = f"{total} in the sheet; {behind}"
        figures[name] = ReportFigure(
            name,
            _title(name),
            f"{caption} ({behind})",
            embedded(names[name]),
            svg_width_mm(names[name]),
        )
    return figures


def _pages(contact_sheet: str | None) -> list[str]:
    """Return the pages of thumbnails as data URIs."""
    paths = sorted(Path(contact_sheet).glob("page_*.png")) if contact_sheet else []
    return [thumbnail(str(path), CONTACT_SHEET_PX) for path in paths]


def _quality_pictures(
    paths: Sequence[str], quality: pd.DataFrame | None
) -> dict[str, tuple[str, str]]:
    """Return each patient's picture with its findings, in the order of the table."""
    if quality is None:
        return {}
    pictures = {Path(path).stem: path for path in paths}
    findings = zip(quality["patient_id"], quality["findings"].fillna(""), strict=True)
    return {
        patient: (thumbnail(pictures[patient], PICTURE_PX), text)
        for patient, text in findings
        if patient in pictures
    }


def _caption(text: str, model: str) -> str:
    """Fill a caption as Snakemake's own report would, with the model's name in print."""
    wildcards = SimpleNamespace(model=model_name(model))
    snakemake = SimpleNamespace(wildcards=wildcards)
    return Environment(autoescape=False).from_string(text).render(snakemake=snakemake).strip()


def _tables(
    frames: Mapping[str, pd.DataFrame],
    described: Mapping[str, Mapping[str, Any]],
    config: Mapping[str, Any],
) -> dict[str, Markup]:
    printed: dict[str, PrintedTable] = {
        "cohorts": summary.cohort_table(frames["patients"]),
        "exclusions": summary.exclusions_table(frames["exclusions"]),
        "reproducibility": summary.reproducibility_table(frames["icc"]),
        "radscore": _radscore_settings(described["radscore"]),
        "models": summary.models_table(described["models"]),
        "performance": summary.performance_table(frames["performance"]),
        "comparisons": summary.comparisons_table(frames["comparisons"]),
        "optimism": summary.optimism_table(frames["optimism"]),
        "provenance": _provenance(described["provenance"]),
    }
    if "network" in described:
        settings = _network_settings(described["network"], described["backbone"])
        tried = "Pre-experiment, cross-validated by patient"
        printed |= {
            "quality": flagged_table(frames["quality"]),
            "network": settings,
            "pre_experiment": summary.plain_table(tried, frames["pre_experiment"]),
        }
    printed["delong"] = printed_delong(frames["delong"])
    for name in TABLES:
        printed[name] = printed_table(frames[name], name)
    return {name: Markup(html_fragment(table)) for name, table in printed.items()}


def _radscore_settings(model: Mapping[str, Any]) -> PrintedTable:
    content = {
        "Family": model["family"],
        "Penalty": model["choose"] or "none",
        "λ": coefficient(model["lambda"]) if model["lambda"] is not None else "none",
        "Candidates": model["candidates"],
        "Features selected": len(model["coefficients"]),
        "Training patients (deaths)": f"{model['n']} ({model['events']})",
        "Cut-off": _cut_off(model),
    }
    return summary.settings_table("Radscore", content)


def _cut_off(model: Mapping[str, Any]) -> str:
    text = coefficient(model["cut_off"])
    if model["cut_off_method"] == "median":
        return f"{text} (median of the training patients)"
    return f"{text} (largest log-rank statistic, corrected {p_statement(model['cut_off_p'])})"


def _network_settings(network: Mapping[str, Any], backbone: Mapping[str, Any]) -> PrintedTable:
    settings = network["settings"]
    kept = [epoch for name, epoch in network["kept_epochs"].items() if name.endswith(".final")]
    content = {
        "Convolutions": f"{backbone['architecture']}, {backbone['source']} weights, frozen",
        "SHA-256 of the weights": backbone["sha256"],
        "Training patients (deaths)": f"{network['n']} ({network['events']})",
        "Images": network.get("images", ""),
        "Intervals": len(network["breaks_months"]) - 1,
        "Breaks, months": ", ".join(f"{value:.1f}" for value in network["breaks_months"]),
        "Horizon of DLOP-CTR, months": f"{network['horizon_months']:.1f}",
        "Protocol, head, seeds": "{protocol}, {head}, {seeds}".format(**settings),
        "Stopping on": settings["stop_on"],
        "Weights kept by": f"lowest {settings['keep_weights']} loss",
        "Epoch kept, each seed": ", ".join(map(str, kept)),
    }
    return summary.settings_table("DLOP-CTR", content)


def _provenance(provenance: Mapping[str, Any]) -> PrintedTable:
    content = {
        "Run": provenance["run"],
        "Patients (deaths)": f"{provenance['n']} ({provenance['events']})",
        "SHA-256 of the configuration": provenance["configuration_sha256"],
        "SHA-256 of the workflow's code": provenance["code_sha256"],
        "Python": provenance["python"],
        "Platform": provenance["platform"],
        **provenance["packages_locked"],
    }
    return summary.settings_table("Provenance", content)
