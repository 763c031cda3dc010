"""Methods and results in paragraphs."""

import re
from html import unescape

import pytest
from docx import Document

from taceflow.report.manuscript_text import write_manuscript_text


@pytest.fixture
def written(report_inputs, tmp_path):
    """Write the paragraphs of the made-up run, and return those of the Word document."""
    names = ("patients", "exclusions", "icc", "performance", "optimism", "comparisons", "table_s1")

    def write(config=None):
        docx, html = tmp_path / "text.docx", tmp_path / "text.html"
        write_manuscript_text(
            tables={name: report_inputs["tables"][name] for name in names},
            descriptions={
                name: report_inputs["descriptions"][name]
                for name in ("radscore", "network", "backbone")
            },
            config=config or report_inputs["config"],
            total=63,
            html=str(html),
            docx=str(docx),
        )
        paragraphs = [one.text for one in Document(str(docx)).paragraphs]
        page = unescape(re.sub(r"<[^>]+>", "", html.read_text().split("<main>")[1]))
        assert [line for line in page.splitlines() if line] == paragraphs[:1] + [
            text for text in paragraphs[1:] if text
        ]
        return paragraphs

    return write


def test_every_number_of_a_citation_has_its_work(written):
    paragraphs = written()
    start = paragraphs.index("References")
    works = paragraphs[start + 1 :]
    assert [int(work.split(".")[0]) for work in works] == list(range(1, len(works) + 1))
    text = " ".join(paragraphs[:start]).replace("scaled to [0, 1]", "")
    used = {int(one) for found in re.findall(r" \[([\d, ]+)\]", text) for one in found.split(", ")}
    assert used == set(range(1, len(works) + 1))
    assert "[@" not in text


def test_a_key_changes_its_sentence_and_what_it_cites(written, report_inputs):
    plain = written()
    config = report_inputs["config"]
    survival = config["survival"] | {"missing": "impute"}
    imputed = written(config | {"survival": survival})
    assert not any("Rubin DB" in text for text in plain)
    assert any("Rubin DB" in text for text in imputed)
    assert "Johnson" not in " ".join(plain)


def test_numbers_of_the_text_have_the_decimal_mark_and_works_stay(written, report_inputs):
    plain = written()
    figures = report_inputs["config"]["figures"] | {"decimal_mark": "comma"}
    marked = written(report_inputs["config"] | {"figures": figures})
    start = plain.index("References")
    assert marked[start:] == plain[start:]
    told = " ".join(marked[:start])
    assert not re.search(r"\d\.\d", told)
    assert re.search(r"Harrell's C of .* is 0,\d\d \(95% CI 0,\d\d–", told)
    cited = [re.findall(r"\[[\d, ]+\]", " ".join(text[:start])) for text in (plain, marked)]
    assert cited[0] == cited[1]


def test_the_same_run_gives_the_same_bytes(written, tmp_path):
    written()
    first = (tmp_path / "text.docx").read_bytes()
    written()
    assert (tmp_path / "text.docx").read_bytes() == first
