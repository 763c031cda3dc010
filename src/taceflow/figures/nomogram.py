"""The nomogram of a Cox model: points for each variable, survival for their sum."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import training_patients
from taceflow.figures import style
from taceflow.files.tables import read_json, read_table
from taceflow.survival.models.nomogram import MOST_POINTS, Nomogram, make_nomogram, round_values
from taceflow.wording.lettering import fill, shortened, width_mm
from taceflow.wording.names import has_yes_no_levels, level_name, model_name

_NAME_MM, _RIGHT_MM, _HEAD_MM, _FOOT_MM = 42.0, 6.0, 9.0, 2.0
_SIZE, _LABEL_MM, _APART_MM = 6.0, 62.0, 1.2
_LINE_MM, _LANE_MM, _TICK_MM, _GAP_MM = 2.4, 2.7, 1.2, 2.0
"""Height of a line of letters, of a lane of labels, of a tick, and between two lines' labels."""


@dataclass(frozen=True)
class _Label:
    """A tick and where its label stands: lanes count from the line, -1 is the first below it."""

    x: float
    text: str
    middle: float
    lane: int


@dataclass(frozen=True)
class _Line:
    """A line of the nomogram as it is drawn, in millimetres."""

    names: list[str]
    start: float
    end: float
    labels: list[_Label]
    bare: list[float]
    has_grid: bool = False

    def room(self, side: int) -> float:
        """Return the height that is needed above (1) or below (-1) the line."""
        lanes = max((side * label.lane for label in self.labels), default=0)
        text = len(self.names) * _LINE_MM / 2
        return max(text, self.tick + lanes * _LANE_MM if lanes > 0 else 0)

    @property
    def tick(self) -> float:
        """Length of a tick; longer where labels stand apart from theirs."""
        moved = max((abs(label.middle - label.x) for label in self.labels), default=0.0)
        return _TICK_MM if moved < _LANE_MM else 3 * _TICK_MM


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
        Every level of a factor has its name; of close ticks of a number some have none.
    """
    title = f"Nomogram, {model_name(model)}"
    if drawn is None:
        return style.not_drawn(f"No variable entered the model {model_name(model)}.", title)
    lines = _lines(drawn, labels)
    height = sum(line.room(1) + line.room(-1) + _GAP_MM for line in lines)
    figure = style.new_figure(style.page_mm(), _HEAD_MM + height + _FOOT_MM, layout=None)
    axes = style.axes_in_mm(figure, _NAME_MM, _FOOT_MM, _width_mm(), height)
    axes.set(xlim=(0, _width_mm()), ylim=(0, height))
    axes.set_axis_off()
    axes.text(2 - _NAME_MM, height + 4, f"{title} ({size})", size=7.5, weight="bold")
    top, places = height, []
    for line in lines:
        top -= line.room(1)
        places.append(top)
        top -= line.room(-1) + _GAP_MM
    last_variable = len(drawn.variables)
    for position, (line, y) in enumerate(zip(lines, places, strict=True)):
        # points lead down to the variables' lines, total points to those of survival
        _draw_line(axes, line, y, places[last_variable] if position <= last_variable else 0.0)
    return figure


def _lines(drawn: Nomogram, labels: Mapping[str, str]) -> list[_Line]:
    """Return the lines from top to bottom."""
    sums = round_values(0, drawn.total)
    lines = [_grid("Points", round_values(0, MOST_POINTS))]
    for scale in drawn.variables:
        yes_no = has_yes_no_levels(scale.labels)
        named = [level_name(scale.name, label, yes_no=yes_no) for label in scale.labels]
        lines.append(_line(labels.get(scale.name, scale.name), named, scale.points, MOST_POINTS))
    lines.append(_grid("Total points", sums))
    for months, scale in drawn.survival:
        name = f"Survival at {months:g} months"
        lines.append(_line(name, scale.labels, scale.points, sums[-1]))
    return lines


def _grid(name: str, values: np.ndarray) -> _Line:
    """Return a line of points from which others are read."""
    return _line(name, [f"{value:g}" for value in values], values, values[-1], has_grid=True)


def _line(
    name: str, labels: Sequence[str], points: np.ndarray, full: float, *, has_grid: bool = False
) -> _Line:
    order = np.argsort(points, kind="stable")
    x = np.asarray(points, dtype=float)[order] / full * _width_mm()
    texts = [labels[place] for place in order]
    if all(_is_number(text) for text in texts):
        placed = _place_numbers(x, [text.replace("-", "\u2212") for text in texts])
    else:
        placed = _place_levels(x, [shortened(text, _LABEL_MM, _SIZE) for text in texts])
    shown = {label.x for label in placed}
    start = 0.0 if has_grid else float(x.min())
    bare = [place for place in x if place not in shown]
    return _Line(
        fill(name, _NAME_MM - 5, _SIZE, bold=True), start, float(x.max()), placed, bare, has_grid
    )


def _place_numbers(x: np.ndarray, texts: list[str]) -> list[_Label]:
    """Write each number over its tick, else under it, else nowhere: the ticks are even."""
    ends = {1: -np.inf, -1: -np.inf}
    placed = []
    for place, text in zip(x, texts, strict=True):
        half = width_mm(text, _SIZE) / 2
        side = next((side for side in ends if place - half - ends[side] >= _APART_MM), 0)
        if side:
            ends[side] = place + half
            placed.append(_Label(place, text, place, side))
    return placed


def _place_levels(x: np.ndarray, texts: list[str]) -> list[_Label]:
    """Write every level, in turn above and below, moved apart and led to its tick."""
    placed = []
    for side in (1, -1):
        mine = range(0 if side > 0 else 1, len(texts), 2)
        widths = [width_mm(texts[k], _SIZE) + _APART_MM for k in mine]
        lanes = max(1, math.ceil(sum(widths) / (0.9 * _width_mm())))
        for lane in range(lanes):
            members = list(mine)[lane::lanes]
            if not members:
                continue
            halves = np.array(widths[lane::lanes]) / 2
            middles = _moved_apart(x[members], halves)
            placed += [
                _Label(x[k], texts[k], middle, side * (lane + 1))
                for k, middle in zip(members, middles, strict=True)
            ]
    return placed


def _moved_apart(x: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """Return middles near ascending places whose labels of these half widths do not overlap."""

    def ascending(middles: np.ndarray, halves: np.ndarray) -> np.ndarray:
        moved = middles.copy()
        for k in range(1, len(moved)):
            moved[k] = max(moved[k], moved[k - 1] + halves[k - 1] + halves[k])
        return moved

    def descending(middles: np.ndarray, halves: np.ndarray) -> np.ndarray:
        return -ascending(-middles[::-1], halves[::-1])[::-1]

    # the mean of two rows without overlap has none either
    middles = (ascending(x, halves) + descending(x, halves)) / 2
    middles[0] = max(middles[0], halves[0] - 1)
    middles = ascending(middles, halves)
    middles[-1] = min(middles[-1], _width_mm() + _RIGHT_MM - halves[-1])
    return descending(middles, halves)


def _width_mm() -> float:
    """Return the length of the longest line."""
    return style.page_mm() - _NAME_MM - _RIGHT_MM


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


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
        ``survival/models.json``.
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
    training = training_patients(read_table(patients))
    if dlopctr is not None:
        training = join_by_patient(training, read_table(dlopctr), ["dlopctr"], file=dlopctr)
    labels = {one["column"]: one["label"] for one in variables} | {"dlopctr": "DLOP-CTR"}
    size = f"n = {stored['n']}, deaths {stored['events']}"
    figure = nomogram(make_nomogram(stored, training, horizons_months), labels, model, size)
    style.save_figure(figure, outputs, title=f"Nomogram, {model_name(model)}")


def _draw_line(axes: Axes, line: _Line, y: float, grid_to: float) -> None:
    axes.text(
        -3.5,
        y,
        "\n".join(line.names),
        size=_SIZE,
        ha="right",
        va="center",
        weight="bold",
        linespacing=1.1,
    )
    axes.plot([line.start, line.end], [y, y], color=style.BLACK, linewidth=0.8, clip_on=False)
    for label in line.labels:
        if line.has_grid:
            axes.plot([label.x, label.x], [y, grid_to], color=style.GREY, linewidth=0.25, alpha=0.6)
        side = 1 if label.lane > 0 else -1
        end = y + side * (line.tick + (abs(label.lane) - 1) * _LANE_MM)
        axes.plot(
            [label.x, label.middle], [y, end], color=style.BLACK, linewidth=0.6, clip_on=False
        )
        axes.text(
            label.middle,
            end + side * 0.2,
            label.text,
            size=_SIZE,
            ha="center",
            va="bottom" if side > 0 else "top",
        )
    for x in line.bare:
        axes.plot([x, x], [y, y + _TICK_MM / 2], color=style.BLACK, linewidth=0.5)
