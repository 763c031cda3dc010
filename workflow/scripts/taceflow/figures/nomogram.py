"""The nomogram of a Cox model: points for each variable, survival for their sum."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taceflow.figures.style import (
    BLACK,
    GREY,
    TWO_COLUMNS_MM,
    axes_in_mm,
    fill,
    new_figure,
    not_drawn,
    save_figure,
)
from taceflow.report.names import level_name, model_name
from taceflow.survival.models.nomogram import (
    MOST_POINTS,
    Nomogram,
    Scale,
    make_nomogram,
    round_values,
)
from taceflow.tables import read_json, read_table

_NAME_MM, _RIGHT_MM, _ROW_MM, _HEAD_MM, _FOOT_MM = 42.0, 6.0, 9.0, 7.0, 3.0
_SIZE, _SMALL = 6.0, 5.6
_NEAR_MM = 5.0


def nomogram(drawn: Nomogram | None, labels: Mapping[str, str], model: str, size: str) -> Figure:
    """Draw a nomogram.

    Parameters
    ----------
    drawn : Nomogram or None
        None if the model has no variable.
    labels : mapping of str to str
        Printed name of each column.
    model : str
        The model, for the title.
    size : str
        Patients and deaths on which it was fitted.

    Returns
    -------
    matplotlib.figure.Figure
    """
    title = f"Nomogram, {model_name(model)}"
    if drawn is None:
        return not_drawn(f"No variable entered the model {model_name(model)}.", title)
    rows = 2 + len(drawn.variables) + len(drawn.survival)
    figure = new_figure(TWO_COLUMNS_MM, _HEAD_MM + rows * _ROW_MM + _FOOT_MM, layout=None)
    width = TWO_COLUMNS_MM - _NAME_MM - _RIGHT_MM
    axes = axes_in_mm(figure, _NAME_MM, _FOOT_MM, width, rows * _ROW_MM)
    axes.set(xlim=(0, 1), ylim=(rows - 0.35, -0.65))
    axes.set_axis_off()
    axes.text(-_NAME_MM / width + 0.01, -0.95, f"{title} ({size})", size=7.5, weight="bold")
    points = round_values(0, MOST_POINTS)
    top = Scale("Points", tuple(f"{value:g}" for value in points), points)
    _draw_line(axes, 0, "Points", top, MOST_POINTS, width, grid_to=1 + len(drawn.variables) - 0.6)
    for row, scale in enumerate(drawn.variables, start=1):
        named = [level_name(scale.name, label) for label in scale.labels]
        shown = Scale(scale.name, tuple(named), scale.points)
        _draw_line(axes, row, labels.get(scale.name, scale.name), shown, MOST_POINTS, width)
    below = 1 + len(drawn.variables)
    sums = round_values(0, drawn.total)
    total = Scale("Total points", tuple(f"{value:g}" for value in sums), sums)
    _draw_line(axes, below, "Total points", total, drawn.total, width, grid_to=rows - 0.6)
    for row, (months, scale) in enumerate(drawn.survival, start=below + 1):
        _draw_line(axes, row, f"Survival at {months:g} months", scale, drawn.total, width)
    return figure


def write_nomogram(
    *,
    models: str,
    model: str,
    patients: str,
    dlopctr: str | None,
    variables: Sequence[Mapping[str, str]],
    horizons_months: Sequence[float],
    outputs: Sequence[str],
) -> None:
    """Read the stored model, draw its nomogram and write it to each output.

    Parameters
    ----------
    models : str
        ``models/models.json``.
    model : str
        Which of its Cox models.
    patients : str
        ``cohort/patients.tsv``.
    dlopctr : str or None
        ``dlopctr/predictions.tsv``; None if the study has no images.
    variables : sequence of mapping
        ``survival.variables`` of the configuration, for the printed names.
    horizons_months : sequence of float
    outputs : sequence of str
        Files to write.
    """
    stored = read_json(models)[model]
    cohort = read_table(patients)
    if dlopctr is not None:
        scores = read_table(dlopctr).set_index("patient_id")["dlopctr"]
        cohort = cohort.assign(dlopctr=cohort["patient_id"].map(scores))
    training: pd.DataFrame = cohort[cohort["cohort"] == "training"]
    labels = {one["column"]: one["label"] for one in variables} | {"dlopctr": "DLOP-CTR"}
    size = f"n = {stored['n']}, deaths {stored['events']}"
    figure = nomogram(make_nomogram(stored, training, horizons_months), labels, model, size)
    save_figure(figure, outputs, title=f"Nomogram, {model_name(model)}")


def _draw_line(
    axes: Axes,
    row: int,
    name: str,
    scale: Scale,
    full: float,
    width_mm: float,
    grid_to: float | None = None,
) -> None:
    """Draw a line with its ticks; labels that would touch go to alternate sides."""
    places = scale.points / full
    lines = fill(name, _NAME_MM - 3, _SIZE)
    axes.text(-0.02, row, "\n".join(lines), size=_SIZE, ha="right", va="center", weight="bold")
    axes.plot([places.min(), places.max()], [row, row], color=BLACK, linewidth=0.8)
    above_last = below_last = -np.inf
    for place, label in sorted(zip(places, scale.labels, strict=True)):
        if grid_to is not None:
            axes.plot([place, place], [row, grid_to], color=GREY, linewidth=0.25, alpha=0.6)
        above = (place - above_last) * width_mm >= _NEAR_MM
        if not above and (place - below_last) * width_mm < _NEAR_MM:
            axes.plot([place, place], [row, row - 0.1], color=BLACK, linewidth=0.5)
            continue
        side = -1 if above else 1
        axes.plot([place, place], [row, row + side * 0.14], color=BLACK, linewidth=0.6)
        vertical = "bottom" if above else "top"
        text = label.replace("-", "−") if label.startswith("-") else label
        axes.text(place, row + side * 0.18, text, size=_SMALL, ha="center", va=vertical)
        above_last, below_last = (place, below_last) if above else (above_last, place)
