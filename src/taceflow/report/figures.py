"""The report's figures, with captions and the patients behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from jinja2 import Environment

from taceflow.cohort.training import training_patients
from taceflow.report.pictures import embedded, svg_width_mm
from taceflow.study.figures import FIGURE_FILES, Figure
from taceflow.wording.names import model_name


@dataclass(frozen=True)
class ReportFigure:
    """A figure in the report.

    Attributes
    ----------
    name, title, caption : str
        File name without suffix, title, and what it shows with the patients behind it.
    of_each_model : bool
        Whether it stands beside those of the other models.
    source : str
        The picture as a data URI.
    width_mm : float
        Its width in print.
    """

    name: str
    title: str
    caption: str
    of_each_model: bool
    source: str
    width_mm: float


def report_figures(
    paths: Sequence[str],
    captions: Mapping[str, str],
    patients: pd.DataFrame,
    total: int,
    *,
    is_applied: bool = False,
) -> dict[str, dict[str, list[ReportFigure]]]:
    """Return the figures in the report's order.

    Parameters
    ----------
    paths : sequence of str
        SVG files.
    captions : mapping of str to str
        Templates of captions, by name of the figure.
    patients : DataFrame
        The cohort.
    total : int
        Patients of the sheet.
    is_applied : bool
        Whether a bundle was applied to the patients, none of whom were of the training.

    Returns
    -------
    dict of str to dict of str to list of ReportFigure
        By section, then by name of the figure: one, or one a model.
    """
    given = {Path(path).stem: path for path in paths}
    found: dict[str, dict[str, list[ReportFigure]]] = {}
    for name, (figure, model) in FIGURE_FILES.items():
        if name in given:
            printed = model_name(model)
            caption = _caption(captions.get(figure.name, ""), printed, is_applied)
            entry = ReportFigure(
                name,
                f"{figure.title}, {printed}" if model else figure.title,
                f"{caption} ({_behind(figure, patients, total)})",
                figure.of_each_model,
                embedded(given[name]),
                svg_width_mm(given[name]),
            )
            found.setdefault(figure.section, {}).setdefault(figure.name, []).append(entry)
    return found


def _behind(figure: Figure, patients: pd.DataFrame, total: int) -> str:
    """Say how many patients and deaths stand behind a figure."""
    rows = training_patients(patients) if figure.patients == "training" else patients
    behind = f"n = {len(rows)}, deaths {int(rows['event'].sum())}"
    return f"{total} in the sheet; {behind}" if figure.patients == "sheet" else behind


def _caption(text: str, model: str, is_applied: bool) -> str:
    """Fill a caption as Snakemake's own report would, with the model's name in print."""
    snakemake = SimpleNamespace(
        wildcards=SimpleNamespace(model=model), config={"model": is_applied}
    )
    return Environment(autoescape=False).from_string(text).render(snakemake=snakemake).strip()
