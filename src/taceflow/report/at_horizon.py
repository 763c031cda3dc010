"""Survival as yes or no at a horizon, as printed: odds ratios, areas under ROC curves."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from taceflow.report.chance import worse_than_chance
from taceflow.report.documents import Line, PrintedTable, part_head
from taceflow.report.footnotes import Footnotes, labels_of
from taceflow.report.rows import with_values
from taceflow.wording.names import COHORTS, cohort_name, in_order, level_name, model_name
from taceflow.wording.printing import p_value, typographic, with_interval


def printed_logistic(table: pd.DataFrame, title: str) -> PrintedTable:
    """Return the stepwise logistic regressions, one part a horizon.

    Parameters
    ----------
    table : pandas.DataFrame
        ``tables/logistic.tsv``.
    title : str
        Its title.
    """
    lines: list[Line] = []
    sizes: list[str] = []
    notes = Footnotes(labels_of(table))
    table = with_values(table).assign(label=lambda rows: rows["label"].map(typographic))
    for horizon, part in table.groupby("horizon_months", sort=True):
        n, deaths, censored = (int(part[key].max()) for key in ("n", "deaths", "censored"))
        joint = part[["n_multi", "deaths_multi"]].dropna().astype(int).drop_duplicates()
        of_joint = "no variable is left"
        if len(joint):
            of_joint = f"n = {joint['n_multi'].iloc[0]}, deaths {joint['deaths_multi'].iloc[0]}"
        lines.append(part_head(f"Death by {horizon:g} months", 5))
        sizes.append(
            f"{horizon:g} months: up to {n} patients, {deaths} deaths; {censored} censored before "
            f"took no part. Multivariate: {of_joint}."
        )
        for variable, members in part.groupby("variable", sort=False):
            lines += _variable_lines(str(variable), members.to_dict("records"), notes)
    general = (
        "OR: odds ratio of death, for one unit more of a quantity (DLOP-CTR: for a predicted "
        "survival of 1 against 0); CI: confidence interval (Wald). p of a factor: "
        "likelihood-ratio test. Training patients, complete cases. Multivariate: stepwise "
        "selection by AIC among the variables with a univariate p below the limit."
    )
    heads = ("", "OR (95% CI)", "p", "OR (95% CI)", "p")
    groups = (("", 1), ("Univariate", 2), ("Multivariate", 2))
    return PrintedTable(title, heads, tuple(lines), (general, *sizes, *notes.texts), groups)


def printed_delong(table: pd.DataFrame) -> PrintedTable:
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


def _delong_cells(row: Mapping[str, Any], marks: Footnotes) -> tuple[str, str, str, str]:
    name = model_name(row["model"])
    if isinstance(row["versus"], str):
        name = f"{name} \u2212 {model_name(row['versus'])}"
    value = with_interval(row["estimate"], row["lower"], row["upper"], 3) or "n.d."
    chance = "" if isinstance(row["versus"], str) else worse_than_chance("auc", row["upper"])
    value += marks.mark(chance or row["note"])
    return name, value, p_value(row["p"]), p_value(row["p_adjusted"])


def _variable_lines(variable: str, rows: list[dict[str, Any]], notes: Footnotes) -> list[Line]:
    first = rows[0]
    if not isinstance(first["level"], str | int | float) or first["level"] != first["level"]:
        return [Line((first["label"] + notes.mark(first["note"]), *_ratios(first)), indent=True)]
    p = (p_value(first["p_variable_uni"]), p_value(first["p_variable_multi"]))
    lines = [Line((first["label"], "", p[0], "", p[1]), indent=True)]
    in_joint = any(pd.notna(row["or_multi"]) for row in rows)
    for position, row in enumerate(rows):
        name = f"{first['label']}: {level_name(variable, row['level'])}"
        cells = _ratios(row)
        if position == 0:
            cells = ("1 (reference)", "", "1 (reference)" if in_joint else "", "")
        lines.append(Line((name + notes.mark(row["note"]), *cells), indent=True))
    return lines


def _ratios(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    cells: list[str] = []
    for model in ("uni", "multi"):
        ratio, lower, upper = (row[f"{key}_{model}"] for key in ("or", "lower", "upper"))
        cells += [with_interval(ratio, lower, upper, ratio=True), p_value(row[f"p_{model}"])]
    return cells[0], cells[1], cells[2], cells[3]
