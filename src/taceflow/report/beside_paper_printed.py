"""The table beside the paper as it is printed."""

import pandas as pd

from taceflow.report.beside_paper_table_s1 import NOT_IN_RUN
from taceflow.scores import SCORES
from taceflow.wording.names import level_name, model_name, with_labels
from taceflow.wording.printed_table import Line, PrintedTable, part_head
from taceflow.wording.printing import (
    EN_DASH,
    as_text,
    coefficient,
    median_with_interval,
    number,
    p_value,
    with_interval,
)

_VARIABLES = {
    "age_years": "Age (years)",
    "sex": "Gender",
    "portal_hypertension": "Portal hypertension",
    "diabetes": "Diabetes",
    "cirrhosis": "Cirrhosis",
    "hepatitis": "Hepatitis",
    "child_pugh_score": SCORES["child_pugh"].column_label,
    "afp_ng_ml": "AFP (ng/mL)",
    "ast_u_l": "AST (U/L)",
    "alt_u_l": "ALT (U/L)",
    "albumin_g_l": "ALB (g/L)",
    "bilirubin_umol_l": "TBIL (µmol/L)",
    "tumor_number": "Tumor number",
    "tumor_size_cm": "Tumor size (cm)",
    "tumor_location": "Tumor location",
    "mvi": "MVI",
    "albi_score": SCORES["albi"].column_label,
    "bclc_b_substage": SCORES["bclc_b"].column_label,
    "treatment_response": "Treatment response",
    "dlopctr": "DLOP-CTR",
}
"""The variables of the study's Table S1 in its order, with units; a run's own columns stand as they
are."""

_PARTS = {
    "cohort": "Patients and features",
    "table_s1_univariate": "Table S1, univariate: hazard ratios",
    "table_s1_multivariate": "Table S1, multivariate: hazard ratios",
    "table_s2": "Table S2: coefficients",
    "figures_of_merit": "Figures of merit, validation cohort",
}

_ITEMS = {
    "patients": "Patients",
    "features": "Features a region",
    "reproducible_share": "Share of reproducible features",
    "selected_features": "Features of the Radscore",
    "auc": "Time-dependent AUC",
    "median_survival_low_risk_months": "Median survival of the low-risk group, months",
    "median_survival_high_risk_months": "Median survival of the high-risk group, months",
}

_NOTE = (
    "Printed: J. Hepatocell. Carcinoma 2024;11:385\N{EN DASH}397 (abstract) and its supplement, "
    "which give neither the units of the variables nor n and deaths of each model: where units may "
    "differ, compare direction and significance. Units in brackets are the run's; its hazard ratio "
    "of DLOP-CTR is for a predicted survival of 1 against 0. No patient is in both studies unless "
    "the sheet is theirs."
)


def printed_beside_paper(table: pd.DataFrame, title: str) -> PrintedTable:
    """Return ``tables/beside_paper.tsv`` as it is printed.

    Variables that the sheet lacks are named once, below.
    """
    absent = _absent_variables(table)
    lines, notes = [], [_NOTE]
    for part, rows in table[~table["item"].isin(absent)].groupby("part", sort=False):
        lines.append(part_head(_PARTS[part], 7))
        lines += [Line(_cells(row), indent=True) for row in rows.to_dict("records")]
    heads = ("", "Printed", "p", "This run", "p", "n (deaths)", "Remark")
    if absent:
        names = ", ".join(_VARIABLES.get(name, name) for name in absent)
        notes.insert(0, f"In print alone, as this run's Table S1 has no values of them: {names}.")
    return PrintedTable(title, heads, tuple(lines), tuple(notes))


def _absent_variables(table: pd.DataFrame) -> list[str]:
    """Return the printed variables of Table S1 of which the run has no level in either model."""
    rows = table[table["part"].str.startswith("table_s1")]
    lacking = rows["run"].isna() & rows["remark"].map(as_text).astype(str).str.endswith(NOT_IN_RUN)
    nowhere = lacking.groupby(rows["item"], sort=False).all()
    return list(nowhere.index[nowhere])


def _cells(row: dict) -> tuple[str, ...]:
    size = f"{row['n']:.0f} ({row['events']:.0f})" if row["n"] == row["n"] else ""
    return (
        _name(row),
        _printed(row),
        as_text(row["printed_p"]).replace("< ", "<").replace("> ", ">"),
        _run(row),
        p_value(row["run_p"]),
        size,
        with_labels(as_text(row["remark"]), _VARIABLES),
    )


def _run(row: dict) -> str:
    """Return the run's number: counts whole, coefficients like those of Table S2."""
    value, bounds = row["run"], (row["run_lower"], row["run_upper"])
    if value != value:
        return ""
    if row["part"] == "table_s2":
        return coefficient(value)
    if row["part"] == "cohort":
        return number(value, 0 if row["item"] != "reproducible_share" else 2)
    if row["item"].endswith("_months"):
        return median_with_interval(value, *bounds)
    return with_interval(value, *bounds, ratio=row["part"].startswith("table_s1"))


def _name(row: dict) -> str:
    """Return what the row is about, variables under their names in print."""
    parts = [(_ITEMS | _VARIABLES).get(row["item"], row["item"])]
    if as_text(row["level"]):
        parts.append(level_name(row["item"], row["level"]))
    if as_text(row["model"]):
        parts.append(model_name(row["model"]))
    if row["horizon_months"] == row["horizon_months"]:
        parts.append(f"{row['horizon_months']:g} months")
    return ", ".join(parts)


def _printed(row: dict) -> str:
    """Return the printed number: its own digits, ratios with two decimals at least."""
    if row["printed"] != row["printed"]:
        return ""
    value, low, high = (
        _digits(row[key], ratio=row["part"].startswith("table_s1"))
        for key in ("printed", "printed_lower", "printed_upper")
    )
    return f"{value} ({low}{EN_DASH}{high})" if low else value


def _digits(value: float, *, ratio: bool) -> str:
    text = f"{value:.10g}" if value == value else ""
    if ratio and text:
        decimals = len(text.partition(".")[2])
        text = f"{value:.{max(decimals, 2)}f}"
    return text.replace("-", "−")
