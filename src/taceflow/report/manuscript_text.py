"""Methods and results of a run as paragraphs for a manuscript, with what they cite."""

from collections.abc import Mapping
from html import escape
from typing import Any

from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, read_table
from taceflow.report.html import html_page
from taceflow.report.methods import methods
from taceflow.report.references import cited
from taceflow.report.result import results
from taceflow.report.word import write_text
from taceflow.wording.decimal_mark import with_mark

_TITLE = "Methods and results of the run"
_DRAFT = (
    "A draft, made from the configuration and the numbers of this run: what the report warns of "
    "holds for it, and which patients were asked for consent, who drew the masks and what the "
    "numbers mean no workflow knows."
)


def write_manuscript_text(
    *,
    tables: Mapping[str, str],
    descriptions: Mapping[str, str],
    config: Mapping[str, Any],
    total: int,
    html: str,
    docx: str,
) -> None:
    """Write the paragraphs.

    Parameters
    ----------
    tables : mapping of str to str
        ``patients``, ``exclusions``, ``icc``, ``performance``, ``optimism``, ``comparisons``,
        ``table_s1``.
    descriptions : mapping of str to str
        JSON files: ``radscore``; with images ``network`` and ``backbone``.
    config : mapping
        The checked configuration.
    total : int
        Patients of the sheet.
    html, docx : str
        Files to write.
    """
    frames = {name: read_table(path) for name, path in tables.items()}
    described = {name: read_json(path) for name, path in descriptions.items()}
    said = methods(config, described, frames["icc"])
    found = results(frames, described["radscore"], total)
    told, works = cited([*said, *found])
    marked = [with_mark(text, config["figures"]["decimal_mark"]) for text in told]
    sections = {
        "": [_DRAFT],
        "Methods": marked[: len(said)],
        "Results": marked[len(said) :],
        "References": [f"{number}. {work}" for number, work in enumerate(works, start=1)],
    }
    write_text(_TITLE, sections, docx)
    body = f"<h1>{_TITLE}</h1>\n" + "\n".join(
        (f"<h2>{heading}</h2>\n" if heading else "")
        + "\n".join(f"<p>{escape(text)}</p>" for text in texts)
        for heading, texts in sections.items()
    )
    with atomic_path(html) as temporary:
        temporary.write_text(html_page(_TITLE, body), encoding="utf-8")
