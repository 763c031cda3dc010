"""All new patients on one page, those furthest from the training patients first."""

from collections.abc import Container, Sequence
from html import escape
from urllib.parse import quote

import pandas as pd

from taceflow.figures.patient_models import survival_text
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_table
from taceflow.models import FINAL, MODELS
from taceflow.report.applied import (
    VERDICTS,
    AppliedFiles,
    final_first,
    horizons_of,
    label_of,
    source_of,
    survival_of,
    without_variables,
)
from taceflow.report.html import html_fragment, html_page
from taceflow.survival.minimum_counts import FEWEST
from taceflow.wording.counts import counted
from taceflow.wording.intended_use import NO_DECISION
from taceflow.wording.names import MODEL_NAMES, in_order
from taceflow.wording.printed_table import Line, PrintedTable
from taceflow.wording.printing import EN_DASH, as_text, number, typographic

_TITLE = "New patients"
_WORDS = {"outside": "outside", "unknown": "not compared", "inside": "inside the training range"}


def write_patient_index(
    *,
    run: str,
    followed: tuple[int, int],
    changed: Sequence[str],
    files: AppliedFiles,
    html: str,
) -> None:
    """Write the page of all patients, with links to ``patients/{patient}.html`` beside it.

    Parameters
    ----------
    run : str
        Name of the run.
    followed : tuple of int
        How many patients have time and event, and how many of these died.
    changed : sequence of str
        Steps whose code or libraries are not those of the fit.
    files : AppliedFiles
    html : str
        To be written.
    """
    table = index_table(
        read_table(files.verdicts, "verdicts"),
        read_table(files.predictions, "survival_predictions"),
        read_table(files.models, "applied_models"),
        without_variables(files.opened),
    )
    fragment = html_fragment(table)
    for patient in (line.cells[0] for line in table.lines):
        head = f'<th scope="row">{escape(patient)}</th>'
        link = f'<a href="patients/{quote(patient)}.html">{escape(patient)}</a>'
        fragment = fragment.replace(head, f'<th scope="row">{link}</th>', 1)
    made = source_of(run, files.opened)
    if changed:
        made += (
            ". Code or libraries of these steps are not those that it was fitted with, so that "
            f"numbers may differ: {', '.join(changed)}"
        )
    body = (
        f"<h1>{_TITLE}</h1>\n<p>{escape(made)}.</p>\n<p>{_outcomes(*followed)}</p>\n"
        f"{fragment}\n"
        f"<p><strong>{escape(NO_DECISION)}</strong></p>"
    )
    with atomic_path(html) as temporary:
        temporary.write_text(html_page(f"{_TITLE}: {run}", body, "wide"), encoding="utf-8")


def _outcomes(followed: int, deaths: int) -> str:
    """Say whether the models are measured: who names the columns otherwise would not know."""
    told = (
        f"Followed in the sheet (time_months and event): {counted(followed, 'patient')}, of whom "
        f"{deaths} died. "
    )
    if deaths < FEWEST:
        return f"{told}Below {FEWEST} deaths the models are not measured: there is no report."
    return (
        f"{told}What the models are worth in those whose images and masks could be used says "
        "report.html."
    )


def counts(verdicts: pd.DataFrame, predicted: Container[str]) -> str:
    """Say how many patients are inside, outside and predicted by no model."""
    found = verdicts["verdict"].value_counts()
    told = [f"{found[kind]} {_WORDS[kind]}" for kind in VERDICTS if kind in found]
    none = sum(patient not in predicted for patient in verdicts["patient_id"])
    patients = counted(len(verdicts), "patient")
    return f"{patients}: {', '.join(told)}; {none} predicted by no model."


def index_table(
    verdicts: pd.DataFrame,
    predictions: pd.DataFrame,
    models: pd.DataFrame,
    alike: Container[str] = (),
) -> PrintedTable:
    """Return a row a patient, those outside first, else in the order of the verdicts.

    Parameters
    ----------
    verdicts, predictions, models : pandas.DataFrame
        ``application/verdicts.tsv``, worst first, ``survival/predictions.tsv``,
        ``application/models.tsv``.
    alike : container of str
        Models that say the same of everybody.
    """
    rank = verdicts["verdict"].map(list(VERDICTS).index)
    verdicts = verdicts.loc[rank.sort_values(kind="stable").index]
    # the established scores stand on the patients' own pages: a table of ten models is too wide
    shown = [name for name in in_order(predictions["model"], MODEL_NAMES) if name in MODELS]
    horizons = horizons_of(predictions)
    by_patient = dict(iter(predictions.groupby("patient_id")))
    lines = []
    for row in verdicts.itertuples():
        told = f"{VERDICTS[row.verdict][0]}\N{NO-BREAK SPACE}{row.verdict}"
        outside = typographic(as_text(row.outside))
        cells = [row.patient_id, told, outside, number(row.furthest, 1)]
        if row.patient_id in by_patient:
            said = by_patient[row.patient_id].set_index("model")
            final = said.loc[final_first(said.index, alike)[0]]
            groups = [said["risk_group"].get(name, EN_DASH) for name in shown]
            survival = [survival_text(survival_of(final, column)) for column in horizons.values()]
            cells += [*groups, label_of(str(final.name), models), *survival]
        else:
            cells += [EN_DASH] * (len(shown) + 1 + len(horizons))
        lines.append(Line(tuple(cells)))
    labels = [label_of(name, models) for name in shown]
    months = [f"{month:g} months" for month in horizons]
    heads = ("Patient", "Range", "Outside", "How far*", *labels, "Model", *months)
    groups = (("", 4), ("Risk group", len(shown)), ("Survival (95% CI)", 1 + len(months)))
    note = (
        "* In widths of the middle half of the training patients. Survival is by "
        f"{label_of(FINAL[0], models)}, else by the last of the study's models that predicts the "
        "patient; that of a network has no interval. "
        f"{EN_DASH}: not predicted."
    )
    return PrintedTable(counts(verdicts, by_patient), heads, tuple(lines), (note,), groups)
