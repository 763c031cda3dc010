"""The manuscript's tables: what each is called, and where the report has it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table that a manuscript prints.

    Attributes
    ----------
    name : str
        Of its files in ``tables/``, and of its schema.
    title : str
        In print.
    section : str
        Of the report.
    """

    name: str
    title: str
    section: str = "tables"


_ENTRIES = (
    # who the patients are, its printer says
    Table("table_1", "Table 1. Patients"),
    Table("table_s1", "Table S1. Univariate and multivariate Cox analysis"),
    Table("table_s2", "Table S2. Radiomic features of the Radscore"),
    Table("logistic", "Logistic regression of survival at horizons"),
    Table("beside_paper", "This run beside the printed study (Sun et al. 2024)", "paper"),
    Table(
        "checklist",
        "Reporting checklists: what this run says of TRIPOD+AI, CLEAR and METRICS",
        "checklist",
    ),
)

TABLES = {table.name: table for table in _ENTRIES}
"""By name, in the report's order; how to add one says CONTRIBUTING.md."""


def shown(wildcards: Any) -> dict[str, str]:
    """Return the label under which the workflow's own report shows a table."""
    return {"table": TABLES[wildcards.table].title}
