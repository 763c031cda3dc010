"""This run's numbers beside the printed ones, so that a reader sees what was reproduced."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.radiomics.icc import MINIMUM_REPEATS
from taceflow.radscore.published import COEFFICIENTS, INTERCEPT
from taceflow.report.beside_paper_table_s1 import (
    NOT_IN_RUN,
    NOT_PRINTED,
    number_or_none,
    table_s1_rows,
)
from taceflow.survival.kaplan_meier import median_survival

COLUMNS = [
    "part",
    "item",
    "level",
    "model",
    "horizon_months",
    *("printed", "printed_lower", "printed_upper", "printed_p"),
    *("run", "run_lower", "run_upper", "run_p"),
    *("n", "events", "remark"),
]

_Row = dict[str, Any]


def write_beside_paper(
    *,
    printed_table_s1: str,
    printed_figures: str,
    patients: str,
    icc: str,
    radscore: str,
    table_s1: str,
    predictions: str,
    performance: str,
    table: str,
) -> None:
    """Write ``tables/beside_paper.tsv``.

    Parameters
    ----------
    printed_table_s1, printed_figures : str
        The study's Table S1 and other numbers (``quantity``, ``model``, ``value``), as printed.
    patients, icc, radscore, table_s1, predictions, performance : str
        The run's ``cohort/patients.tsv``, ``radiomics/icc.tsv``, ``radscore/model.json``,
        ``tables/table_s1.tsv``, ``survival/predictions.tsv`` and ``survival/performance.tsv``.
    table : str
        Table to write.
    """
    cohort = read_table(patients)
    figures = _as_printed(printed_figures)
    model = read_json(radscore)
    rows = [
        *cohort_rows(figures, cohort, read_table(icc, "icc"), model),
        *table_s1_rows(_as_printed(printed_table_s1), read_table(table_s1, "table_s1")),
        *table_s2_rows(model),
        *merit_rows(figures, read_table(performance), read_table(predictions), cohort),
    ]
    write_table(pd.DataFrame(rows, columns=COLUMNS), table, "beside_paper")


def cohort_rows(
    figures: pd.DataFrame, cohort: pd.DataFrame, icc: pd.DataFrame, radscore: _Row
) -> Iterator[_Row]:
    """Yield patients, features, the share of reproducible ones, and how many were selected."""
    training = training_patients(cohort)
    repeated = icc[["n_intra", "n_inter", "n_perturbation"]].to_numpy()
    checked = len(icc) and repeated.max() >= MINIMUM_REPEATS
    found = {
        "patients": len(cohort),
        "features": len(icc),
        "reproducible_share": float(icc["kept"].mean()) if checked else None,
        "selected_features": len(radscore["coefficients"]),
    }
    printed = figures.set_index("quantity")["value"]
    for quantity, value in found.items():
        people = cohort if quantity == "patients" else training
        yield {
            "part": "cohort",
            "item": quantity,
            "printed": float(printed[quantity]),
            "run": value,
            "n": len(people),
            "events": int(people["event"].sum()),
            "remark": "too few repeated readings" if value is None else None,
        }


def table_s2_rows(radscore: _Row) -> Iterator[_Row]:
    """Yield the coefficients of both Radscores: those in print, then this run's others."""
    printed = {"(Intercept)": INTERCEPT, **COEFFICIENTS}
    run = dict(radscore["coefficients"])
    if radscore["intercept"] is not None:
        run["(Intercept)"] = radscore["intercept"]
    for name in [*printed, *sorted(set(run) - set(printed))]:
        here, there = run.get(name), printed.get(name)
        missing = "not selected in this run" if here is None else NOT_PRINTED
        if name == "(Intercept)" and here is None:
            missing = f"the {radscore['family']} family has none"
        yield {
            "part": "table_s2",
            "item": name,
            "printed": there,
            "run": here,
            "n": radscore["n"],
            "events": radscore["events"],
            "remark": missing if here is None or there is None else None,
        }


def merit_rows(
    figures: pd.DataFrame,
    performance: pd.DataFrame,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
) -> Iterator[_Row]:
    """Yield the figures of merit that the article prints, in the run's validation cohort."""
    validation = performance[performance["cohort"] == "validation"]
    for there in figures.to_dict("records"):
        base = {"part": "figures_of_merit", "item": there["quantity"], "model": there["model"]}
        base["printed"] = float(there["value"])
        if there["quantity"] == "auc":
            chosen = (validation["model"] == there["model"]) & (validation["metric"] == "auc")
            rows = validation[chosen].to_dict("records")
            for here in rows:
                yield base | {
                    "horizon_months": here["horizon_months"],
                    "run": number_or_none(here["estimate"]),
                    "run_lower": number_or_none(here["lower"]),
                    "run_upper": number_or_none(here["upper"]),
                    "n": here["n"],
                    "events": here["events"],
                    "remark": "the abstract does not say the horizon",
                }
            if not rows:
                yield base | {"remark": NOT_IN_RUN}
        elif there["quantity"].startswith("median_survival"):
            group = "low" if "_low_" in there["quantity"] else "high"
            yield base | _median(predictions, cohort, there["model"], group)


def _median(predictions: pd.DataFrame, cohort: pd.DataFrame, model: str, group: str) -> _Row:
    chosen = (predictions["model"] == model) & (predictions["cohort"] == "validation")
    members = predictions[chosen & (predictions["risk_group"] == group)]
    if members.empty:
        return {"remark": NOT_IN_RUN}
    people = cohort[cohort["patient_id"].isin(members["patient_id"])]
    time, event = people["time_months"].to_numpy(float), people["event"].to_numpy(int)
    found = median_survival(time, event).iloc[0]
    return {
        "run": number_or_none(found["median_months"]),
        "run_lower": number_or_none(found["lower_months"]),
        "run_upper": number_or_none(found["upper_months"]),
        "n": len(people),
        "events": int(event.sum()),
        "remark": "the abstract does not say the cohort; here validation, cut-off from training",
    }


def _as_printed(path: str) -> pd.DataFrame:
    """Read a table of printed numbers as text: its digits are those of the print."""
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
