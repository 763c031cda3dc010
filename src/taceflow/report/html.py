"""A printed table as HTML, ruled as journals rule theirs."""

from html import escape

from taceflow.files.atomic import atomic_path
from taceflow.wording.printed_table import Line, PrintedTable

_PAGE_CSS = """
body { font: 14px/1.4 "Helvetica Neue", Arial, sans-serif; margin: 2em auto; padding: 0 1em;
  max-width: 60em; color: #000; background: #fff; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; border-top: 1.5px solid; border-bottom: 1.5px solid; }
h1 { margin: 0; font-size: 1.5em; }
caption h1 { font-size: 1em; }
h2 { margin: 1.4em 0 .4em; font-size: 1.15em; }
caption { caption-side: top; text-align: left; font-weight: bold; padding-bottom: .5em; }
th, td { padding: .2em .8em; text-align: left; vertical-align: top; }
tbody th { font-weight: normal; }
thead tr:last-child > * { border-bottom: 1px solid; vertical-align: bottom; }
th.group { border-bottom: 1px solid #888; text-align: center; }
tr.level > :first-child { padding-left: 2em; }
tr.part > th { padding-top: .6em; font-style: italic; }
.notes { font-size: 12px; }
main > img { display: block; width: 100%; margin: 1em 0; }
.wide { max-width: none; }
.wide tbody th { min-width: 7em; overflow-wrap: anywhere; }
.wide td:nth-child(3) { min-width: 18em; }
.verdict { padding: .6em 1em; border-left: 6px solid; }
.verdict strong { font-size: 1.3em; }
.result { font-size: 1.2em; }
.banner { margin: .6em 0; padding: .6em 1em; border-left: 4px solid #d55e00; background: #fff5ee; }
.banner strong { color: #a04400; }
.inside { border-color: #009e73; background: #e6f5f1; }
.outside { border-color: #d55e00; background: #fbeee5; }
@page { size: A4; margin: 15mm; }
@page wide { size: A4 landscape; margin: 10mm; }
@media print { body { margin: 0; max-width: none; } .scroll { overflow: visible; }
  tr, figure, .banner { break-inside: avoid; } h2, caption, tr.part { break-after: avoid; }
  .wide { page: wide; font-size: 9px; } .wide th, .wide td { padding: .1em .4em; } }
"""


def html_fragment(table: PrintedTable, kind: str = "") -> str:
    """Return a table and its footnotes as HTML without a page around them.

    A table without rows is a sentence: its title and its footnotes, or "none". Any other one
    scrolls by itself where the page is narrower, by keys too. `kind` is one more class of what
    scrolls.
    """
    if not table.lines:
        said = " ".join(map(escape, table.notes)) or "None."
        return f"<p><strong>{escape(table.title)}:</strong> {said}</p>"
    parts = [
        f'<div class="{f"scroll {kind}".strip()}" role="region" tabindex="0" '
        f'aria-label="{escape(table.title)}">',
        f"<table>\n<caption>{escape(table.title)}</caption>\n<thead>",
    ]
    if table.groups:
        heads = "".join(
            f'<th colspan="{span}" scope="colgroup" class="group">{escape(name)}</th>'
            if name
            else f'<td colspan="{span}"></td>'
            for name, span in table.groups
        )
        parts.append(f"<tr>{heads}</tr>")
    heads = "".join(
        f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in table.columns
    )
    parts.append(f"<tr>{heads}</tr>\n</thead>\n<tbody>")
    for line in table.lines:
        parts += _html_rows(line, len(table.columns))
    parts.append("</tbody>\n</table>\n</div>")
    if table.notes:
        notes = "<br>\n".join(escape(note) for note in table.notes)
        parts.append(f'<p class="notes">{notes}</p>')
    return "\n".join(parts).replace("<tbody>\n</tbody>\n", "")


def _html_rows(line: Line, columns: int) -> list[str]:
    """Return a row; a part of the table begins a body of its own."""
    if line.part:
        head = f'<th colspan="{columns}" scope="rowgroup">{escape(line.cells[0])}</th>'
        return ["</tbody>", "<tbody>", f'<tr class="part">{head}</tr>']
    first, *others = map(escape, line.cells)
    head = f'<th scope="row">{first}</th>' if first else "<td></td>"
    cells = "".join(f"<td>{cell}</td>" for cell in others)
    kind = ' class="level"' if line.indent else ""
    return [f"<tr{kind}>{head}{cells}</tr>"]


def write_html(table: PrintedTable, path: str) -> None:
    """Write a table as a page of its own."""
    title = escape(table.title)
    heading = f"<caption><h1>{title}</h1></caption>"
    fragment = html_fragment(table).replace(f"<caption>{title}</caption>", heading, 1)
    with atomic_path(path) as temporary:
        temporary.write_text(html_page(table.title, fragment), encoding="utf-8")


def html_page(title: str, body: str, kind: str = "") -> str:
    """Return a page that needs no other file, around HTML; `kind` is a class of what is in it."""
    opened = f'<body class="{kind}">' if kind else "<body>"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_PAGE_CSS}</style>\n</head>\n{opened}\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )
