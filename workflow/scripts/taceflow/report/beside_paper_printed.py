"""The table beside the paper as it is printed."""

import pandas as pd

from taceflow.report.documents import Line, PrintedTable
from taceflow.report.names import level_name, model_name
from taceflow.report.printing import as_text, p_value, ratio_with_interval, with_interval

TITLE = "This run beside the printed study (Sun et al. 2024)"

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
    "Printed: J. Hepatocell. Carcinoma 2024;11:385-397 (abstract) and its supplement, which give "
    "neither the units of the variables nor n and deaths of each model: where units may differ, "
    "compare direction and significance. No patient is in both studies unless the sheet is theirs."
)


def printed_beside_paper(table: pd.DataFrame) -> PrintedTable:
    """Return the table as it is printed.

    Parameters
    ----------
    table : pandas.DataFrame
        ``tables/beside_paper.tsv``.

    Returns
    -------
    PrintedTable
    """
    lines = []
    for part, rows in table.groupby("part", sort=False):
        lines.append(Line((_PARTS[part], *[""] * 6)))
        lines += [Line(_cells(row), indent=True) for row in rows.to_dict("records")]
    heads = ("", "Printed", "p", "This run", "p", "n (deaths)", "Remark")
    return PrintedTable(TITLE, heads, tuple(lines), (_NOTE,))


def _cells(row: dict) -> tuple[str, ...]:
    here = {key: row[key] for key in ("run", "run_lower", "run_upper")}
    plain = row["part"] in ("cohort", "table_s2") and row["run"] == row["run"]
    printed = ratio_with_interval if row["part"].startswith("table_s1") else with_interval
    run = f"{row['run']:.7g}".replace("-", "−") if plain else printed(*here.values())
    size = f"{row['n']:.0f} ({row['events']:.0f})" if row["n"] == row["n"] else ""
    there = as_text(row["printed_p"])
    return (_name(row), _as_printed(row), there, run, p_value(row["run_p"]), size,
            as_text(row["remark"]))  # fmt: skip


def _name(row: dict) -> str:
    """Return what the row is about; hazard ratios go by the names of the sheet's columns."""
    parts = [_ITEMS.get(row["item"], row["item"])]
    if as_text(row["level"]):
        parts.append(level_name(row["item"], row["level"]))
    if as_text(row["model"]):
        parts.append(model_name(row["model"]))
    if row["horizon_months"] == row["horizon_months"]:
        parts.append(f"{row['horizon_months']:g} months")
    return ", ".join(parts)


def _as_printed(row: dict) -> str:
    """Return the printed number with the digits of the print."""
    if row["printed"] != row["printed"]:
        return ""
    value, low, high = (
        f"{row[key]:.10g}".replace("-", "−") if row[key] == row[key] else ""
        for key in ("printed", "printed_lower", "printed_upper")
    )
    return f"{value} ({low}-{high})" if low else value
