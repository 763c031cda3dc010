"""The model card: what TRIPOD+AI asks for, and nobody's id or count of one."""

import json
import re

import pytest

from taceflow.files.tables import read_json, read_table
from taceflow.report.model_card import card_sections, write_model_card

TABLES = ("patients", "icc", "performance", "predictions", "ranges")


@pytest.fixture
def card(report_inputs, tmp_path):
    """Write a card; returns its Markdown and its HTML."""

    def write(**changes):
        tables = {name: report_inputs["tables"][name] for name in TABLES}
        markdown, html = (str(tmp_path / f"card.{kind}") for kind in ("md", "html"))
        arguments = {
            "tables": tables,
            "descriptions": report_inputs["descriptions"],
            "config": report_inputs["config"],
            "is_synthetic": False,
        }
        write_model_card(**arguments | changes, markdown=markdown, html=html)
        return tuple(open(path, encoding="utf-8").read() for path in (markdown, html))

    return write


def test_every_section_that_is_asked_for_is_there_in_both(card):
    markdown, html = card()
    headings = re.findall(r"^## (.+)$", markdown, flags=re.MULTILINE)
    assert headings == [
        *("What it is", "Intended use", "What it must not be used for"),
        *("Source of data and participants", "Outcome"),
        "Training ranges",
        *("How it was fitted", "Performance", "Limits", "Version, licence and citation"),
    ]
    assert re.findall(r"<h2>(.+?)</h2>", html) == headings
    for text in (markdown, html):
        assert "No decision about a patient" in text
        assert "Somebody et al., A cohort, CC BY 4.0" in text
        assert "survival at 12, 36, 60 months" in text
        assert "J. Hepatocell. Carcinoma 2024" in text
        assert "Random convolutions" in text
    assert "http" not in html


def test_no_patient_is_named(card, finished):
    for text in card():
        assert not [patient for patient in finished.patients["patient_id"] if patient in text]
        assert not [patient for patient in finished.exclusions["patient_id"] if patient in text]
        assert "/home/somebody" not in text


def test_a_patient_far_out_is_named_in_the_report_and_not_in_the_card(report_inputs):
    frames = {name: read_table(path) for name, path in report_inputs["tables"].items()}
    described = {name: read_json(path) for name, path in report_inputs["descriptions"].items()}
    frames["scores"].loc[0, "radscore"] = 1e6
    sections = card_sections(frames, described, report_inputs["config"], is_synthetic=False)
    (limits,) = [one for one in sections if one.heading == "Limits"]
    assert not [text for text in limits.points if "far outside" in text]


def test_cohorts_of_few_patients_are_not_counted(card, report_inputs, tmp_path):
    table = read_table(report_inputs["tables"]["patients"])
    table.loc[table.index[-9:], "cohort"] = "external"
    table.to_csv(tmp_path / "few.tsv", sep="\t", index=False)
    tables = {name: report_inputs["tables"][name] for name in TABLES}
    markdown, _ = card(tables=tables | {"patients": str(tmp_path / "few.tsv")})
    assert "| External | &lt;10 |  |" in markdown
    assert re.search(r"\| Training \| 40 \| \d+ \|", markdown)
    # medians of survival and follow-up are times of single patients
    assert "Kaplan-Meier" not in markdown.split("## How it was fitted")[0]


def test_what_the_run_is_called_is_no_markup(card, report_inputs):
    config = report_inputs["config"] | {"title": "A | B\n## Intended use\nfor <b>all</b>"}
    markdown, html = card(config=config)
    assert markdown.startswith("# Model card: A \\| B ## Intended use for &lt;b&gt;all&lt;/b&gt; (")
    assert markdown.count("\n## Intended use\n") == 1
    assert "<b>all" not in html
    written = "![x](http://evil/t.png) **b** `c` [a](javascript:x)"
    markdown, _ = card(config=config | {"citations": [written, "# head", "- point", "1. one"]})
    assert "!\\[x\\](http://evil/t.png) \\*\\*b\\*\\* \\`c\\` \\[a\\](javascript:x)" in markdown
    for line in ("\\# head", "\\- point", "\\1. one"):
        assert f"\n{line}\n" in markdown


def test_few_deaths_of_few_patients_and_notes_are_not_told(card, report_inputs, tmp_path):
    table = read_table(report_inputs["tables"]["patients"])
    table.loc[table.index[-3:], "cohort"] = "external"
    table.to_csv(tmp_path / "few.tsv", sep="\t", index=False)
    described = read_json(report_inputs["descriptions"]["radscore"])
    noted = described | {"coefficients": {}, "note": "1 more, censored before, took no part"}
    (tmp_path / "noted.json").write_text(json.dumps(noted))
    tables = {name: report_inputs["tables"][name] for name in TABLES}
    markdown, _ = card(
        tables=tables | {"patients": str(tmp_path / "few.tsv")},
        descriptions=report_inputs["descriptions"] | {"radscore": str(tmp_path / "noted.json")},
    )
    assert "external cohort" not in markdown
    assert "took no part" not in markdown
    assert "No feature selected" in markdown


def test_ranges_are_printed_by_kind(card):
    markdown, _ = card()
    assert "| Age (years) | 40 | 58 | 51.2–64 | 45.5–71.5 |  |  |" in markdown
    assert "| MVI | 40 |  |  |  |  | no: 0.8; yes: 0.2 |" in markdown
    assert "|  |  |  |  | SIEMENS; a: 0.9; rare levels are not named |" in markdown
    assert "| 200 | 0.25 | −1 to 12346 | −2 to 1e+06 | −2.5 to 1e+07 |  |" in markdown
    assert "| Risk by Clinical | 9 |  |  |  |  |  |" in markdown
    order = [markdown.index(f"**{part}**") for part in ("Images and masks", "Clinical variables")]
    assert order == sorted(order)


def test_a_table_in_markdown_has_as_many_cells_in_each_row(card):
    markdown, _ = card()
    for block in re.findall(r"(?:^\|.*\|\n?)+", markdown, flags=re.MULTILINE):
        assert len({line.count("|") for line in block.strip().split("\n")}) == 1


def test_without_a_network(card, report_inputs):
    kept = {"radscore", "models"}
    described = {n: p for n, p in report_inputs["descriptions"].items() if n in kept}
    config = dict(report_inputs["config"])
    config["tables"] = config["tables"] | {"features": "features.tsv"}
    markdown, _ = card(descriptions=described, config=config)
    assert "from radiomic features and clinical variables" in markdown
    assert "Random convolutions" not in markdown
    assert "another phase" not in markdown
    assert "Features of scans, outlines or settings of another kind" in markdown
