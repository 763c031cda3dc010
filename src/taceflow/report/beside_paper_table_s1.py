"""Hazard ratios of the printed Table S1 beside those of a run."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from taceflow.wording.printing import as_text

NOT_IN_RUN = "not in this run"
NOT_PRINTED = "not printed"

_SIGNIFICANT = 0.05
_Row = dict[str, Any]


def table_s1_rows(printed: pd.DataFrame, run: pd.DataFrame) -> Iterator[_Row]:
    """Yield the hazard ratios of Table S1, univariate ones first.

    A printed number that contradicts its own interval or p is shown as it is, with a remark.

    Parameters
    ----------
    printed : DataFrame
        Text, so that digits stay: ``variable``, ``level`` and the columns of both models.
    run : DataFrame
        ``tables/table_s1.tsv``.
    """
    # a column with gaps holds its whole numbers as fractions
    run = run.assign(level=[as_text(level).removesuffix(".0") for level in run["level"]])
    run = run[run["note"].map(as_text) != "reference"]
    ours = {(row["variable"], row["level"]): row for row in run.to_dict("records")}
    theirs = {_with_level(row, ours): row for row in printed.to_dict("records")}
    for model, name, suffix in (("uni", "univariate", ""), ("multi", "multivariate", "_multi")):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            here, there = ours.get(key, {}), theirs.get(key, {})
            row = {"part": f"table_s1_{name}", "item": key[0], "level": key[1] or None}
            row |= _numbers(there, "printed", model) | _numbers(here, "run", model)
            row["printed_p"] = there.get(f"p_{model}") or None
            if row["printed"] is None and row["run"] is None:
                continue
            if row["run"] is not None:
                row |= {"n": here[f"n{suffix}"], "events": here[f"events{suffix}"]}
            yield row | {"remark": _remark(row, here, entered=model == "multi")}


def _with_level(row: _Row, ours: dict[tuple[str, str], _Row]) -> tuple[str, str]:
    """Return variable and level; print leaves out the level of a factor that has only two."""
    key = (row["variable"], row["level"])
    levels = [other for other in ours if other[0] == key[0]]
    return levels[0] if key not in ours and not key[1] and len(levels) == 1 else key


def _numbers(row: _Row, name: str, model: str) -> _Row:
    keys = (("", "hr"), ("_lower", "lower"), ("_upper", "upper"))
    found = {f"{name}{end}": number_or_none(row.get(f"{key}_{model}")) for end, key in keys}
    return found | ({"run_p": number_or_none(row.get(f"p_{model}"))} if name == "run" else {})


def _remark(row: _Row, here: _Row, *, entered: bool) -> str | None:
    remarks = []
    if row["printed"] is None:
        remarks.append(NOT_PRINTED)
    elif contradiction := _contradiction(row):
        remarks.append(f"as printed, {contradiction}")
    if row["run"] is None:
        # without a value in the sheet, the note says what the variable's place in the row says
        reason = as_text(here["note"]) if here.get("n") else NOT_IN_RUN
        remarks.append(reason or ("did not enter here" if entered else NOT_IN_RUN))
    return "; ".join(remarks) or None


def _contradiction(row: _Row) -> str | None:
    """Return how a printed hazard ratio contradicts its own interval or p, if it does."""
    low, high, p = row["printed_lower"], row["printed_upper"], row["printed_p"]
    if not low <= row["printed"] <= high:
        return "the ratio lies outside its interval"
    below = p.startswith("<") or float(p) < _SIGNIFICANT
    if below and low <= 1 <= high:
        return "p is below 0.05 and the interval holds 1"
    if not below and not low <= 1 <= high:
        return "p is above 0.05 and the interval does not hold 1"
    return None


def number_or_none(value: object) -> float | None:
    """Return a number, None for what is empty or missing."""
    return None if value is None or value == "" or value != value else float(value)
