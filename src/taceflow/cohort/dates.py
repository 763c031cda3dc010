"""Months of follow-up from two dates, which go no further than the table that holds them."""

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.cells import as_numbers, plain_value
from taceflow.wording.messages import listed, plain_name, row_number

FIRST, LAST = "first_tace_date", "last_contact_or_death_date"
"""Columns of the table of patients that may stand in place of ``time_months``."""

DAYS_A_MONTH = 30.4375

_LONGEST_APART_MONTHS = 1.0
"""By how much ``time_months`` may differ from the dates: it may be in whole months."""

_EARLIEST = datetime.date(1974, 1, 1)
"""The first embolisation of a hepatocellular carcinoma (Doyon, Ann Radiol 1974;17:593)."""

_DAY_ZERO_OF_EXCEL = datetime.date(1899, 12, 30)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janner janv janvier ene enero gen gennaio janeiro januari",
            "feb february februar febr fev fevr fevrier febrero febbraio fevereiro februari",
            "mar march mrz marz maerz mars marzo marco mrt maart",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio maio mei",
            "jun june juni juin junio giu giugno junho",
            "jul july juli juil juillet julio lug luglio julho",
            "aug august aout ago agosto augustus",
            "sep sept september septembre septiembre set settembre setembro",
            "oct october okt oktober octobre octubre ott ottobre out outubro",
            "nov november novembre noviembre novembro",
            "dec december dez dezember decembre dic diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
"""In English, German, French, Spanish, Italian, Portuguese and Dutch, without accents."""

_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-./年](\d{{1,2}})[-./月](\d{{1,2}})日?{_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-./])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_NAMED = re.compile(r"(\d{1,2})\.?[- ]+(?:de )?([^\W\d_]+)\.?,?[- ]+(?:de )?(\d{4})")
_RUN_ON = re.compile(r"(\d{2})([^\W\d_]{3})(\d{4})")
"""As SAS and Stata write them: 03APR2018."""
_NAMED_FIRST = re.compile(r"([^\W\d_]+)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_SHORT_YEAR = re.compile(r"\d{1,2}[-./ ](?:\d{1,2}|[^\W\d_]+)[-./ ]\d{2}")
_NO_DAY = re.compile(
    r"(?i)(?:unk?|nk|xx|[?]+)[-./ ].*\d{4}|\d{4}[-./ ].*(?:unk?|nk|xx|[?]+)|"
    r"\d{4}|\d{4}[-./]\d{1,2}|\d{1,2}[-./]\d{4}|[^\W\d_]+\.? \d{4}"
)
_SIGNS = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | dict.fromkeys("\u2010\u2011\u2012\u2013", "-")
)
"""Spaces and hyphens that programs set in place of the keyboard's."""

_CALENDAR_DAY = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")

_WRITE = "write year-month-day, such as 2021-03-31"


def with_months(sheet: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the table of patients with ``time_months``, and without its two dates.

    A month is 365.25 / 12 days. Where ``time_months`` is filled in too it counts, and has to agree.
    No message holds a date.

    Parameters
    ----------
    sheet : pandas.DataFrame
        As read, indexed by rows; dates as text, or as the number by which Excel counts days.
    source : str
        Its file.

    Returns
    -------
    pandas.DataFrame
        The table itself if it has no dates.

    Raises
    ------
    InputError
        If one of the columns is missing or written otherwise, a cell is no date or may be two, or
        the dates of a patient are the same, in the wrong order, before TACE was known or in the
        future.
    """
    found = {plain_name(name): name for name in map(str, sheet.columns)}
    near = {found[plain_name(one)]: one for one in (FIRST, LAST) if plain_name(one) in found}
    problems = [
        f"column '{name}' is nearly '{one}': rename it" for name, one in near.items() if name != one
    ]
    if len(near) == 1:
        there = next(iter(near.values()))
        other = LAST if there == FIRST else FIRST
        problems.append(f"column '{there}' is there and '{other}' is not: months need both")
    if problems:
        raise InputError(problems, file=source, remedy="Mend the table")
    if not near:
        return sheet
    dates = {name: _dates_of(sheet, name, problems) for name in (FIRST, LAST)}
    given = {name: sheet[name].dropna().map(str) for name in (FIRST, LAST)}
    if {_day_first(texts) for texts in given.values()} == {True, False}:
        rows = [row for texts in given.values() for row in texts.index if _tells(texts[row])]
        problems.append(
            f"{_who(sheet, sorted({*rows}))}: one of '{FIRST}' and '{LAST}' has the day first, the "
            "other the month"
        )
    rest = sheet.drop(columns=[FIRST, LAST])
    if not problems:
        rest["time_months"] = _months(sheet, dates, problems)
    if problems:
        remedy = f"Mend the dates, in a workbook as cells of the format Date; else {_WRITE}"
        raise InputError(problems, file=source, remedy=remedy)
    return rest


def holds_dates(column: pd.Series) -> bool:
    """Say whether a column holds a date with its day, be it among other words."""
    forms = (_YEAR_FIRST, _YEAR_LAST, _NAMED, _NAMED_FIRST)
    texts = [str(value) for value in map(plain_value, column.unique()) if value is not None]
    # numbers of eight digits are dates if all of them can be
    is_compact = bool(texts) and all(map(_CALENDAR_DAY.fullmatch, texts))
    run_on = [match for text in texts if (match := _RUN_ON.fullmatch(text))]
    return (
        is_compact
        or any(match[2].casefold() in _MONTHS for match in run_on)
        or any(form.search(text) for text in texts for form in forms)
    )


def _dates_of(sheet: pd.DataFrame, name: str, problems: list[str]) -> dict[int, datetime.date]:
    """Return the dates of a column by row; what is none is added to the problems."""
    texts = {
        row: "" if value is None else str(value).translate(_SIGNS).strip()
        for row, value in sheet[name].map(plain_value).items()
    }
    texts = {row: text for row, text in texts.items() if text and text != "nan"}
    day_first = _day_first(texts.values())
    dates, refused = {}, defaultdict(list)
    # a spreadsheet of another country has read 3/4/2021 in its own way, and left 3/31/2021 as text
    as_text = [row for row, text in texts.items() if _is_slashed(text)]
    read = [text for text in texts.values() if _YEAR_FIRST.match(text) or _SERIAL.fullmatch(text)]
    if as_text and read:
        problems.append(
            f"column '{name}': {_who(sheet, as_text)}: text with slashes beside cells of the "
            "format Date, whose day and month a spreadsheet may have exchanged: compare all of "
            "them with the records"
        )
        return {}
    for row, text in texts.items():
        date = _date_of(text, day_first)
        if isinstance(date, str):
            refused[date].append(row)
        else:
            dates[row] = date
    problems += [f"column '{name}': {_who(sheet, rows)}: {why}" for why, rows in refused.items()]
    return dates


def _day_first(texts: Any) -> bool | None:
    """Say whether the day stands before the month in ``3/4/2021``, None if no cell can tell.

    Both ways in one column are none.
    """
    found = [match for text in texts if (match := _YEAR_LAST.fullmatch(text))]
    # points are written where the day comes first
    first = any(match[2] == "." or int(match[1]) > 12 for match in found)
    second = any(match[2] != "." and int(match[3]) > 12 for match in found)
    return None if first == second else first


def _tells(text: str) -> bool:
    return _day_first([text]) is not None


def _is_slashed(text: str) -> bool:
    match = _YEAR_LAST.fullmatch(text)
    return bool(match) and match[2] != "."


def _date_of(text: str, day_first: bool | None) -> datetime.date | str:
    """Return a date, or why a cell holds none."""
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        parts = [int(match[1]), int(match[2]), int(match[3])]
    elif match := _YEAR_LAST.fullmatch(text):
        if day_first is None and match[2] != "." and match[1] != match[3]:
            return f"day and month, or month and day? No cell tells: {_WRITE}"
        is_first = match[2] == "." or day_first or match[1] == match[3]
        day, month = (match[1], match[3]) if is_first else (match[3], match[1])
        parts = [int(match[4]), int(month), int(day)]
    elif match := (
        _NAMED.fullmatch(text) or _RUN_ON.fullmatch(text) or _NAMED_FIRST.fullmatch(text)
    ):
        day, month = (match[1], match[2]) if match[1].isdigit() else (match[2], match[1])
        if (number := _MONTHS.get(_without_accents(month.casefold()))) is None:
            return f"a month in an unknown language: {_WRITE}"
        parts = [int(match[3]), number, int(day)]
    elif _SERIAL.fullmatch(text):
        return _DAY_ZERO_OF_EXCEL + datetime.timedelta(days=int(float(text)))
    elif _SHORT_YEAR.fullmatch(text):
        return f"a year of two digits: {_WRITE}"
    elif _NO_DAY.fullmatch(text):
        return "no day: write it, or leave the cell empty and fill in time_months"
    else:
        return f"no date: {_WRITE}, or leave the cell empty if it is unknown"
    try:
        return datetime.date(*parts)
    except ValueError:
        return "a day that no calendar has"


def _without_accents(word: str) -> str:
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()


def _months(
    sheet: pd.DataFrame, dates: dict[str, dict[int, datetime.date]], problems: list[str]
) -> pd.Series:
    first, last = dates[FIRST], dates[LAST]
    today = datetime.date.today()
    both = [row for row in first if row in last]
    days = {row: (last[row] - first[row]).days for row in both}
    serial = {
        name: {row for row in both if _SERIAL.fullmatch(str(sheet[name][row]))}
        for name in (FIRST, LAST)
    }
    months = pd.Series({row: count / DAYS_A_MONTH for row, count in days.items()}, dtype=float)
    given = sheet["time_months"] if "time_months" in sheet else pd.Series(dtype=float)
    numbers = as_numbers(given.reindex(both))
    refused = {
        "one date is a number of Excel's and one a date": sorted(serial[FIRST] ^ serial[LAST]),
        f"a date before {_EARLIEST.year}, when TACE was not known": [
            row for row in both if min(first[row], last[row]) < _EARLIEST
        ],
        "a date in the future": [
            row
            for row in sorted({*first, *last})
            if any(table.get(row, today) > today for table in (first, last))
        ],
        f"{LAST} is before {FIRST}": [row for row in both if days[row] < 0],
        f"{LAST} is the day of {FIRST}, which leaves no time: write 0.03 (a day) as "
        "time_months if it is right, and take the dates out": [
            row for row in both if days[row] == 0
        ],
        "time_months and the dates differ by more than a month": [
            row
            for row in both
            if days[row] > 0 and abs(numbers[row] - months[row]) > _LONGEST_APART_MONTHS
        ],
    }
    problems += [f"{_who(sheet, rows)}: {why}" for why, rows in refused.items() if rows]
    kept = given.reindex(sheet.index)
    return kept.where(kept.notna(), months.reindex(sheet.index))


def _who(sheet: pd.DataFrame, rows: Sequence[int]) -> str:
    ids = sheet["patient_id"] if "patient_id" in sheet else pd.Series("?", sheet.index)
    names = [f"{ids[row]}{row_number(sheet, row)}" for row in rows]
    return f"{'patient' if len(names) == 1 else 'patients'} {listed(names, 5)}"
