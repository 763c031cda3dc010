"""How good the models are, as small tables for the report."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from taceflow.models import NETWORKS
from taceflow.wording.names import (
    COHORTS,
    METRICS,
    MODEL_NAMES,
    NETWORK_NAMES,
    cohort_name,
    in_order,
    model_name,
)
from taceflow.wording.printed_table import Footnotes, Line, PrintedTable, part_head
from taceflow.wording.printing import EN_DASH, number, p_value, with_interval, worse_than_chance


def performance_table(
    performance: pd.DataFrame, names: Mapping[str, str] = COHORTS
) -> PrintedTable:
    """Return each figure of merit, a row a model, a column a cohort.

    Parameters
    ----------
    performance : pandas.DataFrame
        ``survival/performance.tsv``.
    names : mapping of str to str
        Names in print of the cohorts, in their order.
    """
    cohorts = in_order(performance["cohort"], names)
    lines, marks = [], Footnotes({})
    for metric in in_order(performance["metric"], METRICS):
        rows = performance[performance["metric"] == metric]
        # a metric without a horizon has one group, whose horizon is missing
        for horizon, same in rows.groupby("horizon_months", dropna=False):
            at = _horizon_words(metric, horizon)
            lines.append(part_head(METRICS.get(metric, metric) + at, 1 + len(cohorts)))
            table = same.set_index(["model", "cohort"])
            for model in in_order(same["model"], MODEL_NAMES):
                cells = (_estimate(table, model, cohort, marks) for cohort in cohorts)
                lines.append(Line((model_name(model), *cells), indent=True))
    heads = ("", *(f"{names[name]}{_size(performance, name)}" for name in cohorts))
    note = (
        "Estimate (95% CI); n.d.: not defined. Of the training cohort these are figures of the fit"
    )
    if performance["model"].isin(NETWORKS).any():
        note += f", except {NETWORK_NAMES}, whose predictions are out of fold there"
    note += "."
    notes = [note]
    if performance.get("seed_sd", pd.Series(dtype=float)).notna().any():
        notes.append(
            "\N{PLUS-MINUS SIGN} standard deviation over the seeds of a network; the estimate is "
            "that of their mean prediction. DLOP-Cox: over its fits to each seed's DLOP-CTR."
        )
    return PrintedTable("Models side by side", heads, tuple(lines), (*notes, *marks.texts))


def comparisons_table(comparisons: pd.DataFrame) -> PrintedTable:
    """Return the paired tests between models."""
    lines, marks = [], Footnotes({})
    for cohort in in_order(comparisons["cohort"], COHORTS):
        rows = comparisons[comparisons["cohort"] == cohort]
        lines.append(part_head(cohort_name(cohort), 4))
        for row in rows.to_dict("records"):
            pair = f"{model_name(row['model_a'])} − {model_name(row['model_b'])}"
            change = with_interval(row["difference"], row["lower"], row["upper"], 3) or "n.d."
            adjusted = p_value(row.get("p_adjusted"))
            change += marks.mark(row["note"])
            lines.append(Line((pair, change, p_value(row["p"]), adjusted), indent=True))
    heads = ("Models", "Difference of Harrell's C (95% CI)", "p", "p adjusted (Holm)")
    note = "Adjusted among the study's models, and apart from these against the established scores."
    return PrintedTable("Paired comparisons", heads, tuple(lines), (note, *marks.texts))


def delong_table(table: pd.DataFrame) -> PrintedTable:
    """Return the areas under ROC curves, and the paired tests between models.

    Parameters
    ----------
    table : pandas.DataFrame
        ``survival/delong.tsv``.
    """
    lines, marks = [], Footnotes({})
    for cohort in in_order(table["cohort"], COHORTS):
        for horizon, part in table[table["cohort"] == cohort].groupby("horizon_months"):
            first = part.iloc[0]
            sizes = f"n = {first['n']}, deaths {first['deaths']}, censored {first['censored']}"
            head = f"{cohort_name(cohort)}, {horizon:g} months ({sizes})"
            lines.append(part_head(head, 4))
            for row in part.to_dict("records"):
                lines.append(Line(_delong_cells(row, marks), indent=True))
    notes = (
        "Area under the ROC curve of death by the horizon, or the difference of two; DeLong's "
        "intervals and paired tests. Patients censored before the horizon take no part.",
        "Adjusted within a cohort and a horizon, among the study's models, and apart from these "
        "against the established scores.",
    )
    heads = ("Model", "Area or difference (95% CI)", "p", "p adjusted (Holm)")
    notes = (*notes, *marks.texts)
    return PrintedTable("Areas under ROC curves at horizons", heads, tuple(lines), notes)


def optimism_table(optimism: pd.DataFrame) -> PrintedTable:
    """Return the training figures of the fitted models beside those corrected for optimism."""
    lines = []
    for metric in in_order(optimism["metric"], METRICS):
        rows = optimism[optimism["metric"] == metric]
        for horizon, same in rows.groupby("horizon_months", dropna=False):
            at = _horizon_words(metric, horizon)
            lines.append(part_head(METRICS[metric] + at, 5))
            for row in same.to_dict("records"):
                keys = ("apparent", "optimism", "corrected")
                values = (number(row[key], 3) or "n.d." for key in keys)
                cells = (model_name(row["model"]), *values, str(row["resamples"]))
                lines.append(Line(cells, indent=True))
    heads = ("", "Of the fit", "Optimism", "Corrected", "Resamples")
    notes = [
        "Training patients; bootstrap after Harrell, Stat Med 1996;15:361. Optimism: the figure in "
        "a resample less that of the same model in all patients, on average; of a Brier score "
        "negative, since lower is better. n.d.: not defined."
    ]
    for note, rows in optimism.groupby("note", sort=False):
        notes.append(f"{', '.join(map(model_name, rows['model'].unique()))}: {note}.")
    return PrintedTable("Optimism of the training figures", heads, tuple(lines), tuple(notes))


def _horizon_words(metric: str, horizon: float) -> str:
    if horizon != horizon:
        return ""
    return f" to {horizon:g} months" if metric == "brier_integrated" else f" at {horizon:g} months"


def _estimate(table: pd.DataFrame, model: str, cohort: str, marks: Footnotes) -> str:
    if (model, cohort) not in table.index:
        return ""
    row = table.loc[(model, cohort)]
    text = with_interval(row["estimate"], row["lower"], row["upper"]) or "n.d."
    spread = number(row.get("seed_sd"), 2)
    text += f" \N{PLUS-MINUS SIGN} {spread}" if spread else ""
    return text + marks.mark(worse_than_chance(row["metric"], row["upper"]) or row["note"])


def _size(performance: pd.DataFrame, cohort: str) -> str:
    rows = performance[performance["cohort"] == cohort]
    if rows.empty:
        return ""
    spans = [sorted({rows[name].min(), rows[name].max()}) for name in ("n", "events")]
    n, deaths = (EN_DASH.join(f"{value:.0f}" for value in span) for span in spans)
    return f" (n = {n}, deaths {deaths})"


def _delong_cells(row: Mapping[str, Any], marks: Footnotes) -> tuple[str, str, str, str]:
    name = model_name(row["model"])
    if isinstance(row["versus"], str):
        name = f"{name} \u2212 {model_name(row['versus'])}"
    value = with_interval(row["estimate"], row["lower"], row["upper"], 3) or "n.d."
    chance = "" if isinstance(row["versus"], str) else worse_than_chance("auc", row["upper"])
    value += marks.mark(chance or row["note"])
    return name, value, p_value(row["p"]), p_value(row["p_adjusted"])
