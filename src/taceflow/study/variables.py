"""The variables of the configuration against the columns of the table of patients."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.cohort.dates import holds_dates
from taceflow.cohort.derived_scores import add_derived_scores
from taceflow.cohort.units import conversion
from taceflow.errors import InputError
from taceflow.files.cells import as_numbers
from taceflow.files.schemas import load_schema
from taceflow.radscore.harmonise import OF_IMAGES
from taceflow.scores import OWN_SCORES
from taceflow.study.sources import starts_from_features
from taceflow.survival.regression.design import (
    LARGEST,
    Term,
    Variable,
    as_levels,
    reference_level,
    sort_levels,
    variables_from,
)
from taceflow.wording.cell_hints import number_hint
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.messages import listed, nearest, plain_name, row_number

_IN_TABLE_1 = ("embolic_agent",)
"""Columns of words that are printed by their levels though they are no variables."""


def check_variables(
    config: Mapping[str, Any],
    sheet: pd.DataFrame,
    source: str,
    terms: Sequence[Term] | None = None,
) -> None:
    """Refuse variables that the table cannot give.

    Parameters
    ----------
    config : mapping
        The checked configuration.
    sheet : pandas.DataFrame
        The table of patients.
    source : str
        Its file.
    terms : sequence of Term, optional
        Of the models that are applied: these alone are looked at, as far as the table has them.

    Raises
    ------
    InputError
        If a variable names no column, a column has the schema's name but for the unit, a cell of a
        numeric column is no number, a factor's reference does not occur among its levels, or
        levels differ by capitals only.
    """
    table = add_derived_scores(sheet)
    properties = load_schema("patients")["properties"]
    known = {*properties, *OWN_SCORES}
    named = {one["column"] for one in config["survival"]["variables"]}
    problems = list(_in_another_unit(set(table), named, properties))
    if terms is not None:
        problems += _of_terms(table, terms)
    for variable in variables_from(config["survival"]["variables"] if terms is None else []):
        name = variable.column
        if name not in table:
            if name not in known:
                meant = nearest(name, {*table.columns, *known})
                problems.append(f"survival.variables: '{name}' is no column of the table{meant}")
        elif name not in OWN_SCORES:
            problems += (
                _of_factor(table, variable) if variable.is_factor else _of_number(table, name)
            )
    for name in _IN_TABLE_1:
        if name in table:
            problems += _alike(name, list(as_levels(table[name]).dropna().unique()))
    if problems:
        raise InputError(
            problems,
            file=source,
            remedy="Mend the table or survival.variables in the configuration",
        )


def compared_variables(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the variables in which new patients are compared with the training patients.

    ``survival.variables``, and the column of scanners or centres by which features are harmonised:
    of one that training has not, they stay as they are.
    """
    variables, by = config["survival"]["variables"], config["radiomics"]["harmonise"]["by"]
    if by is None or by in [one["column"] for one in variables]:
        return variables
    return [*variables, {"column": by, "label": "Scanner or centre", "reference": ""}]


def check_batches(
    config: Mapping[str, Any], sheet: pd.DataFrame, source: str, known: Sequence[str] = ()
) -> None:
    """Refuse a column of scanners or centres, `radiomics.harmonise.by`, that is none.

    Parameters
    ----------
    config, sheet, source
        As for `check_variables`.
    known : sequence of str
        Scanners or centres of the training patients, where a fitted study is applied.

    Raises
    ------
    InputError
        If it is neither of the table nor known from images, or levels differ by capitals only.
    """
    by = config["radiomics"]["harmonise"]["by"]
    problem = ""
    if by in sheet:
        levels = {*as_levels(sheet[by]).dropna(), *known}
        problem = "; ".join(_alike(by, sort_levels(list(levels))))
        if holds_dates(sheet[by]):
            problem = f"radiomics.harmonise.by: '{by}' holds dates, which no result does"
    elif by is not None and (by != OF_IMAGES or starts_from_features(config)):
        problem = (
            f"radiomics.harmonise.by: '{by}' is no column of the table"
            f"{nearest(by, map(str, sheet.columns))}"
        )
    if problem:
        raise InputError(problem, file=source, remedy="Mend the table or the configuration")


def _of_terms(table: pd.DataFrame, terms: Sequence[Term]) -> Iterator[str]:
    """Say which cells stored models cannot read; a level that they do not know is no slip yet."""
    for term in terms:
        if term.column not in table:
            continue
        if term.reference is None:
            yield from _of_number(table, term.column)
            continue
        known = [term.reference, *term.levels]
        found = {level for level in as_levels(table[term.column]).unique() if level}
        for level in sort_levels(list(found - set(known))):
            yield from _alike(term.column, [*known, level])


def _in_another_unit(
    names: set[str], named: set[str], properties: Mapping[str, Any]
) -> Iterator[str]:
    """Say which columns are one of the schema's but for the unit in their name.

    Nothing reads them, and what is derived from that column would be missing without a word.
    """
    plain = {plain_name(name): name for name in names - named}
    for listed_name, rule in properties.items():
        stem = plain_name(listed_name).removesuffix(plain_name(rule.get("x-unit", "")))
        for unit, factor in rule.get("x-other-units", {}).items():
            name = plain.get(stem + plain_name(unit))
            if name is not None and listed_name not in names:
                yield (
                    f"column '{name}' is read by nothing, but '{listed_name}' is: "
                    f"{conversion(unit, factor)}"
                )


def _of_number(table: pd.DataFrame, name: str) -> Iterator[str]:
    values = table[name].dropna()
    numbers = as_numbers(values)
    words = values[numbers.isna()].astype(str)
    meant = sum(bool(number_hint(word)) for word in words)
    if len(words) > (len(values) - len(words)) + meant:
        levels = sort_levels(words.unique())
        yield (
            f"column '{name}' holds words ({listed(levels)}): give it a reference in "
            "survival.variables, the level that the others are compared with"
        )
        return
    if len(words):
        cells = defaultdict(list)
        for row, word in words.items():
            cells[number_hint(word)].append(
                f"{table['patient_id'][row]}{row_number(table, row)} '{word}'"
            )
        told = [f"{listed(some, 5)}{f' ({hint})' if hint else ''}" for hint, some in cells.items()]
        are = agreeing(len(words), "is no number", "are no numbers")
        of_all = counted(len(values), "value")
        yield f"column '{name}': {len(words)} of {of_all} {are}: {listed(told)}"
    large = numbers[numbers.abs() > LARGEST]
    if len(large):
        row = large.index[0]
        yield (
            f"column '{name}': {table['patient_id'][row]}{row_number(table, row)} holds "
            f"{large[row]:g}; leave the cell empty if the value is unknown"
        )


def _of_factor(table: pd.DataFrame, variable: Variable) -> Iterator[str]:
    levels = sort_levels([level for level in as_levels(table[variable.column]).unique() if level])
    yield from _alike(variable.column, levels)
    dates = [level for level in levels if number_hint(level).startswith("a date")]
    words = [level for level in levels if level not in dates]
    if dates and words:
        yield (
            f"column '{variable.column}': {listed(dates)} beside {listed(words)}: a spreadsheet "
            "makes dates of words such as SEPT2; write the word, in the format Text"
        )
    if dates and not words:
        yield f"column '{variable.column}' holds dates, which no result does: it is no variable"
    # a column with one level, such as a study of men, says so in its tables
    if len(levels) > 1 and reference_level(variable, levels) is None:
        meant = nearest(str(variable.reference), levels)
        yield (
            f"survival.variables: the reference '{variable.reference}' of '{variable.column}' does "
            f"not occur among its levels ({listed(levels)}){meant}"
        )


def _alike(name: str, levels: list[str]) -> Iterator[str]:
    """Say which levels differ by capitals, spaces inside or ways to write one letter only."""
    groups = defaultdict(list)
    for level in levels:
        # Ｇ２ of a Chinese or Japanese keyboard, and ä of two signs, look like G2 and ä
        plain = unicodedata.normalize("NFKC", level)
        groups["".join(plain.split()).casefold()].append(level)
    for same in groups.values():
        if len(same) > 1:
            names = " and ".join(map(repr, same))
            yield f"column '{name}': {names} are one level: write them alike"
