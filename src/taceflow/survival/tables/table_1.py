"""Table 1: the training patients beside those of the validation and the external cohort."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import COHORTS
from taceflow.files.tables import read_table, write_table
from taceflow.scores import OWN_SCORES
from taceflow.survival.minimum_counts import FEWEST
from taceflow.survival.regression.design import (
    Variable,
    as_levels,
    is_available,
    reference_level,
    refuse_infinite,
    sort_levels,
    variables_from,
)
from taceflow.survival.tables.group_tests import GroupTest, compare_counts, compare_numbers

OTHERS = {"validation": "", "external": "_external"}
"""Cohorts that the training patients are tested against, and how the columns of the test end."""

COLUMNS = [
    "variable",
    "label",
    "level",
    *COHORTS,
    *(f"{name}{end}" for end in OTHERS.values() for name in ("test", "p")),
    *(f"{prefix}_{group}" for prefix in ("n", "missing") for group in COHORTS),
    "note",
]

FOLLOW_UP = Variable("time_months", "Observed time (months)")
DEATH = Variable("event", "Death")

PROCEDURE = (
    Variable("raltitrexed_mg_m2", "Raltitrexed (mg/m2)"),
    Variable("pirarubicin_mg", "Pirarubicin (mg)"),
    Variable("lipiodol_ml", "Lipiodol (mL)"),
    Variable("embolic_agent", "Embolic agent"),
    Variable("tace_sessions", "TACE sessions"),
)
"""Appendix E2; only in Table 1, and only where the sheet has values."""


def write_table_1(
    *, patients: str, variables: Sequence[Mapping[str, Any]], seed: int, table: str
) -> None:
    """Write ``tables/table_1.tsv``.

    Parameters
    ----------
    patients : str
        Cohort table.
    variables : sequence of mapping
        ``survival.variables`` of the configuration; scores of the models are passed over, the
        fields of the procedure are added where there are values.
    seed : int
        For a Fisher test too large to enumerate.
    table : str
        Table to write.
    """
    cohort = read_table(patients)
    chosen = [one for one in variables_from(variables) if one.column not in OWN_SCORES]
    listed = {one.column for one in chosen}
    chosen += [one for one in PROCEDURE if one.column not in listed and is_available(cohort, one)]
    frame = table_1(cohort, [*chosen, FOLLOW_UP, DEATH], seed)
    write_table(frame, table, "table_1")


def table_1(cohort: pd.DataFrame, variables: Sequence[Variable], seed: int = 0) -> pd.DataFrame:
    """Describe the cohorts and compare them with training, missing values left out and counted.

    Parameters
    ----------
    cohort : DataFrame
        Patients with ``cohort`` and the variables' columns.
    variables : sequence of Variable
        Factors, 0/1 columns and words are counted; other numbers are described by mean and
        standard deviation if normal in every cohort, else by median and quartiles (R's type 7).
    seed : int
        See `write_table_1`.

    Returns
    -------
    DataFrame
        A row a number, a row a level; the tests stand in a variable's first row.

    Raises
    ------
    InputError
        If a number is infinite.
    """
    rows: list[dict[str, Any]] = []
    for variable in variables:
        values = cohort.get(variable.column, pd.Series(np.nan, cohort.index))
        columns = {group: values[cohort["cohort"] == group] for group in COHORTS}
        sizes = {f"n_{group}": int(column.notna().sum()) for group, column in columns.items()}
        sizes |= {f"missing_{group}": int(column.isna().sum()) for group, column in columns.items()}
        if not is_available(cohort, variable):
            rows.append(_row(variable, None, {}, {}, sizes, "no value in the cohort table"))
            continue
        refuse_infinite(cohort, variable)
        known = {group: column.dropna() for group, column in columns.items()}
        describe = _count_rows if _is_categorical(values, variable) else _number_rows
        rows += describe(variable, known, sizes, seed)
    return pd.DataFrame(rows, columns=COLUMNS)


def _number_rows(
    variable: Variable, known: Mapping[str, pd.Series], sizes: dict[str, int], seed: int
) -> list[dict[str, Any]]:
    values = {group: column.to_numpy(dtype=float) for group, column in known.items()}
    tests = {
        group: compare_numbers(values["training"], values[group])
        for group in OTHERS
        if len(values[group])
    }
    normal = bool(tests) and all(test.normal for test in tests.values())
    printed = {group: _describe(numbers, normal) for group, numbers in values.items()}
    return [_row(variable, None, printed, tests, sizes, _note(tests, sizes))]


def _count_rows(
    variable: Variable, known: Mapping[str, pd.Series], sizes: dict[str, int], seed: int
) -> list[dict[str, Any]]:
    groups = {group: as_levels(column) for group, column in known.items()}
    levels = sort_levels(list(pd.concat(groups.values()).unique()))
    reference = reference_level(variable, levels)
    if reference is not None:
        levels = [reference, *(level for level in levels if level != reference)]
    counts = np.array([[int((groups[g] == level).sum()) for g in COHORTS] for level in levels])
    tests = {
        group: compare_counts(counts[:, [0, COHORTS.index(group)]], seed)
        for group in OTHERS
        if sizes[f"n_{group}"]
    }
    rows = []
    for position, (level, row) in enumerate(zip(levels, counts, strict=True)):
        printed = {
            group: f"{count} ({100 * count / sizes[f'n_{group}']:.1f}%)"
            for group, count in zip(COHORTS, row, strict=True)
            if sizes[f"n_{group}"]
        }
        first = position == 0
        note = _note(tests, sizes) if first else ""
        rows.append(_row(variable, level, printed, tests if first else {}, sizes, note))
    return rows


def _row(
    variable: Variable,
    level: str | None,
    printed: Mapping[str, str],
    tests: Mapping[str, GroupTest],
    sizes: Mapping[str, int],
    note: str,
) -> dict[str, Any]:
    return {
        "variable": variable.column,
        "label": variable.label,
        "level": level,
        **{group: printed.get(group) for group in COHORTS},
        **{f"test{OTHERS[group]}": test.name or None for group, test in tests.items()},
        **{f"p{OTHERS[group]}": test.p for group, test in tests.items()},
        **sizes,
        "note": note or None,
    }


def _note(tests: Mapping[str, GroupTest], sizes: Mapping[str, int]) -> str:
    unknown = [g for g in COHORTS if sizes[f"missing_{g}"] and not sizes[f"n_{g}"]]
    if unknown:
        return f"no value in the {' and the '.join(unknown)} cohort"
    if all(test.name for test in tests.values()):
        return ""
    return f"no test: one level only, or fewer than {FEWEST} in a cohort"


def _describe(values: np.ndarray, normal: bool) -> str | None:
    if len(values) == 0:
        return None
    digits = 1 if np.abs(values).max() >= 10 else 2
    if normal:
        return f"{values.mean():.{digits}f} \u00b1 {values.std(ddof=1):.{digits}f}"
    lower, middle, upper = quartiles = np.quantile(values, [0.25, 0.5, 0.75])
    if (values % 1 == 0).all():
        # counts and scores: whole quartiles as such, those between two counts with one decimal
        digits = 0 if (quartiles % 1 == 0).all() else 1
    if len(values) == 1:
        return f"{middle:.{digits}f} (one value)"
    return f"{middle:.{digits}f} ({lower:.{digits}f}\u2013{upper:.{digits}f})"


def _is_categorical(column: pd.Series, variable: Variable) -> bool:
    if variable.is_factor or not pd.api.types.is_numeric_dtype(column):
        return True
    return bool(column.dropna().isin([0, 1]).all())
