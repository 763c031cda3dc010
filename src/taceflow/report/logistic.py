"""The logistic regressions of death by a horizon as they are printed."""

from typing import Any

import pandas as pd

from taceflow.wording.counts import counted
from taceflow.wording.names import level_name
from taceflow.wording.printed_table import (
    Footnotes,
    Line,
    PrintedTable,
    in_points,
    labels_of,
    of_network,
    part_head,
    ratio_cells,
    with_values,
)
from taceflow.wording.printing import as_text, p_value, typographic


def printed_logistic(table: pd.DataFrame, title: str) -> PrintedTable:
    """Return ``tables/logistic.tsv`` as it is printed, one part a horizon."""
    lines: list[Line] = []
    sizes: list[str] = []
    notes = Footnotes(labels_of(table))
    table = in_points(with_values(table)).assign(label=lambda rows: rows["label"].map(typographic))
    for horizon, part in table.groupby("horizon_months", sort=True):
        n, deaths, censored = (int(part[key].max()) for key in ("n", "deaths", "censored"))
        joint = part[["n_multi", "deaths_multi"]].dropna().astype(int).drop_duplicates()
        of_joint = "no variable is left"
        if len(joint):
            of_joint = f"n = {joint['n_multi'].iloc[0]}, deaths {joint['deaths_multi'].iloc[0]}"
        lines.append(part_head(f"Death by {horizon:g} months", 5))
        sizes.append(
            f"{horizon:g} months: up to {counted(n, 'patient')}, {counted(deaths, 'death')}; "
            f"{counted(censored, 'patient')} censored before took no part. "
            f"Multivariable: {of_joint}."
        )
        for variable, members in part.groupby("variable", sort=False):
            lines += _variable_lines(str(variable), members.to_dict("records"), notes)
    general = (
        f"OR: odds ratio of death, for one unit more of a quantity{of_network(table)}; "
        "CI: confidence interval (Wald). p of a factor: "
        "likelihood-ratio test. Training patients, complete cases. Multivariable: stepwise "
        "selection by AIC among the variables with a univariate p below the limit."
    )
    heads = ("", "OR (95% CI)", "p", "OR (95% CI)", "p")
    groups = (("", 1), ("Univariate", 2), ("Multivariable", 2))
    return PrintedTable(title, heads, tuple(lines), (general, *sizes, *notes.texts), groups)


def _variable_lines(variable: str, rows: list[dict[str, Any]], notes: Footnotes) -> list[Line]:
    first = rows[0]
    if not as_text(first["level"]):
        name = first["label"] + notes.mark(first["note"])
        return [Line((name, *ratio_cells(first, "or")), indent=True)]
    alone, together = (p_value(first[f"p_variable_{model}"]) for model in ("uni", "multi"))
    lines = [Line((first["label"], "", alone, "", together), indent=True)]
    in_joint = any(pd.notna(row["or_multi"]) for row in rows)
    for position, row in enumerate(rows):
        name = f"{first['label']}: {level_name(variable, row['level'])}"
        cells = ratio_cells(row, "or")
        if position == 0:
            cells = ("1 (reference)", "", "1 (reference)" if in_joint else "", "")
        lines.append(Line((name + notes.mark(row["note"]), *cells), indent=True))
    return lines
