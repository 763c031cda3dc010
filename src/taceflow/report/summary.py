"""The numbers of a run as small tables for its report."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from taceflow.models import NETWORKS
from taceflow.report.chance import worse_than_chance
from taceflow.report.documents import Line, PrintedTable, part_head
from taceflow.report.footnotes import Footnotes
from taceflow.survival.kaplan_meier import median_survival
from taceflow.wording.names import (
    COHORTS,
    METRICS,
    MODEL_NAMES,
    NETWORK_NAMES,
    cohort_name,
    in_order,
    model_name,
)
from taceflow.wording.printing import (
    EN_DASH,
    median_with_interval,
    number,
    p_value,
    percent,
    with_interval,
    without_paths,
)


def cohort_table(patients: pd.DataFrame) -> PrintedTable:
    """Return patients, deaths and follow-up (reverse Kaplan-Meier) of each cohort."""
    lines = []
    for cohort in in_order(patients["cohort"], COHORTS):
        rows = patients[patients["cohort"] == cohort]
        time, event = rows["time_months"].to_numpy(float), rows["event"].to_numpy(int)
        survival, followed = (median_survival(time, marks).iloc[0] for marks in (event, 1 - event))
        medians = (
            median_with_interval(row["median_months"], row["lower_months"], row["upper_months"])
            for row in (followed, survival)
        )
        deaths = percent(int(event.sum()), len(rows))
        lines.append(Line((cohort_name(cohort), str(len(rows)), deaths, *medians)))
    heads = ("Cohort", "Patients", "Deaths", "Follow-up, months*", "Survival, months")
    note = "Medians (95% CI). *Reverse Kaplan-Meier. NR: not reached."
    return PrintedTable("Patients analysed", heads, tuple(lines), (note,))


def exclusions_table(exclusions: pd.DataFrame) -> PrintedTable:
    """Return who was excluded, at which stage and why."""
    lines = tuple(
        Line((row.patient_id, row.stage, without_paths(str(row.reason))))
        for row in exclusions.itertuples()
    )
    notes = () if lines else ("none.",)
    return PrintedTable("Patients excluded", ("Patient", "Stage", "Reason"), lines, notes)


def reproducibility_table(icc: pd.DataFrame) -> PrintedTable:
    """Return how many features of each filter were reproducible, and their median ICC."""
    image = icc["feature"].str.split("_").str[0].str.split("-").str[0]
    lines = []
    for name, rows in [*icc.groupby(image, sort=True), ("all", icc)]:
        medians = (_median(rows[f"icc_{kind}"]) for kind in ("intra", "inter"))
        lines.append(Line((str(name), str(len(rows)), *medians, _kept(rows))))
    heads = ("Image", "Features", "ICC within reader", "ICC between readers", "Kept")
    notes = []
    if len(icc):
        notes.append(
            f"ICC(2,1), medians. {icc['n_intra'].max()} training patients were read twice by "
            f"reader 1, {icc['n_inter'].max()} also by reader 2."
        )
        if icc.get("n_perturbation", pd.Series([0])).max() > 0:
            notes.append(
                f"Beyond the study: ICC(1,1) under perturbed masks of "
                f"{icc['n_perturbation'].max()} training patients, median "
                f"{_median(icc['icc_perturbation'])}."
            )
        # "ICC intra 0.620 not above 0.8": the value stands in the table, the kind counts here
        reasons = icc.loc[icc["kept"] == 0, "reason"].str.replace(
            r" -?[\d.]+ (?=not above)", " ", regex=True
        )
        notes += [f"Not kept: {n} ({reason})." for reason, n in reasons.value_counts().items()]
    return PrintedTable("Reproducibility of features", heads, tuple(lines), tuple(notes))


def performance_table(performance: pd.DataFrame) -> PrintedTable:
    """Return each figure of merit, a row a model, a column a cohort."""
    cohorts = in_order(performance["cohort"], COHORTS)
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
    heads = ("", *(f"{cohort_name(name)}{_size(performance, name)}" for name in cohorts))
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


def settings_table(title: str, content: Mapping[str, object]) -> PrintedTable:
    """Return names and values as a table of two columns."""
    lines = tuple(Line((str(name), str(value))) for name, value in content.items())
    return PrintedTable(title, ("", ""), lines)


def plain_table(title: str, frame: pd.DataFrame) -> PrintedTable:
    """Return a table of numbers as it stands, four significant digits."""

    def text(value: object) -> str:
        if value != value or value is None:
            return ""
        return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)

    lines = tuple(
        Line(tuple(text(value) for value in row)) for row in frame.itertuples(index=False)
    )
    heads = tuple(str(name).replace("_", " ") for name in frame.columns)
    return PrintedTable(title, heads, lines)


def _median(values: pd.Series) -> str:
    return number(float(values.median()) if values.notna().any() else None) or "not read"


def _kept(rows: pd.DataFrame) -> str:
    return percent(int(rows["kept"].sum()), len(rows))


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
