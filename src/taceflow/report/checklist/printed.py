"""The filled checklists as they are printed."""

import pandas as pd

from taceflow.report.checklist.fill import SOURCES
from taceflow.report.documents import Line, PrintedTable, part_head
from taceflow.wording.printing import typographic

_STATUS = {"run": "run", "partly": "run, author", "author": "author"}


def printed_checklist(table: pd.DataFrame, title: str) -> PrintedTable:
    """Return the checklists as they are printed.

    Parameters
    ----------
    table : pandas.DataFrame
        ``tables/checklist.tsv``.
    title : str
        Its title.
    """
    filled = table.fillna("")
    lines = []
    for guideline, rows in filled.groupby("guideline", sort=False):
        counts = rows["status"].value_counts()
        said = ", ".join(
            f"{counts.get(status, 0)} {words}"
            for status, words in (
                ("run", "by the run"),
                ("partly", "in part"),
                ("author", "left to the author"),
            )
        )
        head = f"{guideline}: {len(rows)} items, {said}"
        lines.append(part_head(head, 5))
        lines += [
            Line(
                (
                    f"{row['item']} {row['topic']}",
                    _STATUS[row["status"]],
                    typographic(row["answer"]),
                    row["where"],
                    "" if row["author"] == "all of it" else row["author"],
                ),
                indent=True,
            )
            for row in rows.to_dict("records")
        ]
    heads = ("Item", "Who says it", "Answer", "Where, below the run's folder", "The author adds")
    notes = tuple(f"{name}: {source}." for name, source in SOURCES.items())
    return PrintedTable(title, heads, tuple(lines), (*notes, "Topics in our own words."))
