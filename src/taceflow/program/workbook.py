"""A workbook to fill in: a sheet a table, with lists to choose from and what each column means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from taceflow.cohort.dates import FIRST, LAST
from taceflow.files.atomic import atomic_path
from taceflow.files.schemas import load_schema

_ROWS_TO_COME = 500
"""Rows beyond the last one that have lists too."""

_WIDTHS = {"image": 60, "mask": 60, "notes": 80, "patient_id": 16}
_DATES = {
    FIRST: "Day of the first TACE. With the day of last contact or death it takes the place of "
    "time_months; no result holds it",
    LAST: "Day of death (event 1), or of the last contact (event 0)",
}


def write_workbook(path: Path, tables: Mapping[str, tuple[Sequence[str], list[dict]]]) -> None:
    """Write a workbook whole.

    Parameters
    ----------
    path : Path
        A ``.xlsx`` file.
    tables : mapping of str to (sequence of str, list of dict)
        Columns and rows by table, whose name is that of its schema and its sheet.
    """
    book = Workbook()
    book.remove(book.active)
    for name, (columns, rows) in tables.items():
        _fill(book.create_sheet(name), load_schema(_schema_of(name))["properties"], columns, rows)
    with atomic_path(path) as temporary:
        book.save(temporary)


def _schema_of(name: str) -> str:
    return "candidates" if name == "choices" else name


def _fill(
    sheet: Worksheet, rules: Mapping[str, Any], columns: Sequence[str], rows: list[dict]
) -> None:
    sheet.append(list(columns))
    for row in rows:
        sheet.append([row.get(name) for name in columns])
    last = len(rows) + 1 + _ROWS_TO_COME
    for place, name in enumerate(columns, start=1):
        rule, letter = rules.get(name, {}), get_column_letter(place)
        head = sheet.cell(1, place)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        told = _DATES.get(name, rule.get("description", ""))
        if told:
            head.comment = Comment(told, "taceflow", width=320, height=90)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, max(10, len(name) + 2))
        if "enum" in rule:
            words = ",".join(str(word) for word in rule["enum"])
            choice = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
            choice.error, choice.errorTitle = f"One of {words}, or nothing", name
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{last}")
        form = "yyyy-mm-dd" if name in _DATES else "@" if rule.get("type") == "string" else None
        # of a column without cells, a program takes the format for those to come
        sheet.column_dimensions[letter].number_format = form or "General"
        for row in range(2, len(rows) + 2):
            if form:
                sheet.cell(row, place).number_format = form
    sheet.freeze_panes = "B2"
