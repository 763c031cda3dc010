"""Numbers with another decimal mark: all of them, and nothing but numbers."""

import pytest

from taceflow.wording.decimal_mark import html_with_mark, table_with_mark, with_mark
from taceflow.wording.printed_table import Line, PrintedTable, part_head


@pytest.mark.parametrize(
    ("text", "comma", "dot"),
    [
        ("1.25 (0.98–1.60)", "1,25 (0,98–1,60)", "1·25 (0·98–1·60)"),
        ("−0.04 (−0.28 to 0.20)", "−0,04 (−0,28 to 0,20)", "−0·04 (−0·28 to 0·20)"),
        ("p < 0.05. p=0.012;", "p < 0,05. p=0,012;", "p < 0·05. p=0·012;"),
        ("<0.001, >0.999", "<0,001; >0,999", "<0·001, >0·999"),
        ("15.4%, 8.0%", "15,4%; 8,0%", "15·4%, 8·0%"),
        ("3.4e-05 or 1.2e+10 or 1.2e−05", "3,4e-05 or 1,2e+10 or 1,2e−05", None),
        ("0.5-1.5 and 2.5/3.5", "0,5-1,5 and 2,5/3,5", None),
        ("1.5T, 2.5mm", "1,5T, 2,5mm", None),
        # a list has one mark between its members: semicolons as soon as one has decimals
        ("at 6, 12.5, 24 months", "at 6; 12,5; 24 months", "at 6, 12·5, 24 months"),
        ("sigma [1.0,2.0]", "sigma [1,0; 2,0]", "sigma [1·0,2·0]"),
        ("at 12, 36, 60 months", "at 12, 36, 60 months", "at 12, 36, 60 months"),
        # thousands are no decimals, whichever the mark
        ("1,234 of 1,234,567.8", "1\xa0234 of 1\xa0234\xa0567,8", "1\xa0234 of 1\xa0234\xa0567·8"),
    ],
)
def test_numbers_have_the_mark(text, comma, dot):
    assert with_mark(text, "point") == text
    assert with_mark(text, "comma") == comma
    if dot is not None:
        assert with_mark(text, "middle_dot") == dot


@pytest.mark.parametrize(
    "text",
    [
        "J Hepatocell Carcinoma 2024;11:385–397. doi:10.2147/JHC.S443660",
        "https://doi.org/10.1007/978-3-319-24574-4_28 and 10.1038/s41598-020-1.5",
        "taceflow 0.1.0, PyRadiomics 3.1.4",
        "version 0.25, Python 3.11, mRECIST 1.1, CTCAE v5.0",
        "CC BY 4.0, CC BY-NC 3.0, GPL-3.0, v1.2",
        "log.sigma.2.0.mm.3D_glrlm_RunEntropy, exponential_1.5, C22.0",
        "30.11.2026, 127.0.0.1",
        "ICC(2,1), [1, 2], Table 2.",
    ],
)
@pytest.mark.parametrize("mark", ["comma", "middle_dot"])
def test_what_is_no_number_stays(text, mark):
    assert with_mark(text, mark) == text


def test_of_a_page_only_what_is_read_changes():
    page = (
        '<style>p { margin: .5em 1.5em }</style><img width="1.5" alt="p">\n<p>AUC 0.71</p>'
        '<ol translate="no"><li>Sci Data 10.1</li></ol><b>0.5</b><script>let a = 0.5</script>0.5'
    )
    marked = (
        page.replace("0.71", "0,71")
        .replace("<b>0.5", "<b>0,5")
        .replace("</script>0.5", "</script>0,5")
    )
    assert html_with_mark(page, "comma") == marked
    assert html_with_mark(page, "point") == page


def test_every_part_of_a_table_has_the_mark():
    lines = (part_head("Above 0.5", 2), Line(("ALBI > 1.5", "0.7"), indent=True))
    table = PrintedTable("p < 0.05", ("", "at 1.5"), lines, ("[1] 0.5",), (("0.5 and", 2),))
    marked = table_with_mark(table, "comma")
    told = [marked.title, *marked.columns, *marked.notes, *(name for name, _ in marked.groups)]
    told += [cell for line in marked.lines for cell in line.cells]
    assert not [text for text in told if "." in text]
    assert [(line.part, line.indent) for line in marked.lines] == [(True, False), (False, True)]
    assert marked.groups == (("0,5 and", 2),)
