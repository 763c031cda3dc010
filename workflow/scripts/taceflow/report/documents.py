"""A printed table as HTML and as a Word document, ruled as journals rule them."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell

from taceflow.files import atomic_path

EPOCH = datetime(2000, 1, 1)
"""The date in every document: the same table gives the same bytes."""

_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_PAGE_CSS = """
body { font: 14px/1.4 "Helvetica Neue", Arial, sans-serif; margin: 2em auto; max-width: 60em; }
table { border-collapse: collapse; border-top: 1.5px solid; border-bottom: 1.5px solid; }
caption { caption-side: top; text-align: left; font-weight: bold; padding-bottom: .5em; }
th, td { padding: .2em .8em; text-align: left; vertical-align: top; }
thead tr:last-child th { border-bottom: 1px solid; }
th.group { border-bottom: 1px solid #888; text-align: center; }
tr.level td:first-child { padding-left: 2em; }
.notes { font-size: 12px; }
"""


@dataclass(frozen=True)
class Line:
    """A row of a printed table.

    Attributes
    ----------
    cells : tuple of str
        One a column.
    indent : bool
        Whether the row is a level of the variable above it.
    """

    cells: tuple[str, ...]
    indent: bool = False


@dataclass(frozen=True)
class PrintedTable:
    """A table as it is printed.

    Attributes
    ----------
    title : str
        Number and subject.
    columns : tuple of str
        Column heads.
    lines : tuple of Line
        Rows.
    notes : tuple of str
        Footnotes.
    groups : tuple of (str, int)
        Heads that span columns, over the column heads; empty if there are none.
    """

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    groups: tuple[tuple[str, int], ...] = ()


def html_fragment(table: PrintedTable) -> str:
    """Return a table and its footnotes as HTML without a page around them.

    A table without rows is a sentence: its title and its footnotes, or "none".
    """
    if not table.lines:
        said = " ".join(map(escape, table.notes)) or "None."
        return f"<p><strong>{escape(table.title)}:</strong> {said}</p>"
    parts = [f"<table>\n<caption>{escape(table.title)}</caption>\n<thead>"]
    if table.groups:
        heads = "".join(
            f'<th colspan="{span}"{" class=group" if name else ""}>{escape(name)}</th>'
            for name, span in table.groups
        )
        parts.append(f"<tr>{heads}</tr>")
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    parts.append(f"<tr>{heads}</tr>\n</thead>\n<tbody>")
    for line in table.lines:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in line.cells)
        parts.append(f"<tr{' class=level' if line.indent else ''}>{cells}</tr>")
    parts.append("</tbody>\n</table>")
    if table.notes:
        notes = "<br>\n".join(escape(note) for note in table.notes)
        parts.append(f'<p class="notes">{notes}</p>')
    return "\n".join(parts)


def write_html(table: PrintedTable, path: str) -> None:
    """Write a table as a page of its own."""
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(table.title)}</title>\n<style>{_PAGE_CSS}</style>\n</head>\n<body>\n"
        f"{html_fragment(table)}\n</body>\n</html>\n"
    )
    with atomic_path(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def write_docx(table: PrintedTable, path: str) -> None:
    """Write a table as a Word document, landscape if it has many columns."""
    document = Document()
    _set_up(document, landscape=len(table.columns) > 5)
    title = document.add_paragraph()
    title.add_run(table.title).bold = True
    heads = 2 if table.groups else 1
    grid = document.add_table(rows=heads + len(table.lines), cols=len(table.columns))
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    # One look-up of all cells: python-docx walks the whole table for each cell otherwise.
    cells = [row.cells for row in grid.rows]
    column = 0
    for name, span in table.groups:
        merged = cells[0][column].merge(cells[0][column + span - 1])
        _write(merged, name, bold=True, centred=span > 1)
        if name:
            _rule(merged, ("bottom",), 4)
        column += span
    for cell, name in zip(cells[heads - 1], table.columns, strict=True):
        _write(cell, name, bold=True)
    for row, line in zip(cells[heads:], table.lines, strict=True):
        for position, (cell, text) in enumerate(zip(row, line.cells, strict=True)):
            _write(cell, text, indent=line.indent and position == 0)
    for cell in cells[0]:
        _rule(cell, ("top",), 12)
    for cell in cells[heads - 1]:
        _rule(cell, ("bottom",), 6)
    for cell in cells[-1]:
        _rule(cell, ("bottom",), 12)
    for row in grid.rows[:heads]:
        repeated = OxmlElement("w:tblHeader")
        row._tr.get_or_add_trPr().append(repeated)
    for note in table.notes:
        run = document.add_paragraph().add_run(note)
        run.font.size = Pt(8)
    _save(document, table.title, path)


def _set_up(document: Document, *, landscape: bool) -> None:
    section = document.sections[0]
    width, height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(9)
    style.paragraph_format.space_after = Pt(2)


def _write(
    cell: _Cell, text: str, *, bold: bool = False, indent: bool = False, centred: bool = False
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if indent:
        paragraph.paragraph_format.left_indent = Mm(4)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).bold = bold


def _rule(cell: _Cell, sides: Sequence[str], eighths_pt: int) -> None:
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    for side in sides:
        if borders.find(qn(f"w:{side}")) is not None:
            continue
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(eighths_pt)), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)


def _save(document: Document, title: str, path: str) -> None:
    """Write the document with fixed dates, inside and in the archive that holds it."""
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "taceflow", ""
    properties.created = properties.modified = EPOCH
    buffer = BytesIO()
    document.save(buffer)
    with (
        atomic_path(path) as temporary,
        zipfile.ZipFile(buffer) as dated,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as undated,
    ):
        for name in dated.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            undated.writestr(entry, dated.read(name))
