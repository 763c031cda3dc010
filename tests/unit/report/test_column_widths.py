"""Widths of columns: all in one line if there is room, no word broken while there is any."""

import numpy as np
import pytest

from taceflow.report.column_widths import column_widths, left_of_numbers, wanted_widths
from taceflow.wording.lettering import width_mm
from taceflow.wording.printed_table import Line, PrintedTable, part_head

LINES = (Line(("Age", "one two three")), Line(("B2", "1.43 (1.08–1.90)"), indent=True))
TABLE = PrintedTable("T", ("", "Words"), LINES)


def test_a_column_wants_its_longest_word_and_its_longest_text():
    least, most = wanted_widths(TABLE, 9)
    # 4.2 mm of margins, and 4 mm before a level; a number stays with its interval
    interval = 0.95 * width_mm("1.43 (1.08–1.90)", 9) + 4.2
    assert least[1] == most[1] == pytest.approx(interval)
    assert most[0] == pytest.approx(0.95 * width_mm("B2", 9) + 8.2)
    without = PrintedTable("T", ("", "Words"), LINES[:1])
    assert wanted_widths(without, 9)[0][1] == pytest.approx(
        0.95 * width_mm("Words", 9, bold=True) + 4.2
    )


def test_the_head_of_a_part_widens_no_column_and_that_of_a_group_all_of_its():
    part = part_head("the head of a part is as long as it likes", 2)
    longer = PrintedTable("T", TABLE.columns, (part, *LINES))
    np.testing.assert_array_equal(wanted_widths(longer, 9), wanted_widths(TABLE, 9))
    head = "Averylongheadthatcannotbebrokenanywhereatall"
    groups = ((head, 2),)
    wider, _ = wanted_widths(PrintedTable("T", TABLE.columns, LINES, groups=groups), 9)
    gained = wider - wanted_widths(TABLE, 9)[0]
    assert gained[0] == pytest.approx(gained[1])
    assert gained[0] > 0
    assert wider.sum() == pytest.approx(0.95 * width_mm(head, 9, bold=True) + 4.2)


def test_units_of_numbers_stand_under_units_and_words_at_the_left():
    cells = ("8 (15.4%)", "147.1 (48.1–444.7)", "−2.42 ± 0.35", "NR", "", "1\xa0234")
    lines = [
        Line(("1 a", cell, "<0.001", word)) for cell, word in zip(cells, "abcdef", strict=True)
    ]
    lines[0] = Line((*lines[0].cells[:2], "0.281", "2 of them"))
    table = PrintedTable("T", ("", "n", "p", "Test"), (part_head("Part", 4), *lines))
    part, *shifts = left_of_numbers(table, 10)
    em = 10 * 25.4 / 72
    assert part == (0, 0, 0, 0)
    # four digits and a space are the widest of all; signs have a digit's width and a little
    assert [shift[1] / em for shift in shifts] == pytest.approx(
        [3 * 0.556 + 0.278, 0.556 + 0.278, 3 * 0.556 + 0.278 - 0.584, 0, 0, 0]
    )
    assert [shift[2] / em for shift in shifts] == pytest.approx([0.584, 0, 0, 0, 0, 0])
    # names, and a column of words that holds one number
    assert not any(shift[0] or shift[3] for shift in shifts)
    _, most = wanted_widths(table, 10)
    assert most[1] >= shifts[1][1] + 0.95 * width_mm(cells[1], 10) + 4.2


def test_room_is_shared_by_those_that_would_be_wider():
    prose = Line(("Age", "what an author adds in words of her own " * 5))
    table = PrintedTable("T", ("", "Words"), (prose,))
    least, most = wanted_widths(table, 9)
    assert column_widths(table, 1000, 9) == pytest.approx(most)
    widths = column_widths(table, 100, 9)
    assert sum(widths) == pytest.approx(100)
    assert widths[0] == pytest.approx(least[0])
    assert column_widths(table, least.sum() - 1, 9) is None
