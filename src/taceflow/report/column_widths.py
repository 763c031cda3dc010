"""How wide the columns of a printed table are: as their texts ask, and no word is broken.

And how far numbers stand from the left of their column, so that units stand under units. A decimal
tab would do that in Word alone, and only where the machine has the document's decimal mark.
"""

import re
from collections.abc import Sequence

import numpy as np

from taceflow.wording.lettering import width_mm
from taceflow.wording.printed_table import PrintedTable

INDENT_MM = 4.0
"""Of a level under its variable."""

_MARGINS_MM = 4.2
"""Of a cell, left and right together."""

_OF_ARIAL = 0.95
"""The letters of Arial are narrower than those that are measured, by a twentieth at least."""


_WHOLE_PART = re.compile(r"[<>−]?\d+(?:\N{NO-BREAK SPACE}\d{3})*(?![\w-])")
"""What stands before the decimal mark of a cell's first number."""

_DIGIT_EM, _SIGN_EM, _SPACE_EM = 0.556, 0.584, 0.278
"""Widths of Arial's digits, of its signs (all three), and of its space."""


def left_of_numbers(table: PrintedTable, size_pt: float) -> list[tuple[float, ...]]:
    """Return how far each cell's text begins from the left, in millimetres, a row each.

    In a column most of whose cells begin with a number, the whole parts of numbers end at one
    place; words, and columns of words, begin at the left.
    """
    columns = []
    for column, _ in enumerate(table.columns):
        texts = ["" if line.part else line.cells[column] for line in table.lines]
        found = [_WHOLE_PART.match(text) for text in texts]
        if column == 0 or 2 * sum(map(bool, found)) < sum(map(bool, texts)):
            found = [None] * len(texts)
        widths = [_whole_part_em(match[0]) if match else None for match in found]
        most = max((width for width in widths if width is not None), default=0.0)
        em = size_pt * 25.4 / 72
        columns.append([0.0 if width is None else (most - width) * em for width in widths])
    return list(zip(*columns, strict=True))


def _whole_part_em(text: str) -> float:
    widths = {"\N{NO-BREAK SPACE}": _SPACE_EM} | dict.fromkeys("<>−", _SIGN_EM)
    return sum(widths.get(letter, _DIGIT_EM) for letter in text)


def column_widths(table: PrintedTable, room_mm: float, size_pt: float) -> list[float] | None:
    """Return the columns' widths in millimetres.

    Parameters
    ----------
    table : PrintedTable
        What is printed.
    room_mm : float
        Width of the page between its margins.
    size_pt : float
        Size of the letters.

    Returns
    -------
    list of float, or None
        Each text in one line if there is room; else every column has its longest word, and the rest
        goes to those that would be wider. None if the words have no room.
    """
    least, most = wanted_widths(table, size_pt)
    if most.sum() <= room_mm:
        return most.tolist()
    if least.sum() > room_mm:
        return None
    share = (room_mm - least.sum()) / (most - least).sum()
    return (least + share * (most - least)).tolist()


def wanted_widths(table: PrintedTable, size_pt: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the width of each column's longest word, and of its longest text."""
    least, most = np.zeros((2, len(table.columns)))
    shifts = left_of_numbers(table, size_pt)
    rows = [pair for pair in zip(table.lines, shifts, strict=True) if not pair[0].part]
    for column in range(len(table.columns)):
        texts = [
            (line.cells[column], INDENT_MM * (line.indent and column == 0) + shift[column])
            for line, shift in rows
        ]
        for text, indent in texts:
            least[column] = max(least[column], _width(_words(text), size_pt, bold=False) + indent)
            most[column] = max(most[column], _width([text], size_pt, bold=False) + indent)
        head = table.columns[column]
        least[column] = max(least[column], _width(head.split(), size_pt, bold=True))
        most[column] = max(most[column], _width([head], size_pt, bold=True))
    start = 0
    for name, span in table.groups:
        # a head over several columns widens them together
        place = slice(start, start + span)
        for widths, words in ((least, name.split()), (most, [name])):
            lacking = _width(words, size_pt, bold=True) - widths[place].sum()
            widths[place] += max(lacking, 0) / span
        start += span
    return least, most


def _words(text: str) -> list[str]:
    """Return what must not be broken: words, and numbers with their interval."""
    return text.split() if any(letter.isalpha() for letter in text) else [text]


def _width(texts: Sequence[str], size_pt: float, *, bold: bool) -> float:
    widest = max((width_mm(text, size_pt, bold=bold) for text in texts), default=0.0)
    return _OF_ARIAL * widest + _MARGINS_MM
