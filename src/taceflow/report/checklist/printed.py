"""The filled checklists as they are printed."""

import pandas as pd

from taceflow.wording.counts import counted
from taceflow.wording.printed_table import Line, PrintedTable, part_head
from taceflow.wording.printing import typographic

_SOURCES = {
    "TRIPOD+AI": "Collins et al., BMJ 2024;385:e078378",
    "CLEAR": "Kocak et al., Insights Imaging 2023;14:75",
    "METRICS": "Kocak et al., Insights Imaging 2024;15:8",
}
"""The checklists; their items are numbered as there, topics in our own words."""

_STATUS = {
    "run": ("run", "by the run"),
    "partly": ("run, author", "in part"),
    "author": ("author", "left to the author"),
}
"""What an item's row says of who answers it, and what the head of its guideline."""


def printed_checklist(table: pd.DataFrame, title: str) -> PrintedTable:
    """Return ``tables/checklist.tsv`` as it is printed."""
    filled = table.fillna("")
    lines = []
    for guideline, rows in filled.groupby("guideline", sort=False):
        counts = rows["status"].value_counts()
        said = ", ".join(
            f"{counts.get(status, 0)} {words}" for status, (_, words) in _STATUS.items()
        )
        lines.append(part_head(f"{guideline}: {counted(len(rows), 'item')}, {said}", 5))
        for row in rows.to_dict("records"):
            item, who = f"{row['item']} {row['topic']}", _STATUS[row["status"]][0]
            added = "" if row["author"] == "all of it" else row["author"]
            cells = (item, who, typographic(row["answer"]), row["where"], added)
            lines.append(Line(cells, indent=True))
    heads = ("Item", "Who says it", "Answer", "Where, below the run's folder", "The author adds")
    notes = tuple(f"{name}: {source}." for name, source in _SOURCES.items())
    return PrintedTable(title, heads, tuple(lines), (*notes, "Topics in our own words."))
