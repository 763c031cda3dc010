"""A workbook's sheet: its rows with a value, merged cells and hidden rows."""

import re
from collections.abc import Iterator
from typing import Any

from taceflow.errors import InputError
from taceflow.files.sheets.grid import trimmed
from taceflow.wording.messages import listed

_MOST_EMPTY = 20_000
"""Formatted rows without a value, one after the other, after which a sheet is taken to end."""


def filled_rows(sheet: Any) -> Iterator[tuple[int, Any]]:
    """Yield the rows that hold anything, each with its number.

    Read from the file one by one: a single cell in the last row or column of a sheet then costs no
    memory. What the file says of the sheet's size is not believed.
    """
    sheet.reset_dimensions()
    empty = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if any(trimmed(cell.value) is not None for cell in row):
            empty = 0
            yield number, row
        elif row:
            empty += 1
            if empty > _MOST_EMPTY:
                return


def check_layout(sheet: Any, head: int, where: str) -> None:
    """Refuse merged cells and hidden rows from the header on; above it stands a title."""
    merged, hidden = [], []
    for kind, text in _layout(sheet):
        if kind == "merged" and int(re.findall(r"\d+", text)[-1]) >= head:
            merged.append(text)
        elif kind == "hidden" and int(text) > head:
            hidden.append(text)
    if merged:
        raise InputError(
            f"cells are merged ({listed(merged)}): only the first has a value",
            file=where,
            remedy="Unmerge them and give every row its own value",
        )
    if hidden:
        filled = {str(number) for number, _ in filled_rows(sheet)}
        if hidden := [number for number in hidden if number in filled]:
            raise InputError(
                f"rows are hidden, by a filter or by hand ({listed(hidden)})",
                file=where,
                remedy="Show them, and delete those that shall not take part",
            )


def _layout(sheet: Any) -> Iterator[tuple[str, str]]:
    """Yield ranges of merged cells and numbers of hidden rows, which openpyxl's reader passes over.

    From the sheet's XML, in pieces.
    """
    merged = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]+)"')
    row = re.compile(rb"<(?:\w+:)?row\s[^>]*>")
    tail, number = b"", 0
    with sheet._get_source() as source:
        while piece := source.read(1 << 20):
            text = tail + piece
            end = text.rfind(b">") + 1
            for found in merged.finditer(text, 0, end):
                yield "merged", found[1].decode()
            for found in row.finditer(text, 0, end):
                # some programs leave the numbers out
                told = re.search(rb'\sr="(\d+)"', found[0])
                number = int(told[1]) if told else number + 1
                if re.search(rb'\shidden="(1|true)"', found[0]):
                    yield "hidden", str(number)
            tail = text[end:]
