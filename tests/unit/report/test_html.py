"""Printed tables as HTML: what a browser and a screen reader are given."""

from taceflow.report.html import html_fragment, html_page, write_html
from taceflow.wording.printed_table import Line, PrintedTable, part_head

LINES = (part_head("A part", 2), Line(("Age <years>", "58 & more")), Line(("B2", ""), indent=True))


def test_a_part_begins_a_body_and_what_is_data_is_escaped():
    html = html_fragment(PrintedTable("T", ("", "n"), LINES, ("a < b",)), "settings")
    part = '<tr class="part"><th colspan="2" scope="rowgroup">A part</th></tr>'
    assert f"<tbody>\n{part}" in html
    assert html.count("<tbody>") == html.count("</tbody>") == 1
    assert '<tr><th scope="row">Age &lt;years&gt;</th><td>58 &amp; more</td></tr>' in html
    assert '<tr class="level"><th scope="row">B2</th><td></td></tr>' in html
    assert '<p class="notes">a &lt; b</p>' in html
    assert html.startswith('<div class="scroll settings" role="region" tabindex="0"')


def test_heads_over_several_columns():
    groups = (("", 1), ("Univariate", 2))
    html = html_fragment(PrintedTable("T", ("", "HR", "p"), LINES[2:], groups=groups))
    assert '<td colspan="1"></td><th colspan="2" scope="colgroup" class="group">' in html
    assert '<td></td><th scope="col">HR</th><th scope="col">p</th>' in html


def test_a_table_without_rows_is_a_sentence():
    assert html_fragment(PrintedTable("T", ("n",), ())) == "<p><strong>T:</strong> None.</p>"
    said = html_fragment(PrintedTable("T & U", ("n",), (), ("no patient.",)))
    assert said == "<p><strong>T &amp; U:</strong> no patient.</p>"


def test_a_page_of_its_own_has_the_title_as_its_only_heading(tmp_path):
    write_html(PrintedTable("Table 1. A & B", ("", "n"), LINES), str(tmp_path / "t.html"))
    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert page.count("<h1>") == 1
    assert "<caption><h1>Table 1. A &amp; B</h1></caption>" in page
    assert "<title>Table 1. A &amp; B</title>" in page


def test_a_page_says_what_kind_it_is():
    assert '<body class="wide">' in html_page("T", "", "wide")
    assert "<body>" in html_page("T", "")
