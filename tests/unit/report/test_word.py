"""Tables in Word: columns as wide as their words ask, parts over all of them, rows kept whole."""

import re

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from taceflow.report.manuscript import as_printed
from taceflow.report.word import write_docx
from taceflow.wording.lettering import width_mm
from taceflow.wording.printed_table import Line, PrintedTable, part_head

NAME = "wavelet-HLL_glszm_SmallAreaLowGrayLevelEmphasis"
LONG = f"{NAME}_of_the_peritumoral_ring"


def long_table(name):
    """A table of long names, a part, and a column of prose."""
    prose = "what the author adds in words of her own " * 6
    lines = [
        Line((f"{name}_{k}", name.replace("-", "."), "−6.212688e−05", "87%")) for k in range(3)
    ]
    lines += [part_head("A part of the table with a long name over all its columns", 4)]
    lines += [Line(("Short", prose, "1.43 (1.08–1.90)", ""), indent=True)]
    return PrintedTable("Made", ("Feature", "Feature (R)", "Coefficient", "p"), tuple(lines))


def written(table, tmp_path):
    write_docx(table, str(tmp_path / "table.docx"))
    document = Document(str(tmp_path / "table.docx"))
    return document, document.tables[0]


def widths_of(grid):
    """Widths of the grid's columns in millimetres."""
    return [column.width / Mm(1) for column in grid.columns]


@pytest.mark.parametrize("name", ["table_1", "table_s1", "table_s2", "logistic", "short", "long"])
def test_no_word_is_wider_than_its_column(finished, tmp_path, name):
    made = {"short": long_table(NAME), "long": long_table(LONG)}
    table = made.get(name) or as_printed(finished.tables[name], name)
    document, grid = written(table, tmp_path)
    section = document.sections[0]
    room = (section.page_width - section.left_margin - section.right_margin) / Mm(1)
    widths = widths_of(grid)
    assert sum(widths) <= room + 0.1
    size = document.styles["Normal"].font.size.pt
    assert size >= 6
    for line in table.lines:
        for text, width in zip(line.cells, widths, strict=True):
            if line.part:
                continue
            words = text.split() if re.search("[A-Za-z]", text) else [text]
            # Arial is narrower than the font that measures; a cell has 1.9 mm at both sides
            longest = max((0.95 * width_mm(word, size) for word in words), default=0)
            assert longest + 3.8 <= width
    # a column of p values is not as wide as one of names
    assert min(widths) < max(widths) / 1.5
    # Word goes by the cells' widths, LibreOffice by the grid's
    for row in grid._tbl.tr_lst:
        cells = [cell for cell in row.tc_lst if cell.grid_span == 1]
        if len(cells) == len(widths):
            assert [cell.width / Mm(1) for cell in cells] == pytest.approx(widths, abs=0.1)
    assert not grid.autofit


def test_a_short_table_lies_upright_and_is_no_wider_than_its_words(finished, tmp_path):
    document, grid = written(as_printed(finished.table_1, "table_1"), tmp_path)
    assert document.sections[0].page_width < document.sections[0].page_height
    assert sum(widths_of(grid)) < 150


def test_long_names_turn_the_page(finished, tmp_path):
    document, _ = written(as_printed(finished.table_s2, "table_s2"), tmp_path)
    assert document.sections[0].page_width > document.sections[0].page_height


def test_the_head_of_a_part_spans_all_columns(finished, tmp_path):
    table = as_printed(finished.logistic, "logistic")
    _, grid = written(table, tmp_path)
    (part,) = [row for row in grid._tbl.tr_lst if len(row.tc_lst) == 1]
    assert part.tc_lst[0].grid_span == 5
    assert "".join(text.text for text in part.iter(qn("w:t"))) == "Death by 36 months"


def test_rows_are_kept_whole_and_heads_repeated(finished, tmp_path):
    _, grid = written(as_printed(finished.table_s1, "table_s1"), tmp_path)
    rows = [row.trPr for row in grid._tbl.tr_lst]
    assert all(row.find(qn("w:cantSplit")) is not None for row in rows)
    repeated = [row.find(qn("w:tblHeader")) is not None for row in rows]
    assert repeated == [True, True] + [False] * (len(rows) - 2)


def test_digits_stand_under_digits_and_a_factor_beside_its_levels(finished, tmp_path):
    _, grid = written(as_printed(finished.table_1, "table_1"), tmp_path)
    size = 9 * 25.4 / 72
    ends, kept = set(), {}
    for row in grid.rows[1:]:
        cell = row.cells[2].paragraphs[0]
        if whole := re.match(r"−?\d+", cell.text):
            width = sum(0.584 if sign == "−" else 0.556 for sign in whole[0]) * size
            ends.add(round((cell.paragraph_format.left_indent or 0) / Mm(1) + width, 1))
        head = row.cells[0].paragraphs[0]
        kept[head.text] = bool(head.paragraph_format.keep_with_next)
    assert len(ends) == 1
    assert kept["Microvascular invasion"]
    assert not kept["yes"]


CELL = ("tcW", "gridSpan", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "vAlign")
BORDERS = ("top", "left", "bottom", "right")


@pytest.mark.parametrize("name", ["table_1", "table_s1", "logistic"])
def test_parts_of_cells_stand_in_the_order_that_word_asks_for(finished, tmp_path, name):
    _, grid = written(as_printed(finished.tables[name], name), tmp_path)
    for tag, order in (("w:tcPr", CELL), ("w:tcBorders", BORDERS)):
        found = list(grid._tbl.iter(qn(tag)))
        assert found
        for element in found:
            names = [child.tag.split("}")[1] for child in element]
            assert names == sorted(names, key=order.index)
