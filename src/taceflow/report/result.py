"""What came out of a run, in a table and in sentences for a manuscript."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from taceflow.models import CLINICAL_COX, MODELS
from taceflow.report.summary import medians_months
from taceflow.wording.names import COHORTS, in_order, level_name, model_name
from taceflow.wording.printed_table import Line, PrintedTable, in_points
from taceflow.wording.printing import (
    EN_DASH,
    number,
    p_statement,
    percent,
    typographic,
    with_interval,
)

_SIGNIFICANT = 0.05
_FINAL = (CLINICAL_COX[-1], "radscore")
"""The model that a study ends with: with images, and from a ready table of features."""


def result_table(performance: pd.DataFrame, optimism: pd.DataFrame) -> PrintedTable:
    """Return Harrell's C of the study's models in patients whom no fit has seen.

    Parameters
    ----------
    performance, optimism : pandas.DataFrame
        ``survival/performance.tsv``, ``survival/optimism.tsv``.

    Returns
    -------
    PrintedTable
        Where every patient was of the training, what the fit's C is once corrected for optimism.
    """
    rows = _discrimination(performance)
    cohorts = _unseen(rows)
    heads = ["Model", *(_cohort_words(rows, cohort).capitalize() for cohort in cohorts)]
    corrected = optimism[optimism["metric"] == "c_index"].set_index("model")["corrected"]
    if not cohorts:
        heads.append("Training patients, corrected for optimism")
    lines = []
    for model in in_order(rows["model"], MODELS):
        if model in MODELS:
            cells = [_value_and_size(rows, model, cohort) for cohort in cohorts]
            if not cohorts:
                cells = [number(corrected.get(model)) or "not corrected"]
            lines.append(Line((model_name(model), *cells)))
    title = "Harrell's C in patients whom no fit has seen" if cohorts else "Harrell's C"
    notes = ("Estimate (95% CI). 0.5: no better than drawing lots; 1: every pair in order.",)
    return PrintedTable(title, tuple(heads), tuple(lines), notes if cohorts else ())


def headline(performance: pd.DataFrame, optimism: pd.DataFrame) -> str:
    """Return how well the study's final model does, in a sentence."""
    rows = _discrimination(performance)
    final = _final(rows)
    if final is None:
        return "No model could be judged."
    cohorts = _unseen(rows)
    if cohorts:
        told = (
            f"{_with_ci(_value(rows, final, cohort)) or 'not defined'} in the "
            f"{_cohort_words(rows[rows['model'] == final], cohort)}"
            for cohort in cohorts
        )
        return f"Harrell's C of {model_name(final)}, the final model, is {' and '.join(told)}."
    found = optimism[(optimism["metric"] == "c_index") & (optimism["model"] == final)]
    fitted = _with_ci(_value(rows, final, "training") or "not defined")
    whom = _cohort_words(rows[rows["model"] == final], "training")
    text = (
        f"Every patient was of the training: Harrell's C of {model_name(final)}, the final model, "
        f"is {fitted} in the {whom}, which describes the fit"
    )
    if found["corrected"].notna().any():
        text += f"; corrected for optimism {number(float(found['corrected'].iloc[0]))}"
    return f"{text}. How it does in other patients is not known."


def results(
    frames: Mapping[str, pd.DataFrame],
    radscore: Mapping[str, Any],
    total: int,
) -> list[str]:
    """Return the results of a run in paragraphs for a manuscript.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``patients``, ``exclusions``, ``icc``, ``performance``, ``optimism``, ``comparisons``,
        ``table_s1``, as the run's tables hold them.
    radscore : mapping
        ``radscore/model.json``.
    total : int
        Patients of the sheet.
    """
    performance = frames["performance"]
    models = " ".join(
        [
            headline(performance, frames["optimism"]),
            *_other_models(_discrimination(performance)),
            *_comparisons(frames["comparisons"], performance),
            *_calibration(performance),
        ]
    )
    return [
        _patients(frames["patients"], frames["exclusions"], total),
        _features(frames["icc"], radscore),
        _table_s1(frames["table_s1"]),
        models,
    ]


def _patients(patients: pd.DataFrame, exclusions: pd.DataFrame, total: int) -> str:
    sizes = (
        f"{int((patients['cohort'] == cohort).sum())} {cohort}"
        for cohort in in_order(patients["cohort"], COHORTS)
    )
    followed, survival = medians_months(patients)
    deaths = percent(int(patients["event"].sum()), len(patients))
    text = f"Of {total} patients, {len(patients)} were analysed ({', '.join(sizes)})"
    if len(exclusions):
        stages = exclusions["stage"].value_counts()
        told = ", ".join(f"{stage} {count}" for stage, count in stages.items())
        text += f"; {len(exclusions)} were excluded ({told})"
    return (
        f"{text}. Of the {len(patients)} analysed, {deaths} died. "
        f"Median follow-up was {_with_ci(followed)} months, median overall survival "
        f"{_with_ci(survival)} months."
    )


def _features(icc: pd.DataFrame, radscore: Mapping[str, Any]) -> str:
    count = len(radscore["coefficients"])
    if radscore["family"] == "published":
        return f"The Radscore has the {count} features of the published study."
    kept = int(icc["kept"].sum())
    entered = f"{count} entered the Radscore" if count else "none entered the Radscore"
    return f"Of {len(icc)} radiomic features, {kept} were candidates; {entered}."


def _table_s1(table: pd.DataFrame) -> str:
    table = in_points(table)
    joint = table[table["hr_multi"].notna()]
    if joint.empty:
        return "No variable entered the multivariate Cox model."
    patients = f"n = {joint['n_multi'].max():.0f}, deaths {joint['events_multi'].max():.0f}"
    told = []
    for row in joint.to_dict("records"):
        if row["p_variable_multi"] < _SIGNIFICANT:
            name = typographic(row["label"])
            level = level_name(row["variable"], row["level"])
            ratio = with_interval(
                row["hr_multi"], row["lower_multi"], row["upper_multi"], ratio=True
            )
            of_level = f", {level}" if level else ""
            p = p_statement(row["p_multi"])
            told.append(f"{name}{of_level} (hazard ratio {_with_ci(ratio)}; {p})")
    if not told:
        return (
            "In the multivariate Cox model of the training patients "
            f"({patients}) no variable had a p below {_SIGNIFICANT:g}."
        )
    return (
        f"In the multivariate Cox model of the training patients ({patients}), "
        f"{_listed(told)} {'was' if len(told) == 1 else 'were'} associated with overall survival."
    )


def _other_models(rows: pd.DataFrame) -> Iterator[str]:
    final = _final(rows)
    others = [model for model in MODELS if model in set(rows["model"]) and model != final]
    for cohort in _unseen(rows):
        values = ((model, _value(rows, model, cohort)) for model in others)
        told = [f"{_with_ci(value)} for {model_name(model)}" for model, value in values if value]
        if told:
            yield f"In the {cohort} cohort it was {_listed(told)}."


def _comparisons(comparisons: pd.DataFrame, performance: pd.DataFrame) -> Iterator[str]:
    final = _final(performance)
    own = comparisons[
        comparisons["model_a"].isin(MODELS)
        & comparisons["model_b"].isin(MODELS)
        & ((comparisons["model_a"] == final) | (comparisons["model_b"] == final))
        & comparisons["p"].notna()
    ]
    for cohort in _unseen(own):
        rows = own[own["cohort"] == cohort]
        told = []
        for row in rows.to_dict("records"):
            sign = 1 if row["model_a"] == final else -1
            other = row["model_b"] if sign == 1 else row["model_a"]
            bounds = sorted(sign * row[name] for name in ("lower", "upper"))
            value = _with_ci(with_interval(sign * row["difference"], *bounds))
            told.append(f"{value} from {model_name(other)}, {p_statement(row['p_adjusted'])}")
        sizes = EN_DASH.join(f"{size:.0f}" for size in sorted({rows["n"].min(), rows["n"].max()}))
        yield (
            f"In the {sizes} patients of the {cohort} cohort whom both models predict, the "
            f"difference of Harrell's C was {_listed(told)} (p adjusted after Holm [@holm])."
        )


def _calibration(performance: pd.DataFrame) -> Iterator[str]:
    final = _final(performance)
    rows = performance[performance["metric"] == "calibration_slope"]
    told = []
    for cohort in _unseen(rows):
        value = _value(rows, final, cohort)
        if value:
            told.append(f"{_with_ci(value)} in the {cohort} cohort")
    if told:
        yield f"The calibration slope of {model_name(final)} was {_listed(told)}."


def _final(rows: pd.DataFrame) -> str | None:
    return next((model for model in _FINAL if model in set(rows["model"])), None)


def _discrimination(performance: pd.DataFrame) -> pd.DataFrame:
    return performance[performance["metric"] == "c_index"]


def _unseen(rows: pd.DataFrame) -> list[str]:
    """Return the cohorts from which nothing was fitted."""
    return [cohort for cohort in in_order(rows["cohort"], COHORTS) if cohort != "training"]


def _value(rows: pd.DataFrame, model: str, cohort: str) -> str:
    found = rows[(rows["model"] == model) & (rows["cohort"] == cohort)]
    if found.empty:
        return ""
    row = found.iloc[0]
    return with_interval(row["estimate"], row["lower"], row["upper"])


def _value_and_size(rows: pd.DataFrame, model: str, cohort: str) -> str:
    """Return a cell, with the patients where they are fewer than the column's."""
    value = _value(rows, model, cohort) or "not defined"
    own = rows[rows["cohort"] == cohort]
    size = own.loc[own["model"] == model, "n"].max()
    return value if not size < own["n"].max() else f"{value}, n = {size:.0f}"


def _cohort_words(rows: pd.DataFrame, cohort: str) -> str:
    """Return ``validation cohort (n = 21, deaths 15)``: of the rows' models the largest."""
    own = rows[rows["cohort"] == cohort]
    return f"{cohort} cohort (n = {own['n'].max():.0f}, deaths {own['events'].max():.0f})"


def _with_ci(value: str) -> str:
    """Return ``0.72 (95% CI 0.61–0.83)`` of ``0.72 (0.61–0.83)``."""
    return value.replace(" (", " (95% CI ", 1)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
