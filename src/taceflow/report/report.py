"""The report of a run: one HTML file that needs no network and no program but a browser."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, read_table
from taceflow.report import performance, result, settings, summary
from taceflow.report.doubts import doubts
from taceflow.report.figures import report_figures
from taceflow.report.html import html_fragment
from taceflow.report.manuscript import as_printed, formula
from taceflow.report.methods import methods, reproducibility
from taceflow.report.model_card import as_html, sections_of_its_own
from taceflow.report.pictures import thumbnail
from taceflow.report.references import cited, uncited
from taceflow.report.warnings import banners
from taceflow.study.tables import TABLES
from taceflow.wording.counts import counted
from taceflow.wording.decimal_mark import MARKS, html_with_mark
from taceflow.wording.names import labels_from
from taceflow.wording.printed_table import PrintedTable

CONTACT_SHEET_PX = 1736
"""A page of the contact sheet at its full width: its text must be read."""

PICTURE_PX = 540
"""Half of a patient's picture, in which contours are seen; numbers stand in the table."""

MOST_PICTURES = 60
"""With more of them the page of 300 patients would have 20 MB in place of 11."""

_SETTINGS = ("radscore", "network", "provenance")
"""Tables of names and values, whose heads are empty."""


def write_report(
    *,
    template: str,
    captions: Sequence[str],
    figures: Sequence[str],
    quality_pictures: Sequence[str],
    contact_sheet: str | None,
    tables: Mapping[str, str],
    descriptions: Mapping[str, str],
    config: Mapping[str, Any],
    study: Mapping[str, Any],
    output: str,
) -> None:
    """Write the report.

    Parameters
    ----------
    template : str
        The Jinja template.
    captions : sequence of str
        ``<figure>.rst`` files.
    figures : sequence of str
        SVG files.
    quality_pictures : sequence of str
        One picture a patient, named by the patient.
    contact_sheet : str or None
        Folder with the pages of thumbnails; None if the study has no images.
    tables : mapping of str to str
        Tables: ``patients``, ``exclusions``, ``quality``, ``reviewed``, ``icc``, ``scores``,
        ``frequency`` (none if no LASSO was fitted), ``predictions``, ``performance``,
        ``comparisons``, ``optimism``, ``pre_experiment``, ``delong``, ``ranges`` (of the training
        patients), and the manuscript's; without images no ``quality``, ``reviewed``,
        ``pre_experiment``; with harmonised features ``batches``.
    descriptions : mapping of str to str
        JSON files: ``radscore``, ``network``, ``backbone``, ``models``, ``provenance``; without
        images neither ``network`` nor ``backbone``.
    config : mapping
        The checked configuration.
    study : mapping
        ``is_synthetic``: whether the workflow made the patients itself; ``total``: patients of the
        sheet; ``left_out``: titles of what this run cannot give, with the reasons;
        ``ready_notes``: what is to be said of a ready table of features.
    output : str
        File to write.
    """
    frames = {name: read_table(path) for name, path in tables.items()}
    decimal_mark = config["figures"]["decimal_mark"]
    described = {name: read_json(path) for name, path in descriptions.items()}
    patients = frames["patients"]
    texts = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in captions}
    said, works = cited(methods(config, described, frames["icc"]))
    page = render_report(
        Path(template).read_text(encoding="utf-8"),
        run=config["run"],
        title=config["title"] or "Overall survival",
        total=study["total"],
        patients=patients,
        banners=[
            *banners(
                config,
                patients,
                described["radscore"],
                is_synthetic=study["is_synthetic"],
                notes=study["ready_notes"],
            ),
            *doubts(frames, described["radscore"]),
        ],
        figures=report_figures(figures, texts, patients, study["total"]),
        left_out=study["left_out"],
        contact_sheet=_pages(contact_sheet),
        quality_pictures=_quality_pictures(quality_pictures, frames.get("quality")),
        review=summary.review_text(frames["reviewed"]) if "reviewed" in frames else "",
        tables=_tables(frames, described, config),
        manuscript=_manuscript(frames),
        formula=formula(described["radscore"]),
        methods=said,
        references=works,
        headline=result.headline(frames["performance"], frames["optimism"]),
        reproducibility=uncited(reproducibility(config, frames["icc"])),
        card=Markup(as_html(sections_of_its_own(frames["ranges"], described, config), level=3)),
        described=described,
        config=config,
        decimal_mark=MARKS[decimal_mark],
    )
    page = html_with_mark(page, decimal_mark)
    with atomic_path(output) as temporary:
        temporary.write_text(page, encoding="utf-8")


def render_report(template: str, **content: Any) -> str:
    """Fill the template; a name that it asks for and does not get is an error."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["counted"] = counted
    return environment.from_string(template).render(**content)


def _pages(contact_sheet: str | None) -> list[str]:
    """Return the pages of thumbnails as data URIs."""
    paths = sorted(Path(contact_sheet).glob("page_*.png")) if contact_sheet else []
    return [thumbnail(str(path), CONTACT_SHEET_PX, output=contact_sheet) for path in paths]


def _quality_pictures(
    paths: Sequence[str], quality: pd.DataFrame | None
) -> dict[str, tuple[str, str]]:
    """Return the pictures with their findings, in the order of the table: of the first patients."""
    if quality is None:
        return {}
    pictures = {Path(path).stem: path for path in paths}
    findings = zip(quality["patient_id"], quality["findings"].fillna(""), strict=True)
    drawn = [(patient, text) for patient, text in findings if patient in pictures]
    return {
        patient: (thumbnail(pictures[patient], PICTURE_PX), text)
        for patient, text in drawn[:MOST_PICTURES]
    }


def _tables(
    frames: Mapping[str, pd.DataFrame],
    described: Mapping[str, Mapping[str, Any]],
    config: Mapping[str, Any],
) -> dict[str, Markup]:
    labels = labels_from(config["survival"]["variables"])
    printed: dict[str, PrintedTable] = {
        "result": result.result_table(frames["performance"], frames["optimism"]),
        "cohorts": summary.cohort_table(frames["patients"]),
        "exclusions": summary.exclusions_table(frames["exclusions"]),
        "reproducibility": summary.reproducibility_table(frames["icc"]),
        "radscore": settings.radscore_settings(described["radscore"]),
        "models": settings.models_table(described["models"], labels),
        "performance": performance.performance_table(frames["performance"]),
        "comparisons": performance.comparisons_table(frames["comparisons"]),
        "optimism": performance.optimism_table(frames["optimism"]),
        "provenance": settings.provenance_settings(described["provenance"]),
    }
    if "network" in described:
        network = settings.network_settings(described["network"], described["backbone"])
        printed |= {
            "quality": summary.flagged_table(frames["quality"]),
            "network": network,
            "pre_experiment": settings.grid_table(frames["pre_experiment"], described["network"]),
        }
    printed["delong"] = performance.delong_table(frames["delong"])
    kinds = dict.fromkeys(_SETTINGS, "settings")
    return {
        name: Markup(html_fragment(table, kinds.get(name, ""))) for name, table in printed.items()
    }


def _manuscript(frames: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, Markup]]:
    """Return the manuscript's tables by section."""
    found: dict[str, dict[str, Markup]] = {}
    for name, table in TABLES.items():
        printed = html_fragment(as_printed(frames[name], name))
        found.setdefault(table.section, {})[name] = Markup(printed)
    return found
