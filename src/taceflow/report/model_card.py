"""The model card: what a fitted study is for, whom it knows, how good it is; without patients.

Its headings follow TRIPOD+AI (Collins et al., BMJ 2024;385:e078378) where that asks for them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from taceflow.bundle.without_patients import (
    FEWEST_PATIENTS,
    backbone_description,
    told_performance,
)
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, read_table
from taceflow.models import MODELS
from taceflow.report.doubts import doubts
from taceflow.report.html import html_fragment, html_page
from taceflow.report.manuscript import formula
from taceflow.report.methods import STUDY, methods
from taceflow.report.performance import performance_table
from taceflow.report.references import uncited
from taceflow.report.warnings import banners
from taceflow.survival.minimum_counts import FEWEST
from taceflow.version import VERSION
from taceflow.wording.intended_use import NO_DECISION, RESEARCH
from taceflow.wording.names import (
    COHORTS,
    MODEL_NAMES,
    cohort_name,
    has_yes_no_levels,
    in_order,
    labels_from,
    level_name,
    model_name,
)
from taceflow.wording.printed_table import Line, PrintedTable, part_head
from taceflow.wording.printing import EN_DASH, as_text, typographic

_KINDS = {
    "image": "Images and masks",
    "clinical": "Clinical variables",
    "feature": "Features of the Radscore",
    "risk": "What the models say (higher is worse)",
}
"""Of the rows of the training ranges, in the card's order."""

_PARTS = {"clinical": "clinical variables", "radscore": "Radscore", "images": "CT and mask"}


@dataclass(frozen=True)
class Section:
    """A part of the card.

    Attributes
    ----------
    heading : str
    paragraphs : tuple of str
    points : tuple of str
        A list below them.
    tables : tuple of PrintedTable
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[PrintedTable, ...] = ()


def write_model_card(
    *,
    tables: Mapping[str, str],
    descriptions: Mapping[str, str],
    config: Mapping[str, Any],
    is_synthetic: bool,
    markdown: str,
    html: str,
) -> None:
    """Write the card of a run.

    Parameters
    ----------
    tables : mapping of str to str
        ``patients``, ``icc``, ``performance``, ``predictions``, ``ranges``, and ``frequency`` if a
        LASSO was fitted.
    descriptions : mapping of str to str
        JSON files: ``radscore``, ``models``; with images ``network`` and ``backbone``.
    config : mapping
        The checked configuration.
    is_synthetic : bool
        Whether the workflow made the patients itself.
    markdown, html : str
        To be written.
    """
    frames = {name: read_table(path) for name, path in tables.items()}
    described = {name: read_json(path) for name, path in descriptions.items()}
    sections = card_sections(frames, described, config, is_synthetic=is_synthetic)
    title = f"Model card: {config['title'] or 'overall survival'} ({config['run']})"
    for path, text in (
        (markdown, _as_markdown(title, sections)),
        (html, html_page(title, f"<h1>{escape(title)}</h1>\n{as_html(sections)}")),
    ):
        with atomic_path(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def card_sections(
    frames: Mapping[str, pd.DataFrame],
    described: Mapping[str, Mapping[str, Any]],
    config: Mapping[str, Any],
    *,
    is_synthetic: bool,
) -> list[Section]:
    """Return the parts of the card.

    Parameters
    ----------
    frames, described, config, is_synthetic
        What the files of `write_model_card` hold.

    Returns
    -------
    list of Section
        Without ids, and without numbers of single patients.
    """
    patients = frames["patients"]
    performance = told_performance(frames["performance"])
    # what it notes may speak of few patients
    described = {**described, "radscore": {**described["radscore"], "note": ""}}
    if "backbone" in described:
        described = {**described, "backbone": backbone_description(described["backbone"])}
    horizons = ", ".join(f"{months:g}" for months in config["survival"]["horizons_months"])
    sizes = patients["cohort"].value_counts()
    counted = patients[patients["cohort"].map(sizes) >= FEWEST_PATIENTS]
    against = [
        # notes of a ready table speak of its rows
        *banners(config, counted, described["radscore"], is_synthetic=is_synthetic, notes=()),
        *doubts(
            {name: frames[name] for name in frames if name != "scores"}
            | {"performance": performance},
            described["radscore"],
        ),
    ]
    *purpose, ranges = sections_of_its_own(frames["ranges"], described, config)
    return [
        *purpose,
        Section(
            "Source of data and participants",
            (*config["citations"], "What the training patients were like stands below."),
            tables=(_cohorts_table(patients),),
        ),
        Section(
            "Outcome",
            (
                "Death of any cause, in months from the first TACE; patients alive are censored at "
                f"their last contact. Predicted are a risk and survival at {horizons} months.",
            ),
        ),
        ranges,
        Section(
            "How it was fitted",
            points=tuple(map(uncited, methods(config, described, frames["icc"]))),
        ),
        Section("Performance", tables=(performance_table(performance),)),
        Section("Limits", points=tuple(f"{one.title}. {one.text}" for one in against)),
        Section(
            "Version, licence and citation",
            (
                f"Made by taceflow {VERSION} (MIT licence). The licence of the data is that of "
                "their source; the licence of the fitted model is its makers' to name.",
                STUDY,
            ),
        ),
    ]


def sections_of_its_own(
    ranges: pd.DataFrame, described: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any]
) -> list[Section]:
    """Return the parts that the report has nowhere else: what the models are for, whom they know.

    Parameters
    ----------
    ranges : pandas.DataFrame
        ``model/ranges.tsv``.
    described, config
        As for `card_sections`.
    """
    phase = config["imaging"]["phase"]
    scan = "radiomic features"
    other = "Features of scans, outlines or settings of another kind than those of the training."
    if "network" in described:
        scan = f"the {phase} CT before it and the tumour's mask"
        other = f"Scans of another phase than the {phase} one, or without contrast."
    return [
        Section(
            "What it is",
            (
                "Models of overall survival after a first transarterial chemoembolisation (TACE) "
                f"of hepatocellular carcinoma, from {scan} and clinical variables. They are "
                "applied as they are, without being fitted again.",
                formula(described["radscore"]),
            ),
            tables=(_models_table(described["models"]),),
        ),
        Section(
            "Intended use",
            (RESEARCH,),
        ),
        Section(
            "What it must not be used for",
            points=(
                NO_DECISION,
                "Patients of another kind: another disease or treatment, treated before, children.",
                other,
                "Patients outside the ranges below: what is said of them is extrapolated.",
            ),
        ),
        Section(
            "Training ranges",
            (
                "Quantiles of the training patients, each halfway between two of them; empty "
                f"unless {FEWEST} lie beyond it or share it. Levels of at least {FEWEST} patients, "
                "with shares in tenths.",
            ),
            tables=(_ranges_table(ranges, config),),
        ),
    ]


def _models_table(models: Mapping[str, Mapping[str, Any]]) -> PrintedTable:
    lines = []
    for name in in_order(models, MODEL_NAMES):
        model = models[name]
        kind, parts = "Cox, one established score", ""
        if name in MODELS:
            kind = "Cox" if MODELS[name].kind == "cox" else "Network"
            parts = " and ".join(_PARTS[part] for part in MODELS[name].made_of)
        cells = (model_name(name), kind, parts, str(model["n"]), str(model["events"]))
        lines.append(Line(cells))
    heads = ("Model", "Kind", "Made of", "Patients", "Deaths")
    return PrintedTable("Models, fitted on training patients", heads, tuple(lines))


def _cohorts_table(patients: pd.DataFrame) -> PrintedTable:
    """Return patients and deaths; medians would be times of single patients."""
    lines = []
    for cohort in in_order(patients["cohort"], COHORTS):
        events = patients.loc[patients["cohort"] == cohort, "event"]
        counts = (f"<{FEWEST_PATIENTS}", "")
        if len(events) >= FEWEST_PATIENTS:
            counts = (str(len(events)), str(int(events.sum())))
        lines.append(Line((cohort_name(cohort), *counts)))
    return PrintedTable("Patients", ("Cohort", "Patients", "Deaths"), tuple(lines))


def _ranges_table(ranges: pd.DataFrame, config: Mapping[str, Any]) -> PrintedTable:
    labels = labels_from(config["survival"]["variables"])
    heads = ("", "Patients", "Median", "25 to 75%", "10 to 90%", "2.5 to 97.5%", "Levels: share")
    lines = []
    for kind, words in _KINDS.items():
        rows = ranges[ranges["kind"] == kind]
        if len(rows):
            lines.append(part_head(words, len(heads)))
        for row in rows.itertuples():
            name = labels.get(row.name, typographic(row.label)) if kind == "clinical" else row.label
            ends = ((row.q25, row.q75), (row.q10, row.q90), (row.q025, row.q975))
            cells = (three_digits(row.q50), *(from_to(*pair) for pair in ends), levels_told(row))
            lines.append(Line((name, str(row.n), *cells), indent=True))
    return PrintedTable("Training patients: predictors and predictions", heads, tuple(lines))


def levels_told(row: Any) -> str:
    """Return the levels of a row of the training ranges with their shares, none of a number."""
    levels = json.loads(as_text(row.levels) or "[]")
    if not levels:
        return ""
    yes_no = has_yes_no_levels(levels)
    named = [
        f"{level_name(row.name, level, yes_no=yes_no)}: {share:.1f}"
        for level, share in zip(levels, json.loads(row.shares), strict=True)
    ]
    return "; ".join([*named, *filter(None, [as_text(row.note)])])


def quartiles_told(row: Any) -> str:
    """Return median and quartiles of a row of the training ranges, as far as they are told."""
    ends = from_to(row.q25, row.q75)
    return f"{three_digits(row.q50)} ({ends})" if ends else three_digits(row.q50)


def from_to(lower: float, upper: float) -> str:
    """Return two ends in print, one if they are the same, none if one is not told."""
    if lower != lower or upper != upper:
        return ""
    if lower == upper:
        return three_digits(lower)
    joint = " to " if lower < 0 or upper < 0 else EN_DASH
    return f"{three_digits(lower)}{joint}{three_digits(upper)}"


def three_digits(value: float) -> str:
    """Return three digits of a number, whole ones below a million."""
    if value != value:
        return ""
    large = 1000 <= abs(value) < 1e6
    return typographic(f"{value:.0f}" if large else f"{value:.3g}")


def as_html(sections: Sequence[Section], level: int = 2) -> str:
    """Return the sections, headed by `level`, as HTML without a page around them."""
    parts = []
    for section in sections:
        parts.append(f"<h{level}>{escape(section.heading)}</h{level}>")
        parts += [f"<p>{escape(text)}</p>" for text in section.paragraphs]
        if section.points:
            points = "".join(f"<li>{escape(text)}</li>\n" for text in section.points)
            parts.append(f"<ul>\n{points}</ul>")
        parts += [html_fragment(table) for table in section.tables]
    return "\n".join(parts)


def _as_markdown(title: str, sections: Sequence[Section]) -> str:
    parts = [f"# {_plain(title)}"]
    for section in sections:
        parts.append(f"## {section.heading}")
        parts += map(_plain, section.paragraphs)
        if section.points:
            parts.append("\n".join(f"- {_plain(text)}" for text in section.points))
        parts += [_markdown_table(table) for table in section.tables]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: PrintedTable) -> str:
    if not table.lines:
        return f"**{table.title}:** {_plain(' '.join(table.notes)) or 'none'}"
    rows = [table.columns, ("---",) * len(table.columns)]
    for line in table.lines:
        first, *others = map(_plain, line.cells)
        rows.append((f"**{first}**" if line.part else first, *others))
    drawn = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    notes = "".join(f"\n\n{_plain(note)}" for note in table.notes)
    return f"**{table.title}**\n\n{drawn}{notes}"


def _plain(text: str) -> str:
    """Return a text in one line, in which nothing is markup."""
    line = escape(" ".join(text.split()), quote=False)
    line = re.sub(r"([\\`*\[\]|])", r"\\\1", line)
    return re.sub(r"^(?=[#\-+=_~]|\d+[.)] )", r"\\", line)
