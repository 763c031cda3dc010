"""A new patient on a page: what the models predict, and whether they know such patients."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from taceflow.errors import InputError
from taceflow.figures.patient_models import ModelSays, Predictions, survival_text
from taceflow.figures.patient_prediction import prediction_figure
from taceflow.figures.patient_sheet import PatientSheet, patient_sheet
from taceflow.figures.style import save_figure
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, read_table
from taceflow.models import NETWORKS
from taceflow.report.applied import (
    VERDICTS,
    AppliedFiles,
    final_first,
    horizons_of,
    label_of,
    sentence,
    source_of,
    survival_of,
    without_variables,
)
from taceflow.report.html import html_fragment, html_page
from taceflow.report.pictures import embedded, thumbnail
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.intended_use import NO_DECISION
from taceflow.wording.names import COHORTS, cohort_name, with_labels
from taceflow.wording.printed_table import Line, PrintedTable
from taceflow.wording.printing import EN_DASH, as_text, number, typographic, with_interval

_USE = f"For research. {NO_DECISION}"
_PICTURE_PX = 1080


def write_patient_page(
    *, run: str, patient: str, files: AppliedFiles, picture: str | None, html: str, pdf: str
) -> None:
    """Write the page of a patient, for the screen and for paper.

    What became of the patient is on neither, though the run may know it: its reader predicts.

    Parameters
    ----------
    run : str
        Name of the run.
    patient : str
        The study's own id.
    files : AppliedFiles
    picture : str or None
        ``qc/{patient}.png``; None if the study has no images.
    html, pdf : str
        To be written: a file that needs no other, and one sheet of A4.

    Raises
    ------
    InputError
        If the table of verdicts does not have the patient.
    """
    sheet = read_sheet(run, patient, files)
    with atomic_path(html) as temporary:
        temporary.write_text(_as_html(sheet, picture), encoding="utf-8")
    save_figure(patient_sheet(sheet, picture), [pdf], title=f"{patient}: predicted survival")


def read_sheet(run: str, patient: str, files: AppliedFiles) -> PatientSheet:
    """Return what is said of a patient; parameters are those of `write_patient_page`."""
    verdicts = read_table(files.verdicts, "verdicts")
    found = verdicts[verdicts["patient_id"] == patient]
    if found.empty:
        raise InputError(
            "the patient has no verdict",
            patient=patient,
            file=files.verdicts,
            remedy="Delete this table and run again",
        )
    verdict = found.iloc[0].to_dict()
    sign, words = VERDICTS[verdict["verdict"]]
    places = read_table(files.ranges, "patient_ranges")
    models = read_table(files.models, "applied_models")
    predictions = read_table(files.predictions, "survival_predictions")
    rows = predictions[predictions["patient_id"] == patient].set_index("model")
    opened = Path(files.opened)
    ranges = read_table(opened / "ranges.tsv", "training_ranges")
    clinical = ranges[ranges["kind"] == "clinical"]
    labels = dict(zip(clinical["name"], clinical["label"].map(typographic), strict=True))
    return PatientSheet(
        patient=patient,
        source=source_of(run, files.opened),
        kind=verdict["verdict"],
        verdict=f"{sign} {words}",
        details=tuple(_details(verdict, labels)),
        predictions=_predictions(rows, models, ranges, opened),
        outside=outside_table(places[places["patient_id"] == patient]),
        not_applied=_not_applied(
            models[~models["model"].isin(rows.index)],
            _why_not(verdict, labels, is_predicted=len(rows) > 0),
            labels,
        ),
        use=_USE,
    )


def _details(verdict: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines below the verdict."""
    compared = counted(int(verdict["compared"]), "compared quantity")
    if verdict["verdict"] == "inside":
        yield f"Each of {compared} lies where the training patients do."
    elif verdict["verdict"] == "unknown":
        yield "The bundle tells no range of anything that this patient has."
    else:
        yield sentence(typographic(as_text(verdict["outside"])))
        beyond = int(verdict["beyond"])
        far = f"{beyond} of {compared} {agreeing(beyond, 'lies', 'lie')} outside."
        if furthest := number(verdict["furthest"], 1):
            far += f" The furthest: by {furthest} widths of the training patients' middle half."
        yield far
        yield "What is predicted is extrapolated."
    if missing := as_text(verdict["missing"]):
        yield f"No value of {with_labels(missing, labels)}, which a model needs."


def _predictions(
    rows: pd.DataFrame, models: pd.DataFrame, ranges: pd.DataFrame, opened: Path
) -> Predictions:
    """Return what the models say, the final one first.

    Parameters
    ----------
    rows : DataFrame
        The patient's predictions, by model.
    models : DataFrame
        ``application/models.tsv``.
    ranges : DataFrame
        The bundle's ``ranges.tsv``.
    opened : Path
        Its other files.
    """
    stored = read_json(opened / "models.json")
    risks = ranges[ranges["kind"] == "risk"].set_index("name").filter(regex=r"^q\d")
    merits, cohort = _held_out_c(read_table(opened / "performance.tsv"))
    horizons = horizons_of(rows)
    said = []
    for name in final_first(rows.index, without_variables(opened)):
        row = rows.loc[name]
        said.append(
            ModelSays(
                label=label_of(name, models),
                is_network=name in NETWORKS,
                risk=float(row["risk"]),
                risk_group=row["risk_group"],
                survival=tuple(survival_of(row, column) for column in horizons.values()),
                cut_off=stored[name]["cut_off"],
                quantiles=risks.loc[name].to_dict() if name in risks.index else {},
                groups=stored[name].get("groups", {}),
                merit=merits.get(name, ""),
            )
        )
    return Predictions(tuple(horizons), tuple(said), cohort)


def _held_out_c(performance: pd.DataFrame) -> tuple[dict[str, str], str]:
    """Return each model's C in the first cohort on which none was fitted, and which that is."""
    told = performance[performance["metric"] == "c_index"]
    for cohort in (name for name in COHORTS if name != "training"):
        rows = told[told["cohort"] == cohort]
        if len(rows):
            ends = zip(rows["estimate"], rows["lower"], rows["upper"], strict=True)
            values = [with_interval(*one) for one in ends]
            return dict(zip(rows["model"], values, strict=True)), cohort_name(cohort).lower()
    return {}, ""


def outside_table(places: pd.DataFrame) -> PrintedTable:
    """Return what lies outside the training range or has no value, worst first.

    Parameters
    ----------
    places : pandas.DataFrame
        The patient's rows of ``application/range.tsv``.
    """
    order = {"unknown": 0, "below": 1, "above": 1, "missing": 2}
    rows = places[places["place"].isin(order)]
    rank = rows.assign(rank=rows["place"].map(order), far=-rows["distance"].astype(float))
    rows = rank.sort_values(["rank", "far"], kind="stable")
    lines = []
    for row in rows.itertuples():
        told = [as_text(row.value), as_text(row.training)]
        # levels stand as they are
        told = told if row.place == "unknown" else map(typographic, told)
        lines.append(Line((typographic(row.label), *told, _how_far(row))))
    title = VERDICTS["outside"][1]
    if (rows["place"] == "missing").any():
        title += " or without a value"
    heads = ("Quantity", "This patient", "Training patients", "How far*")
    note = "* In widths of the middle half of the training patients."
    return PrintedTable(title, heads, tuple(lines), (note,))


def _how_far(row: Any) -> str:
    if row.place == "unknown":
        return "not among these"
    if row.place == "missing":
        return "no value"
    distance = number(row.distance, 1)
    return f"{row.place} by {distance}" if distance else row.place


def _why_not(verdict: Mapping[str, Any], labels: Mapping[str, str], *, is_predicted: bool) -> str:
    """Say why a model that predicts others does not predict the patient."""
    if lacking := as_text(verdict["missing"]):
        return f"no value of {with_labels(lacking, labels)}"
    if verdict["verdict"] == "outside" and not is_predicted:
        return "outside the training range: not predicted"
    return "the patient has a level that it does not know"


def _not_applied(models: pd.DataFrame, own: str, labels: Mapping[str, str]) -> PrintedTable:
    """Return the models that do not predict the patient, and why.

    What ``models.tsv`` notes of a model that predicts others speaks of the whole cohort.
    """
    lines = tuple(
        Line(
            (
                label_of(row.model, models),
                sentence(own if row.patients else with_labels(as_text(row.note), labels) or own),
            )
        )
        for row in models.itertuples()
    )
    title = "Models that do not predict this patient"
    return PrintedTable(title, ("Model", "Why"), lines)


def _prediction_table(predictions: Predictions) -> PrintedTable:
    """Return the numbers behind the drawing."""
    lines = tuple(
        Line(
            (
                one.label,
                one.risk_group,
                *(survival_text(said) for said in one.survival),
                one.merit,
            )
        )
        for one in predictions.models
    )
    months = [f"{month:g} months" for month in predictions.horizons_months]
    heads = ("Model", "Risk group", *months, "Harrell's C (95% CI)")
    note = (
        "Survival (95% CI); without an interval: that of a network, and where fewer than five "
        f"training patients were at this patient's level. {EN_DASH}: not told."
    )
    if predictions.cohort:
        note += f" Harrell's C is that of the {predictions.cohort} cohort."
    return PrintedTable("Predicted survival", heads, lines, (note,))


def _as_html(sheet: PatientSheet, picture: str | None) -> str:
    details = "".join(f"<br>\n{escape(text)}" for text in sheet.details)
    name = escape(sheet.patient)
    parts = [
        f'<h1>{name}</h1>\n<p>{escape(sheet.source)}. <a href="../index.html">All patients</a></p>',
        f'<p class="verdict {sheet.kind}"><strong>{escape(sheet.verdict)}.</strong>{details}</p>',
    ]
    if sheet.predictions.models:
        drawn = "Survival by the final model and scores of all models; numbers in the table below"
        parts.append(f'<img src="{_drawing(sheet.predictions)}" alt="{drawn}">')
    else:
        parts.append("<p><strong>No model predicts this patient.</strong></p>")
    if picture:
        source = thumbnail(picture, _PICTURE_PX)
        parts.append(f'<img src="{source}" alt="Masks over the CT of {name}">')
    tables = [sheet.outside, _prediction_table(sheet.predictions), sheet.not_applied]
    parts += [html_fragment(table) for table in tables if table.lines]
    parts.append(f"<p><strong>{escape(sheet.use)}</strong></p>")
    return html_page(f"{sheet.patient}: predicted survival", "\n".join(parts))


def _drawing(predictions: Predictions) -> str:
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "predictions.svg")
        save_figure(prediction_figure(predictions), [path], title="Predicted survival")
        return embedded(path)
