"""Text tables, separated by commas or tabs."""

import csv
import io
import re
from pathlib import Path

from taceflow.errors import InputError
from taceflow.files.sheets.grid import Grid, trimmed

_FORMULA = re.compile(r'^="([^"=]*)"$')
_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def text_grid(path: Path, separator: str) -> Grid:
    """Read the rows of a text table in UTF-8, with or without a byte order mark.

    Raises
    ------
    InputError
        If it is no such text, is separated otherwise, or a quotation mark is not closed.
    """
    content = _decoded(path)
    _check_separator(content, separator, path)
    reader = csv.reader(io.StringIO(content, newline=None), delimiter=separator)
    try:
        rows = [(number, [_cell(text) for text in cells]) for number, cells in enumerate(reader, 1)]
    except csv.Error as error:
        raise InputError(
            f"a cell does not end (line {reader.line_num}): a quotation mark opens it and is not "
            "closed",
            file=str(path),
            remedy="Take the quotation mark out",
        ) from error
    rows = [(number, cells) for number, cells in rows if any(cell is not None for cell in cells)]
    _check_quotes(rows, separator, path)
    return Grid(str(path), rows)


def _cell(text: str) -> str | None:
    if text[-1:].isdigit() and text[0] in "-.0123456789":
        return text  # nothing to trim, in most of a million cells of features
    # ="001" keeps the zeros of an id when a spreadsheet opens the file
    return trimmed(_FORMULA.sub(r"\1", text) if text.startswith("=") else text)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(
            "the file is a workbook, whatever its name says",
            file=str(path),
            remedy="Give it the ending of its program, .xlsx, or save it as 'CSV UTF-8'",
        )
    if b"\0" in content:
        raise InputError(
            "the file holds zero bytes, as UTF-16 does",
            file=str(path),
            remedy="Save it as UTF-8 text: in Excel 'CSV UTF-8'",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"the file is no UTF-8 text (line {line})",
            file=str(path),
            remedy="Save it as UTF-8 text: in Excel 'CSV UTF-8'",
        ) from error


def _check_separator(content: str, separator: str, path: Path) -> None:
    parted = (line for line in content.splitlines() if any(sign in line for sign in _SEPARATORS))
    header, first = next(parted, ""), next(parted, "")
    for other, word in _SEPARATORS.items():
        is_other = separator not in header and other in header
        # a header that was written by hand over the rows of a program
        is_mixed = separator not in first and 0 < header.count(separator) == first.count(other)
        if is_other or is_mixed:
            raise InputError(
                f"its {'rows' if is_mixed else 'columns'} are separated by {word}, expected is "
                f"{_SEPARATORS[separator]}",
                file=str(path),
                remedy="Save it with that separator, or as .xlsx",
            )


def _check_quotes(rows: list, separator: str, path: Path) -> None:
    """Refuse a cell that holds whole rows: those between two quotation marks that open cells."""
    width = max((len(cells) for _, cells in rows), default=0)
    for number, cells in rows:
        for cell in cells:
            lines = cell.split("\n")[1:] if cell and "\n" in cell else ()
            if any(line.count(separator) == width - 1 > 0 for line in lines):
                raise InputError(
                    "a cell holds whole rows: a quotation mark opens it and is not closed",
                    row=number,
                    file=str(path),
                    remedy="Take the quotation mark out",
                )
