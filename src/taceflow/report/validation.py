"""The report of an external validation: what a fitted study is worth in patients it never saw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.application.ranges import OUTSIDE
from taceflow.files.atomic import atomic_path
from taceflow.files.cells import as_numbers
from taceflow.files.tables import read_json, read_table
from taceflow.report import performance, summary
from taceflow.report.figures import ReportFigure, report_figures
from taceflow.report.html import html_fragment, html_page
from taceflow.report.model_card import from_to, levels_told, quartiles_told, three_digits
from taceflow.report.validation_result import (
    COHORTS,
    banners,
    beside_the_bundles,
    headline,
    result_table,
)
from taceflow.survival.evaluation.outcomes import followed
from taceflow.wording.counts import counted
from taceflow.wording.decimal_mark import html_with_mark
from taceflow.wording.intended_use import NO_DECISION
from taceflow.wording.names import (
    MODEL_NAMES,
    has_yes_no_levels,
    in_order,
    level_name,
    model_name,
    with_labels,
)
from taceflow.wording.printed_table import Footnotes, Line, PrintedTable, part_head
from taceflow.wording.printing import as_text, number, percent, typographic, with_interval

_KINDS = {"clinical": "Clinical variables", "image": "Images and masks", "feature": "Features"}

_SIDE_BY_SIDE = "display: grid; grid-template-columns: repeat(auto-fill, minmax(24em, 1fr))"

_METRICS = {
    "c_index": "Harrell's C",
    "calibration_slope": "Calibration slope",
    "o_e": "Observed over expected deaths",
    "brier": "Brier score",
    "brier_integrated": "Brier score, mean of the horizons",
}

_VERSIONS = {
    "original": "Original",
    "in_the_large": "In the large",
    "slope": "Slope",
    "both": "Both",
}

_PARTS = (
    ("Result", ("result",), ()),
    ("Figures of merit", ("performance", "comparisons"), ("discrimination",)),
    ("Calibration", (), ("calibration",)),
    ("Recalibrated on these patients", ("recalibration",), ()),
    ("Survival by the stored cut-off, and decision curves", (), ("survival",)),
    ("These patients beside those of the training", ("beside_training",), ()),
    ("Patients", ("cohorts", "exclusions"), ()),
    ("Models", ("applied",), ()),
)
"""Headings, with the tables and the sections of figures under each."""


def write_validation_report(
    *,
    captions: Sequence[str],
    figures: Sequence[str],
    tables: Mapping[str, str],
    manifest: str,
    run: str,
    total: int,
    decimal_mark: str,
    is_synthetic: bool,
    output: str,
) -> None:
    """Write the report of a run that applies a fitted study to patients with a follow-up.

    Parameters
    ----------
    captions, figures : sequence of str
        ``<figure>.rst`` files, and SVG files.
    tables : mapping of str to str
        ``patients``, ``exclusions``, ``ranges`` and ``verdicts`` (of ``application/``), ``models``
        (likewise), ``predictions``, ``performance``, ``comparisons``, ``recalibration``,
        ``case_mix``; of the bundle ``training`` (its ranges) and ``told`` (its figures of merit).
    manifest : str
        ``manifest.json`` of the bundle.
    run : str
        Name of this run.
    total : int
        Patients of the sheet.
    decimal_mark : str
        As `taceflow.wording.decimal_mark.with_mark`.
    is_synthetic : bool
        Whether the workflow made the patients itself.
    output : str
        File to write.
    """
    frames = {name: read_table(path) for name, path in tables.items()}
    frames["included"], frames["patients"] = frames["patients"], followed(frames["patients"])
    is_followed = frames["predictions"]["patient_id"].isin(frames["patients"]["patient_id"])
    frames["predictions"] = frames["predictions"][is_followed]
    about = read_json(manifest)
    texts = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in captions}
    drawn = report_figures(figures, texts, frames["patients"], total, is_applied=True)
    title = f"External validation of {about['title'] or about['name']} ({run})"
    printed = _tables(frames)
    parts = [f"<h1>{escape(title)}</h1>"]
    parts.append(f"<p>{escape(_lead(frames, about, total))}</p>")
    warned = "".join(
        f'<p class="banner"><strong>{escape(one.title)}.</strong> {escape(one.text)}</p>\n'
        for one in banners(frames, about, total, is_synthetic=is_synthetic)
    )
    before = {"Result": f'<p class="result">{escape(headline(frames, about))}</p>'}
    lead = "Before you believe it:" if warned else "Nothing speaks against it but its intervals."
    after = {"Result": f"<p>{lead}</p>\n{warned}<p>{escape(NO_DECISION)}</p>"}
    for heading, names, sections in _PARTS:
        parts.append(f"<h2>{escape(heading)}</h2>")
        parts.append(before.get(heading, ""))
        parts += [html_fragment(printed[name]) for name in names]
        parts.append(after.get(heading, ""))
        for section in sections:
            for pictures in drawn.get(section, {}).values():
                parts += [f'<div style="{_SIDE_BY_SIDE}">', *map(_figure, pictures), "</div>"]
    with atomic_path(output) as temporary:
        page = html_with_mark(html_page(title, "\n".join(parts)), decimal_mark)
        temporary.write_text(page, encoding="utf-8")


def _tables(frames: Mapping[str, pd.DataFrame]) -> dict[str, PrintedTable]:
    merits = performance.performance_table(beside_the_bundles(frames), COHORTS)
    not_told = "Empty: not told by the bundle, or not defined in these patients."
    return {
        "result": result_table(frames),
        "performance": replace(merits, notes=(*merits.notes[:1], not_told, *merits.notes[1:])),
        "comparisons": performance.comparisons_table(frames["comparisons"]),
        "cohorts": summary.cohort_table(frames["patients"]),
        "exclusions": summary.exclusions_table(frames["exclusions"]),
        "recalibration": recalibration_table(frames["recalibration"]),
        "beside_training": beside_training(
            frames["training"], frames["ranges"], frames["case_mix"]
        ),
        "applied": _applied(frames["models"], frames["training"]),
    }


def _lead(frames: Mapping[str, pd.DataFrame], about: Mapping[str, Any], total: int) -> str:
    """Say what was done, and to whom."""
    known, included = frames["patients"], len(frames["included"])
    return (
        f"The models of {about['title'] or about['name']}, fitted with taceflow "
        f"{about['taceflow']}, were applied as they are: nothing was fitted here, and cut-offs are "
        f"those of the training. {counted(total, 'patient')} in the sheet, {included} included, "
        f"{len(known)} of them followed ({counted(int(known['event'].sum()), 'death')})."
    )


def recalibration_table(recalibration: pd.DataFrame) -> PrintedTable:
    """Return each version of each model beside the original, a column a version.

    Parameters
    ----------
    recalibration : pandas.DataFrame
        ``survival/recalibration.tsv``.
    """
    lines, marks = [], Footnotes({})
    made = recalibration[recalibration["estimate"].notna()]["version"]
    versions = {one: words for one, words in _VERSIONS.items() if one in set(made)}
    for metric in in_order(recalibration["metric"], _METRICS):
        rows = recalibration[recalibration["metric"] == metric]
        for horizon, same in rows.groupby("horizon_months", dropna=False):
            at = "" if pd.isna(horizon) else f" at {horizon:g} months"
            lines.append(part_head(f"{_METRICS[metric]}{at}", 1 + len(versions)))
            table = same.set_index(["model", "version"])
            for model in in_order(same["model"], MODEL_NAMES):
                cells = [_of_version(table, model, version, marks) for version in versions]
                lines.append(Line((model_name(model), *cells), indent=True))
    notes = (
        "Estimate (95% CI), and behind a stroke the estimate corrected for optimism: the version "
        "was made on these patients. In the large: their baseline; slope: one coefficient on the "
        "stored predictor. n.d.: not defined.",
        *_not_made(versions),
        *marks.texts,
    )
    heads = ("", *versions.values())
    return PrintedTable("The original and its recalibrations", heads, tuple(lines), notes)


def _not_made(versions: Mapping[str, str]) -> Iterator[str]:
    """Yield which versions were made of no model, in place of columns of ``n.d.``."""
    left = [words for version, words in _VERSIONS.items() if version not in versions]
    if left:
        yield f"Made of no model: {', '.join(left).lower()}; survival/recalibration.tsv says why."


def _of_version(table: pd.DataFrame, model: str, version: str, marks: Footnotes) -> str:
    if (model, version) not in table.index:
        return ""
    row = table.loc[(model, version)]
    text = with_interval(row["estimate"], row["lower"], row["upper"]) or "n.d."
    corrected = number(row["estimate"] - row["optimism"], 2)
    return f"{text}{f' / {corrected}' if corrected else ''}{marks.mark(row['note'])}"


def beside_training(
    training: pd.DataFrame, ranges: pd.DataFrame, case_mix: pd.DataFrame
) -> PrintedTable:
    """Return each quantity of the training patients beside the new ones.

    Parameters
    ----------
    training : pandas.DataFrame
        ``ranges.tsv`` of the bundle.
    ranges : pandas.DataFrame
        ``application/range.tsv``.
    case_mix : pandas.DataFrame
        ``application/case_mix.tsv``.

    Returns
    -------
    PrintedTable
        Median and quartiles, or levels with their shares, and who lies outside.
    """
    lines: list[Line] = []
    heads = ("", "Training*", "These patients", "Outside", "C (95% CI)†")
    told = case_mix.set_index(["kind", "name"])
    by_quantity = dict(list(ranges.groupby(["kind", "name"])))
    for kind, words in _KINDS.items():
        rows = [row for row in training.itertuples() if (row.kind, row.name) in by_quantity]
        rows = [row for row in rows if row.kind == kind]
        if rows:
            lines.append(part_head(words, len(heads)))
        for row in rows:
            new = by_quantity[row.kind, row.name]
            known = new["value"].dropna()
            outside = percent(int(new["place"].isin(OUTSIDE).sum()), len(known))
            cells = (levels_told(row), _levels(row.name, known))
            if pd.isna(row.levels):
                cells = (quartiles_told(row), _quartiles(as_numbers(known)))
            shift = told.loc[(row.kind, row.name)]
            apart = with_interval(shift["c"], shift["lower"], shift["upper"])
            lines.append(Line((typographic(row.label), *cells, outside, apart), indent=True))
    notes = (
        "Median (quartiles), or levels with their shares. *As the bundle tells them; levels of "
        "fewer than five training patients are not told. †Chance that one of these patients has a "
        "higher value than a training patient, by the quantiles that the bundle tells: 0.5 where "
        "they are alike.",
    )
    return PrintedTable("Training patients and these patients", heads, tuple(lines), notes)


def _quartiles(values: pd.Series) -> str:
    if values.empty:
        return ""
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{three_digits(middle)} ({from_to(low, high)})"


def _levels(name: str, values: pd.Series) -> str:
    shares = values.value_counts(normalize=True).sort_index()
    yes_no = has_yes_no_levels(list(shares.index))
    named = {level_name(name, level, yes_no=yes_no): share for level, share in shares.items()}
    return "; ".join(f"{level}: {share:.2f}" for level, share in named.items())


def _applied(models: pd.DataFrame, training: pd.DataFrame) -> PrintedTable:
    clinical = training[training["kind"] == "clinical"]
    labels = {row.name: typographic(row.label) for row in clinical.itertuples(index=False)}
    lines = tuple(
        Line((row.label, str(row.patients), with_labels(as_text(row.note), labels)))
        for row in models.itertuples()
    )
    return PrintedTable("Models of the bundle", ("Model", "Patients", "Why not all"), lines)


def _figure(picture: ReportFigure) -> str:
    return (
        f'<figure style="margin: 1em 1em 1em 0"><img src="{picture.source}" '
        f'alt="{escape(picture.title)}" '
        f'style="width: {picture.width_mm * 1.3:.0f}mm; max-width: 100%">'
        f"<figcaption><strong>{escape(picture.title)}.</strong> {escape(picture.caption)}"
        "</figcaption></figure>"
    )
