"""Numbers with the decimal mark that a journal's language asks for.

Code writes numbers with a point; what is printed goes through here last, whole: axes and their
ticks, cells, sentences, also those that tables with full precision bring along. Tables that
programs read never do.
"""

import re

from taceflow.wording.printed_table import Line, PrintedTable

MARKS = {"point": ".", "comma": ",", "middle_dot": "\N{MIDDLE DOT}"}
"""By the name in the configuration. The middle dot is that of The Lancet."""

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+−-]?\d+)?%?"
_FOUND = re.compile(
    # left as they are: addresses, works by their DOI, versions by what stands before them
    r"(?P<kept>(?:\w+://|www\.|doi:|\b10\.\d{4,9}/)\S+"
    r"|\b(?:version|release|m?RECIST|CTCAE|Python|CC(?: BY[-A-Z]*)?) v?\d[\d.]*)"
    # not part of a name (log.sigma.2.0.mm, GPL-3.0) or of a version or date (1.2.3)
    rf"|(?<![\w.])(?<![A-Za-z]-)(?P<list>[<>−-]?{_NUMBER}(?:, ?[<>−-]?{_NUMBER})*)(?!\.?\d)"
)
_NOT_TEXT = re.compile(
    r'<(style|script)\b.*?</\1>|<(\w+) translate="no">.*?</\2>|<[^>]*>', re.DOTALL
)
"""Of a page: what a browser runs, what no translator may touch, and tags."""


def with_mark(text: str, mark: str) -> str:
    r"""Return a text whose numbers have another decimal mark than the point.

    Parameters
    ----------
    text : str
        Words and numbers.
    mark : str
        One of `MARKS`.

    Returns
    -------
    str
        Thousands are parted by a no-break space, and lists of numbers with decimals by semicolons
        where the mark is a comma; versions, DOIs, dates and names with digits stay as they are.

    Examples
    --------
    >>> with_mark("0.5, 12 of 1,234 (p = 0.012), taceflow 0.1.0", "comma")
    '0,5; 12 of 1\xa0234 (p = 0,012), taceflow 0.1.0'
    """
    if mark == "point":
        return text

    def marked(found: re.Match[str]) -> str:
        if found["kept"]:
            return found["kept"]
        numbers = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "\N{NO-BREAK SPACE}", found["list"])
        if mark == "comma" and "." in numbers:
            numbers = re.sub(", ?", "; ", numbers)
        return numbers.replace(".", MARKS[mark])

    return _FOUND.sub(marked, text)


def html_with_mark(html: str, mark: str) -> str:
    """Return a page with another decimal mark, but where it says ``translate="no"``."""
    if mark == "point":
        return html
    end, parts = 0, []
    for tag in _NOT_TEXT.finditer(html):
        parts += [with_mark(html[end : tag.start()], mark), tag[0]]
        end = tag.end()
    return "".join([*parts, with_mark(html[end:], mark)])


def table_with_mark(table: PrintedTable, mark: str) -> PrintedTable:
    """Return a printed table with another decimal mark."""

    def marked(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(with_mark(text, mark) for text in texts)

    return PrintedTable(
        with_mark(table.title, mark),
        marked(table.columns),
        tuple(Line(marked(line.cells), line.indent, line.part) for line in table.lines),
        marked(table.notes),
        tuple((with_mark(name, mark), span) for name, span in table.groups),
    )
