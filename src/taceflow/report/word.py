"""A printed table as a Word document, ruled as journals rule theirs."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell

from taceflow.files.atomic import atomic_path
from taceflow.report.column_widths import INDENT_MM, column_widths, left_of_numbers, wanted_widths
from taceflow.wording.printed_table import PrintedTable

EPOCH = datetime(2000, 1, 1)
"""The date in every document: the same table gives the same bytes."""

_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_SHORT_MM, _LONG_MM, _MARGIN_MM = 210.0, 297.0, 20.0
_BEHIND_BORDERS = ("w:shd", "w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign")
_SIZES_PT = (9.0, 8.0, 7.0, 6.0)


def write_docx(table: PrintedTable, path: str) -> None:
    """Write a table as a Word document.

    The page lies on its side, and the letters are smaller, where the table's words ask for it.
    """
    landscape, size, widths = _lay_out(table)
    document = Document()
    _set_up(document, size, landscape=landscape)
    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    title.add_run(table.title).bold = True
    heads = 2 if table.groups else 1
    grid = document.add_table(rows=heads + len(table.lines), cols=len(table.columns))
    grid.alignment = WD_TABLE_ALIGNMENT.LEFT
    # One look-up of all cells: python-docx walks the whole table for each cell otherwise.
    cells = [row.cells for row in grid.rows]
    _set_widths(grid, cells, widths)
    column = 0
    for name, span in table.groups:
        merged = cells[0][column].merge(cells[0][column + span - 1])
        _write(merged, name, bold=True, centred=span > 1)
        if name:
            _rule(merged, ("bottom",), 4)
        column += span
    for cell, name in zip(cells[heads - 1], table.columns, strict=True):
        _write(cell, name, bold=True)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
    shifts = left_of_numbers(table, size)
    below = [*(line.indent for line in table.lines[1:]), False][: len(table.lines)]
    for row, line, shift, has_levels in zip(cells[heads:], table.lines, shifts, below, strict=True):
        if line.part:
            head = row[0].merge(row[-1])
            _write(head, line.cells[0], italic=True)
        else:
            for position, (cell, text) in enumerate(zip(row, line.cells, strict=True)):
                of_level = INDENT_MM if line.indent and position == 0 else 0.0
                _write(cell, text, indent_mm=of_level + shift[position])
        # what heads a part or levels is not the last on its page
        if line.part or (has_levels and not line.indent):
            row[0].paragraphs[0].paragraph_format.keep_with_next = True
    for cell in cells[0]:
        _rule(cell, ("top",), 12)
    for cell in cells[heads - 1]:
        _rule(cell, ("bottom",), 6)
    for cell in cells[-1]:
        _rule(cell, ("bottom",), 12)
    for place, row in enumerate(grid.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place < heads:
            properties.append(OxmlElement("w:tblHeader"))
    for note in table.notes:
        run = document.add_paragraph().add_run(note)
        run.font.size = Pt(8)
    _save(document, table.title, path)


def write_text(title: str, sections: Mapping[str, Sequence[str]], path: str) -> None:
    """Write paragraphs under headings as a Word document.

    Parameters
    ----------
    title : str
    sections : mapping of str to sequence of str
        Paragraphs by heading.
    path : str
        File to write.
    """
    document = Document()
    _set_up(document, 11, landscape=False)
    document.add_paragraph().add_run(title).bold = True
    for heading, paragraphs in sections.items():
        head = document.add_paragraph()
        head.paragraph_format.keep_with_next = True
        head.paragraph_format.space_before = Pt(10)
        head.add_run(heading).bold = True
        for text in paragraphs:
            document.add_paragraph(text).paragraph_format.space_after = Pt(6)
    _save(document, title, path)


def _lay_out(table: PrintedTable) -> tuple[bool, float, list[float]]:
    """Return whether the page lies on its side, the size of letters, and the columns' widths."""
    upright, sideways = _SHORT_MM - 2 * _MARGIN_MM, _LONG_MM - 2 * _MARGIN_MM
    first = _SIZES_PT[0]
    least, most = wanted_widths(table, first)
    # many columns, or much prose in them, are read with more ease on the long side
    few = len(table.columns) <= 5 and most.sum() <= 2 * upright
    if most.sum() <= upright or (few and least.sum() <= upright):
        return False, first, column_widths(table, upright, first)
    for size in _SIZES_PT:
        widths = column_widths(table, sideways, size)
        if widths is not None:
            return True, size, widths
    # longer words than a page is wide are broken wherever the columns end
    least, _ = wanted_widths(table, _SIZES_PT[-1])
    return True, _SIZES_PT[-1], (least * sideways / least.sum()).tolist()


def _set_up(document: Document, size_pt: float, *, landscape: bool) -> None:
    section = document.sections[0]
    width, height = (_LONG_MM, _SHORT_MM) if landscape else (_SHORT_MM, _LONG_MM)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(size_pt)
    style.paragraph_format.space_after = Pt(2)


def _set_widths(grid: Table, cells: Sequence[Sequence[_Cell]], widths: Sequence[float]) -> None:
    """Fix the columns' widths: Word goes by the cells', LibreOffice by the grid's."""
    grid.autofit = False
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
    for row in cells:
        for cell, width in zip(row, widths, strict=True):
            cell.width = Mm(width)


def _write(
    cell: _Cell,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    indent_mm: float = 0.0,
    centred: bool = False,
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if indent_mm:
        paragraph.paragraph_format.left_indent = Mm(indent_mm)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic


def _rule(cell: _Cell, sides: Sequence[str], eighths_pt: int) -> None:
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        # a cell's properties have an order, and so have its borders
        properties.insert_element_before(borders, *_BEHIND_BORDERS)
    for side in sides:
        if borders.find(qn(f"w:{side}")) is not None:
            continue
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(eighths_pt)), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.insert(0 if side == "top" else len(borders), line)


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
