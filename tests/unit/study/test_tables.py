"""The list of the manuscript's tables, and what must be there for each of them."""

import re

from taceflow.files.folders import SCHEMAS
from taceflow.report.manuscript import PRINTERS
from taceflow.study.tables import TABLES


def test_each_table_has_a_schema_a_printer_and_a_rule(root):
    assert set(PRINTERS) == set(TABLES)
    rules = " ".join(file.read_text() for file in (root / "workflow" / "rules").glob("*.smk"))
    for name in TABLES:
        assert (SCHEMAS / f"{name}.schema.yaml").exists()
        assert re.search(rf"/tables/{name}\.tsv", rules)


def test_the_report_has_a_place_for_each_section(root):
    page = (root / "workflow" / "report" / "report.html.j2").read_text(encoding="utf-8")
    places = re.findall(r'tables_in\("(\w+)"\)', page)
    assert sorted(places) == sorted({table.section for table in TABLES.values()})


def test_the_documentation_names_each_table(root):
    page = (root / "docs" / "results.md").read_text(encoding="utf-8")
    assert [name for name in TABLES if not re.search(rf"`(tables/)?{name}`", page)] == []
