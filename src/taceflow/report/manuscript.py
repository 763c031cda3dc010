"""A run's tables as a journal prints them, from the tables with full precision."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.report.abbreviations import with_abbreviations
from taceflow.report.beside_paper_printed import printed_beside_paper
from taceflow.report.checklist.printed import printed_checklist
from taceflow.report.html import write_html
from taceflow.report.logistic import printed_logistic
from taceflow.report.word import write_docx
from taceflow.study.tables import TABLES
from taceflow.survival.tables.table_1 import OTHERS
from taceflow.wording.counts import counted
from taceflow.wording.decimal_mark import table_with_mark
from taceflow.wording.names import COHORTS, cohort_name, has_yes_no_levels, level_name
from taceflow.wording.printed_table import (
    Footnotes,
    Line,
    PrintedTable,
    in_points,
    labels_of,
    of_network,
    patients_behind,
    ratio_cells,
    with_values,
)
from taceflow.wording.printing import as_text, coefficient, p_statement, p_value, typographic


def write_manuscript_table(
    *, table: str, name: str, decimal_mark: str, html: str, docx: str
) -> None:
    """Print one table.

    Parameters
    ----------
    table : str
        The table with full precision.
    name : str
        One of the printed tables.
    decimal_mark : str
        As `taceflow.wording.decimal_mark.with_mark`.
    html, docx : str
        Files to write.
    """
    printed = table_with_mark(as_printed(read_table(table, name), name), decimal_mark)
    write_html(printed, html)
    write_docx(printed, docx)


def as_printed(table: pd.DataFrame, name: str) -> PrintedTable:
    """Return a table as it is printed.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns of the schema `name`.
    name : str
        One of the printed tables.

    Raises
    ------
    InputError
        If there is no such table.
    """
    if name not in PRINTERS:
        known = ", ".join(PRINTERS)
        raise InputError(f"no way to print a table '{name}'", remedy=f"Tables: {known}")
    printed = PRINTERS[name](table, TABLES[name].title)
    # a checklist quotes the run: its topics are sentences, not columns of a table
    return printed if name == "checklist" else with_abbreviations(printed)


def _table_1(table: pd.DataFrame, title: str) -> PrintedTable:
    counts = {
        group: int((table[f"n_{group}"] + table[f"missing_{group}"]).max()) if len(table) else 0
        for group in COHORTS
    }
    groups = [group for group, count in counts.items() if count or group == "training"]
    ends = [end for group, end in OTHERS.items() if group in groups]
    table = with_values(table)
    lines, notes = [], Footnotes(labels_of(table))
    for variable, members in table.groupby("variable", sort=False):
        rows = members.to_dict("records")
        first = rows[0]
        tests = tuple(
            cell
            for end in ends
            for cell in (as_text(first[f"test{end}"]), p_value(first[f"p{end}"]))
        )
        empty, blank = ("",) * len(groups), ("",) * len(tests)
        label = typographic(first["label"]) + notes.mark(first["note"])
        levels = [row for row in rows if as_text(row["level"])]
        if levels:
            lines.append(Line((label, *empty, *tests)))
            yes_no = has_yes_no_levels(row["level"] for row in levels)
            for row in levels:
                level = level_name(str(variable), row["level"], yes_no=yes_no)
                lines.append(Line((level, *_each(row, groups), *blank), indent=True))
        else:
            lines.append(Line((label, *_each(first, groups), *tests)))
        missing = [first[f"missing_{group}"] for group in groups]
        if any(missing):
            lines.append(Line(("missing", *map(str, missing), *blank), indent=True))
    tested = (("Test", "p"), ("Test, external", "p, external"))[: len(ends)]
    if ends == [OTHERS["external"]]:
        tested = (("Test", "p"),)
    heads = ("", *(f"{cohort_name(group)} (n = {counts[group]})" for group in groups))
    heads += tuple(head for pair in tested for head in pair)
    general = "Mean ± SD, median (quartiles) or n (%). Missing values are left out of the tests."
    if len(ends) == 2:
        general += " Each test is against the training cohort."
    title += f" of the {_listed(groups)} cohort{'s' if len(groups) > 2 else ''}"
    return PrintedTable(title, heads, tuple(lines), (general, *notes.texts))


def _listed(groups: Sequence[str]) -> str:
    """Return ``training and the validation``, ``training, validation and external``."""
    if len(groups) < 3:
        return " and the ".join(groups)
    return f"{', '.join(groups[:-1])} and {groups[-1]}"


def _table_s1(table: pd.DataFrame, title: str) -> PrintedTable:
    table = in_points(with_values(table))
    lines, notes = [], Footnotes(labels_of(table))
    for variable, members in table.groupby("variable", sort=False):
        rows = members.to_dict("records")
        levels = [row for row in rows if as_text(row["level"])]
        if not levels:
            for row in rows:
                label = typographic(row["label"]) + notes.mark(row["note"])
                lines.append(Line((label, *ratio_cells(row, "hr"))))
            continue
        alone, together = (p_value(levels[0][f"p_variable_{model}"]) for model in ("uni", "multi"))
        lines.append(Line((typographic(levels[0]["label"]), "", alone, "", together)))
        yes_no = has_yes_no_levels(row["level"] for row in levels)
        in_joint = any(pd.notna(row["hr_multi"]) for row in levels)
        for row in levels:
            level = level_name(str(variable), row["level"], yes_no=yes_no)
            cells = ratio_cells(row, "hr")
            if row["note"] == "reference":
                cells = ("1 (reference)", "", "1 (reference)" if in_joint else "", "")
            lines.append(Line((level + notes.mark(row["note"]), *cells), indent=True))
    heads = ("", "HR (95% CI)", "p", "HR (95% CI)", "p")
    groups = (("", 1), (f"Univariate{_behind(table, '')}", 2))
    groups += ((f"Multivariable{_behind(table, '_multi')}", 2),)
    imputed = int(table["imputations"].max())
    general = (
        f"HR: hazard ratio, for one unit more of a quantity{of_network(table)}; "
        "CI: confidence interval (Wald). p of a factor: "
        f"{'pooled Wald' if imputed else 'likelihood-ratio'} test. Training patients, "
        + (f"multiple imputation ({imputed} tables)." if imputed else "complete cases.")
        + f" Multivariable model: {table['selection'].iloc[0]}."
    )
    texts = [general, *notes.texts]
    together = table["p_ph_global"].dropna()
    if len(together):
        texts.insert(
            1,
            "Proportional hazards of the multivariable model (score test, Kaplan-Meier time): "
            f"{p_statement(together.iloc[0])}.",
        )
    return PrintedTable(title, heads, tuple(lines), tuple(texts), groups)


def _table_s2(table: pd.DataFrame, title: str) -> PrintedTable:
    drawn = table.dropna(subset=["frequency"])
    heads = ["Feature (PyRadiomics)", "Feature (R)", "Coefficient"]
    notes = ["Coefficients on the scale of the raw features."]
    if len(drawn):
        heads += ["Selected", "Other sign"]
        resamples = counted(int(drawn["resamples"].iloc[0]), "bootstrap resample")
        notes.append(
            f"Selected: share of {resamples} of the training patients that select the feature; "
            "other sign: resamples that give it the rarer of its two signs."
        )
    lines = []
    for row in table.itertuples():
        cells = [row.feature, row.feature_r, coefficient(row.coefficient)]
        if len(drawn):
            known = row.frequency == row.frequency
            cells += [f"{100 * row.frequency:.0f}%", f"{row.sign_flips:.0f}"] if known else ["", ""]
        lines.append(Line(tuple(cells)))
    if not lines:
        notes = ["No feature was selected: Radscore is the same for every patient."]
    notes.append(_formula_in_r(table))
    return PrintedTable(title, tuple(heads), tuple(lines), tuple(notes))


def _formula_in_r(table: pd.DataFrame) -> str:
    """Return the Radscore as the study prints it, features under their R names."""
    values = dict(zip(table["feature_r"], table["coefficient"], strict=True))
    intercept = values.pop("(Intercept)", None)
    return formula({"intercept": intercept, "coefficients": values})


def formula(model: Mapping[str, Any]) -> str:
    """Return the Radscore of ``radscore/model.json`` as a sum in words."""
    terms = [f"{coefficient(model['intercept'])}"] if model["intercept"] is not None else []
    terms += [f"{name} × {coefficient(value)}" for name, value in model["coefficients"].items()]
    return "Radscore = " + (" + ".join(terms).replace("+ −", "− ") if terms else "0")


def _each(row: Mapping[str, Any], groups: Sequence[str]) -> tuple[str, ...]:
    return tuple(typographic(as_text(row[group])) for group in groups)


def _behind(table: pd.DataFrame, suffix: str) -> str:
    """Return what a head says of the patients and deaths behind its columns."""
    found = patients_behind(table, suffix)
    if not found:
        return ": no variable entered" if suffix else ""
    return f" ({found})"


PRINTERS = {
    "table_1": _table_1,
    "table_s1": _table_s1,
    "table_s2": _table_s2,
    "logistic": printed_logistic,
    "beside_paper": printed_beside_paper,
    "checklist": printed_checklist,
}
"""How each of the manuscript's tables is printed: from its rows and its title."""
