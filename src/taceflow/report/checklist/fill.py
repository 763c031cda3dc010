"""The checklists filled with what a run knows; the rest is named as the author's to fill."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from taceflow.errors import InputError
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.report.checklist import features, models, study
from taceflow.report.checklist.finished_run import Answer, Asked, Run
from taceflow.report.references import uncited

COLUMNS = ["guideline", "item", "topic", "status", "answer", "where", "author"]


def write_checklist(
    *,
    asked: str,
    panel: str,
    libraries: Mapping[str, str],
    tables: Mapping[str, str],
    descriptions: Mapping[str, str],
    config: Mapping[str, Any],
    total: int,
    screening: Sequence[tuple[str, int]],
    is_synthetic: bool,
    table: str,
) -> None:
    """Write ``tables/checklist.tsv``.

    Parameters
    ----------
    asked : str
        Table of the checklists' items: guideline, item, topic, answer (the name of a function of
        `study`, `features` or `models`; empty if no workflow can know).
    panel : str
        The panel of features.
    libraries : mapping of str to str
        Versions with which the run's jobs ran.
    tables, descriptions : mapping of str to str
        Files of the run, see `Run`.
    config : mapping
        The checked configuration.
    total : int
        Patients of the sheet.
    screening : sequence of (str, int)
        As in `Run`.
    is_synthetic : bool
    table : str
        Table to write.
    """
    run = Run(
        config=config,
        panel=yaml.safe_load(Path(panel).read_text(encoding="utf-8")),
        total=total,
        screening=screening,
        is_synthetic=is_synthetic,
        tables={name: read_table(path) for name, path in tables.items()},
        described={name: read_json(path) for name, path in descriptions.items()},
        versions=libraries,
    )
    items = pd.read_csv(asked, sep="\t", dtype=str, keep_default_na=False)
    write_table(fill(items, run), table, "checklist")


def fill(items: pd.DataFrame, run: Run) -> pd.DataFrame:
    """Answer each item.

    Parameters
    ----------
    items : DataFrame
        ``guideline``, ``item``, ``topic``, ``answer``.
    run : Run

    Returns
    -------
    DataFrame
        ``status``: ``run`` (answered by the run), ``partly``, or ``author`` (not answered).

    Raises
    ------
    InputError
        If an item asks for an answer that nobody can give.
    """
    known = answers()
    rows = []
    for item in items.to_dict("records"):
        name = item["answer"]
        if name and name not in known:
            raise InputError(f"no answer is called '{name}' ({item['guideline']} {item['item']})")
        found = known[name](run) if name else Answer("", "", "all of it")
        status = "author" if found.author == "all of it" else "partly" if found.author else "run"
        rows.append(
            {key: item[key] for key in ("guideline", "item", "topic")}
            | {
                "status": status,
                "answer": uncited(found.text) or None,
                "where": _there(found, run) or None,
            }
            | {"author": found.author or None}
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _there(found: Answer, run: Run) -> str:
    """Return the files of an answer that a run like this leaves."""
    absent: tuple[str, ...] = ()
    if not run.has_images:
        absent += ("dlopctr/", "qc/", "resampled/", "cohort/quality.tsv")
    if not run.has_lasso:
        absent += ("radscore/path.tsv", "radscore/cv.tsv")
    return ", ".join(part for part in found.where.split(", ") if not part.startswith(absent))


def answers() -> dict[str, Asked]:
    """Return every answer by its name: the public functions of the three modules."""
    return {
        name: value
        for module in (study, features, models)
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }
