"""The report's figures: their order, titles and captions, with the patients behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from jinja2 import Environment

from taceflow.report.pictures import embedded, svg_width_mm
from taceflow.study.models import MODELS
from taceflow.wording.names import model_name

TITLES = {
    "figure_s1": "Figure S1",
    "feature_reproducibility": "Reproducibility of features",
    "figure_s2a": "Figure S2 A",
    "figure_s2b": "Figure S2 B",
    "figure_s2c": "Figure S2 C",
    "figure_s2d": "Figure S2 D",
    "selection_frequency": "Selection frequency",
    "figure_s3": "Figure S3",
    "km": "Survival by risk group",
    "established_scores": "Survival by established score",
    "roc": "ROC",
    "auc_over_time": "AUC over time",
    "calibration": "Calibration",
    "decision_curve": "Decision curves",
    "forest": "Forest plot",
    "nomogram": "Nomogram",
    "pre_experiment": "Pre-experiment",
    "dlopctr_history": "Training of DLOP-CTR",
    "dlopctr_attention": "What DLOP-CTR looks at",
    "contact_sheet": "Pictures of images and masks",
}
"""Titles of the figures, in the report's order; a model's name comes behind."""

_TRAINING_ONLY = frozenset(
    {
        "feature_reproducibility",
        "figure_s2b",
        "figure_s2c",
        "selection_frequency",
        "forest",
        "pre_experiment",
        "dlopctr_history",
        "nomogram",
    }
)


@dataclass(frozen=True)
class ReportFigure:
    """A figure in the report.

    Attributes
    ----------
    name, title, caption : str
        File name without suffix, title, and what it shows with the patients behind it.
    source : str
        The picture as a data URI.
    width_mm : float
        Its width in print.
    """

    name: str
    title: str
    caption: str
    source: str
    width_mm: float


def report_figures(
    paths: Sequence[str], captions: Mapping[str, str], patients: pd.DataFrame, total: int
) -> dict[str, ReportFigure]:
    """Return the figures in the report's order.

    Parameters
    ----------
    paths : sequence of str
        SVG files.
    captions : mapping of str to str
        Templates of captions, by kind of figure.
    patients : DataFrame
        The cohort.
    total : int
        Patients of the sheet.

    Returns
    -------
    dict of str to ReportFigure
        By file name without suffix.
    """
    names = {Path(path).stem: path for path in paths}
    kinds, models = list(TITLES), ["", *MODELS]

    def place(name: str) -> tuple[int, int]:
        kind, model = kind_and_model(name)
        return kinds.index(kind), models.index(model)

    figures = {}
    for name in sorted(names, key=place):
        kind, model = kind_and_model(name)
        caption = _caption(captions.get(kind, ""), model)
        rows = patients[patients["cohort"] == "training"] if kind in _TRAINING_ONLY else patients
        behind = f"n = {len(rows)}, deaths {int(rows['event'].sum())}"
        if kind == "figure_s1":
            behind = f"{total} in the sheet; {behind}"
        figures[name] = ReportFigure(
            name,
            figure_title(name),
            f"{caption} ({behind})",
            embedded(names[name]),
            svg_width_mm(names[name]),
        )
    return figures


def figure_title(name: str) -> str:
    """Return a figure's title, with its model behind."""
    kind, model = kind_and_model(name)
    title = TITLES.get(kind, model_name(kind))
    return f"{title}, {model_name(model)}" if model else title


def kind_and_model(name: str) -> tuple[str, str]:
    """Return the kind of a figure and its model, empty if it belongs to none.

    >>> kind_and_model("km_dlop_cox")
    ('km', 'dlop_cox')
    """
    kind, _, model = name.partition("_")
    return (kind, model) if model in MODELS else (name, "")


def _caption(text: str, model: str) -> str:
    """Fill a caption as Snakemake's own report would, with the model's name in print."""
    wildcards = SimpleNamespace(model=model_name(model))
    snakemake = SimpleNamespace(wildcards=wildcards)
    return Environment(autoescape=False).from_string(text).render(snakemake=snakemake).strip()
