"""What came out of a run, in a table and in sentences for a manuscript."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.models import FINAL, MODELS
from taceflow.report.summary import medians_months
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.names import COHORTS, in_order, level_name, model_name
from taceflow.wording.printed_table import Footnotes, Line, PrintedTable, in_points
from taceflow.wording.printing import (
    EN_DASH,
    NOT_REACHED,
    as_text,
    number,
    p_statement,
    percent,
    typographic,
    with_interval,
)

FEW_DEATHS = 10
"""So many or fewer judge no model: the 95% interval of a C near 0.7 is 0.35 wide with 10 of them,
0.24 with 20, 0.10 with 100 (400 simulated cohorts each)."""

_SIGNIFICANT = 0.05


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
    rows = of_discrimination(performance)
    cohorts = _unseen(rows)
    heads = ["Model", *(cohort_words(rows, cohort).capitalize() for cohort in cohorts)]
    corrected = optimism[optimism["metric"] == "c_index"].set_index("model")["corrected"]
    if not cohorts:
        heads.append("Training patients, corrected for optimism")
    lines, marks = [], Footnotes({})
    for model in in_order(rows["model"], MODELS):
        if model in MODELS:
            cells = [_value_and_size(rows, model, cohort, marks) for cohort in cohorts]
            if not cohorts:
                cells = [number(corrected.get(model)) or "not corrected"]
            lines.append(Line((model_name(model), *cells)))
    title = "Harrell's C in patients whom no fit has seen" if cohorts else "Harrell's C"
    notes = ("Estimate (95% CI). 0.5: no better than drawing lots; 1: every pair in order.",)
    notes = (*notes, *marks.texts) if cohorts else ()
    return PrintedTable(title, tuple(heads), tuple(lines), notes)


def headline(performance: pd.DataFrame, optimism: pd.DataFrame) -> str:
    """Return how well the study's final model does in a sentence, and where too few died for it."""
    rows = of_discrimination(performance)
    final = final_model(rows)
    if final is None:
        return "No model could be judged."
    cohorts = _unseen(rows)
    if cohorts:
        told = (
            f"{value_of(rows, final, cohort)} in the "
            f"{cohort_words(rows[rows['model'] == final], cohort)}"
            for cohort in cohorts
        )
        text = f"Harrell's C of {model_name(final)}, the final model, is {' and '.join(told)}."
        return " ".join([text, *few_deaths(rows[rows["model"] == final], cohorts)])
    found = optimism[(optimism["metric"] == "c_index") & (optimism["model"] == final)]
    fitted = value_of(rows, final, "training")
    whom = cohort_words(rows[rows["model"] == final], "training")
    text = (
        f"Every patient was of the training: Harrell's C of {model_name(final)}, the final model, "
        f"is {fitted} in the {whom}, which describes the fit"
    )
    if found["corrected"].notna().any():
        text += f"; corrected for optimism {number(float(found['corrected'].iloc[0]))}"
    return f"{text}. How it does in other patients is not known."


def few_deaths(rows: pd.DataFrame, cohorts: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each cohort in which so few died that no figure of merit says much.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of ``survival/performance.tsv``.
    cohorts : sequence of str
    """
    for cohort in cohorts:
        deaths = rows.loc[rows["cohort"] == cohort, "events"].max()
        if deaths <= FEW_DEATHS:
            are = agreeing(deaths, "is", "are")
            yield (
                f"{counted(int(deaths), 'death')} in the {cohort} cohort {are} too few to judge a "
                "model by."
            )


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
            *_other_models(of_discrimination(performance)),
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
    n, left = len(patients), len(exclusions)
    text = f"Of {counted(total, 'patient')}, {n} {agreeing(n, 'was', 'were')} analysed"
    text += f" ({', '.join(sizes)})"
    if left:
        stages = exclusions["stage"].value_counts()
        told = ", ".join(f"{stage} {count}" for stage, count in stages.items())
        text += f"; {left} {agreeing(left, 'was', 'were')} excluded ({told})"
    text += (
        f". Of the {n} analysed, {deaths} died. Median follow-up was {_months(followed)}, median "
        f"overall survival {_months(survival)}"
    )
    unreached = any(f"{EN_DASH}{NOT_REACHED}" in value for value in (followed, survival))
    return f"{text} ({NOT_REACHED}: not reached)." if unreached else f"{text}."


def _months(median: str) -> str:
    """Return a median with its unit, ``not reached`` where it is so."""
    return "not reached" if median == NOT_REACHED else f"{_with_ci(median)} months"


def _features(icc: pd.DataFrame, radscore: Mapping[str, Any]) -> str:
    count = len(radscore["coefficients"])
    if radscore["family"] == "published":
        return f"The Radscore has the {counted(count, 'feature')} of the published study."
    kept = int(icc["kept"].sum())
    entered = f"{count} entered the Radscore" if count else "none entered the Radscore"
    were = agreeing(kept, "was a candidate", "were candidates")
    return f"Of {counted(len(icc), 'radiomic feature')}, {kept} {were}; {entered}."


def _table_s1(table: pd.DataFrame) -> str:
    table = in_points(table)
    joint = table[table["hr_multi"].notna()]
    if joint.empty:
        return "No variable entered the multivariable Cox model."
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
            ratio = _with_ci(ratio).replace(" (", ", ").removesuffix(")")
            told.append(f"{name}{of_level} (hazard ratio {ratio}; {p})")
    if not told:
        return (
            "In the multivariable Cox model of the training patients "
            f"({patients}) no variable had a p below {_SIGNIFICANT:g}."
        )
    return (
        f"In the multivariable Cox model of the training patients ({patients}), "
        f"{_listed(told)} {'was' if len(told) == 1 else 'were'} associated with overall survival."
    )


def _other_models(rows: pd.DataFrame) -> Iterator[str]:
    final = final_model(rows)
    others = [model for model in MODELS if model in set(rows["model"]) and model != final]
    for cohort in _unseen(rows):
        told = []
        for model in others:
            if model in set(rows.loc[rows["cohort"] == cohort, "model"]):
                size = _size(rows, model, cohort)
                name = f"{model_name(model)} ({size})" if size else model_name(model)
                told.append(f"{value_of(rows, model, cohort)} for {name}")
        if told:
            words = cohort_words(rows[rows["model"].isin(others)], cohort)
            yield f"Of the other models in the {words} it was {_listed(told)}."


def _comparisons(comparisons: pd.DataFrame, performance: pd.DataFrame) -> Iterator[str]:
    final = final_model(performance)
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
            value = with_interval(sign * row["difference"], *bounds)
            value = _with_ci(value)[:-1] + f"; {p_statement(row['p_adjusted'])})"
            told.append(f"{value} for {model_name(other)}")
        sizes = EN_DASH.join(f"{size:.0f}" for size in sorted({rows["n"].min(), rows["n"].max()}))
        yield (
            f"In the {sizes} patients of the {cohort} cohort whom both models predict, Harrell's C "
            f"of {model_name(final)} less that of the other was {_listed(told)} (p adjusted after "
            "Holm [@holm])."
        )


def _calibration(performance: pd.DataFrame) -> Iterator[str]:
    final = final_model(performance)
    rows = performance[performance["metric"] == "calibration_slope"]
    told = []
    for cohort in _unseen(rows):
        if final in set(rows.loc[rows["cohort"] == cohort, "model"]):
            told.append(f"{value_of(rows, final, cohort)} in the {cohort} cohort")
    if told:
        yield f"The calibration slope of {model_name(final)} was {_listed(told)}."


def final_model(rows: pd.DataFrame) -> str | None:
    """Return the model that a study ends with, if it is among the rows."""
    return next((model for model in FINAL if model in set(rows["model"])), None)


def of_discrimination(performance: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of Harrell's C."""
    return performance[performance["metric"] == "c_index"]


def _unseen(rows: pd.DataFrame) -> list[str]:
    """Return the cohorts from which nothing was fitted."""
    return [cohort for cohort in in_order(rows["cohort"], COHORTS) if cohort != "training"]


def value_of(rows: pd.DataFrame, model: str, cohort: str) -> str:
    """Return ``0.72 (95% CI 0.61–0.83)``, or the estimate with why it has no interval."""
    found = rows[(rows["model"] == model) & (rows["cohort"] == cohort)]
    if found.empty:
        return "not defined"
    return with_ci(found.iloc[0])


def with_ci(row: Mapping[str, Any]) -> str:
    """Return ``0.72 (95% CI 0.61–0.83)``, or the estimate with why it has no interval.

    Parameters
    ----------
    row : mapping
        ``estimate``, ``lower``, ``upper``, ``note``.
    """
    value = with_interval(row["estimate"], row["lower"], row["upper"]) or "not defined"
    note = "" if value.endswith(")") else as_text(row["note"])
    return f"{value} ({note})" if note else _with_ci(value)


def _value_and_size(rows: pd.DataFrame, model: str, cohort: str, marks: Footnotes) -> str:
    """Return a cell, with the patients where they are fewer than the column's."""
    found = rows[(rows["model"] == model) & (rows["cohort"] == cohort)]
    if found.empty:
        return "not defined"
    row = found.iloc[0]
    value = with_interval(row["estimate"], row["lower"], row["upper"]) or "not defined"
    size = _size(rows, model, cohort)
    value += f", {size}" if size else ""
    return value if pd.notna(row["lower"]) else value + marks.mark(row["note"])


def _size(rows: pd.DataFrame, model: str, cohort: str) -> str:
    """Return ``n = 21`` of a model that predicts fewer patients than another, else ""."""
    own = rows[rows["cohort"] == cohort]
    size = own.loc[own["model"] == model, "n"].max()
    return f"n = {size:.0f}" if size < own["n"].max() else ""


def cohort_words(rows: pd.DataFrame, cohort: str) -> str:
    """Return ``validation cohort (n = 21, deaths 15)``: of the rows' models the largest."""
    own = rows[rows["cohort"] == cohort]
    return f"{cohort} cohort (n = {own['n'].max():.0f}, deaths {own['events'].max():.0f})"


def _with_ci(value: str) -> str:
    """Return ``0.72 (95% CI 0.61–0.83)`` of ``0.72 (0.61–0.83)``."""
    return value.replace(" (", " (95% CI ", 1)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
