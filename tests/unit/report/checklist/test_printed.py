"""The checklists as they are printed."""

from taceflow.report.checklist.fill import fill
from taceflow.report.checklist.printed import printed_checklist


def test_print_counts_what_the_run_said(items, run):
    table = fill(items, run)
    printed = printed_checklist(table, "Checklists")
    heads = [line.cells[0] for line in printed.lines if line.part]
    asked = items.groupby("guideline", sort=False).size()
    assert [head.split(" items")[0] for head in heads] == [f"{n}: {k}" for n, k in asked.items()]
    assert len(printed.lines) == len(items) + 3
    by_author = (table["guideline"] == "METRICS") & (table["status"] == "author")
    assert heads[2].endswith(f", {by_author.sum()} left to the author")
