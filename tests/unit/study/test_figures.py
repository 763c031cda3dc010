"""The list of figures, and what must be there for each of them."""

import re

from taceflow.code_digest import import_closure
from taceflow.study.figures import CATEGORIES, FIGURES
from taceflow.study.tables import TABLES

NO_FIGURES = {
    "contact_sheet",
    "quality_picture",
    "manuscript_table",
    "manuscript_text",
    "report",
    "start",
}
NO_FIGURES |= {"patient_page", "patient_index"}
"""Captions of what is no figure of the study."""


def test_each_figure_has_a_caption_and_each_caption_a_figure(root):
    captions = {file.stem for file in (root / "workflow" / "report").glob("*.rst")}
    assert captions - NO_FIGURES == set(FIGURES)


def test_the_report_has_a_place_for_each_section(root):
    page = (root / "workflow" / "report" / "report.html.j2").read_text(encoding="utf-8")
    places = re.findall(r'figures_in\("(\w+)"\)', page)
    # under a table stand those that are its own
    assert sorted([*places, *CATEGORIES.keys() & TABLES.keys()]) == sorted(CATEGORIES)
    assert {figure.section for figure in FIGURES.values()} == set(CATEGORIES)


def test_rules_of_figures_lie_together_and_draw_the_list(root):
    drawn = set()
    for file in (root / "workflow" / "rules").glob("*.smk"):
        rules = file.read_text()
        drawn |= set(re.findall(r'\*\*FIGURES\["(\w+)"\]\.shown', rules))
        assert file.name.startswith("figures_") or "rule figure_" not in rules, file.name
    assert drawn == set(FIGURES)


def test_the_documentation_shows_each_figure(root):
    page = (root / "docs" / "figures.md").read_text(encoding="utf-8")
    shown = [re.search(rf"images/demo/{name}(_\w+)?\.png", page) for name in FIGURES]
    assert all(shown)


def test_a_new_figure_reruns_nothing_but_the_reports(root):
    scripts = root / "workflow" / "scripts"
    for module in ("figures", "tables"):
        file = root / "src" / "taceflow" / "study" / f"{module}.py"
        reached = {
            script.stem for script in scripts.rglob("*.py") if file in import_closure(script)
        }
        printers = {"manuscript_table", "model_card"} if module == "tables" else set()
        assert reached == {"report", "validation_report"} | printers
