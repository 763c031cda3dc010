"""Forest plot of Table S1: hazard ratios of each variable alone and of those fitted together."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.lettering import fill, line_height_mm, width_mm
from taceflow.wording.names import level_name
from taceflow.wording.printed_table import (
    Footnotes,
    in_points,
    labels_of,
    patients_behind,
    with_values,
)
from taceflow.wording.printing import as_text, p_value, typographic, with_interval

_TITLE = "Forest plot of Table S1"
_ROW_MM, _HEAD_MM, _FOOT_MM = 3.6, 12.0, 9.0
_NAME_MM, _PLOT_MM, _RATIO_MM, _P_MM, _GUTTER_MM = 41.0, 24.0, 32.5, 9.0, 2.5
"""Of these names and plots are wider on a wider page."""

_INDENT, _SIZE = 0.03, 6.0
_NARROWEST, _WIDEST, _BEYOND = 2.2, 20.0, 1e4
_APART_MM = 1.5
_TICKS = (((1, 2, 5), 1), ((1, 3), 1), ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 4))
"""Which multiples of which powers of ten have a tick, finest first."""


def forest(table: pd.DataFrame) -> Figure:
    """Draw the univariate and the multivariable hazard ratios side by side on log scales.

    Parameters
    ----------
    table : pandas.DataFrame
        ``variable``, ``label``, ``level``, ``hr_uni``, ``lower_uni``, ``upper_uni``, ``p_uni``
        and the same with ``_multi``, ``n``, ``events``, ``note``. Variables that nobody has a
        value of are left out.

    Returns
    -------
    matplotlib.figure.Figure
        An interval beyond the axis ends in an arrow; a row without an estimate says why.
    """
    table = in_points(with_values(table))
    if table.empty:
        return style.not_drawn("Table S1 has no rows.", _TITLE)
    rows = _rows(table)
    notes = Footnotes(labels_of(table))
    names = _names(rows, notes)
    room = style.page_mm() - 4
    footnotes = [line for note in notes.texts for line in fill(note, room, _SIZE)]
    # a name of several lines takes as many rows, and its ratio stands beside the first
    tops = [0, *accumulate(len(lines) for lines in names)]
    count = tops.pop()
    foot = _FOOT_MM + len(footnotes) * line_height_mm(_SIZE) + 1
    area = _ROW_MM * count
    figure = style.new_figure(style.page_mm(), _HEAD_MM + area + foot, layout=None)
    name_mm, plot_mm = _NAME_MM + _gained_mm(), _PLOT_MM + _gained_mm()
    axes = style.axes_in_mm(figure, 1, foot, name_mm, area)
    _prepare(axes, count)
    for top, lines, row in zip(tops, names, rows, strict=True):
        weight = "normal" if row["indent"] else "bold"
        for place, line in enumerate(lines, top):
            x = _INDENT * row["indent"]
            axes.text(x, place, line, size=_SIZE, va="center", weight=weight)
    for position, line in enumerate(footnotes):
        y = 1 + line_height_mm(_SIZE) * (len(footnotes) - position - 0.5)
        style.axes_in_mm(figure, 1, y, 1, 1).set_axis_off()
        figure.axes[-1].text(0, 0.5, line, size=_SIZE, va="center")
    limits, ticks = _limits(table)
    left = 1 + name_mm
    beside = (plot_mm + 2) / (_RATIO_MM + _P_MM - 2)
    for model, title in (("uni", "Univariate"), ("multi", "Multivariable")):
        plot = style.axes_in_mm(figure, left, foot, plot_mm, area)
        text = style.axes_in_mm(figure, left + plot_mm + 2, foot, _RATIO_MM + _P_MM - 2, area)
        _prepare(text, count)
        _prepare_plot(plot, count, limits, ticks)
        _draw_model(plot, text, dict(zip(tops, rows, strict=True)), model, limits)
        behind = patients_behind(table, "" if model == "uni" else "_multi")
        text.text(-beside, -2.75, title, size=6.5, weight="bold", va="center")
        text.text(-beside, -1.95, behind or "no variable entered", size=_SIZE, va="center")
        text.text(0, -1.1, "HR (95% CI)", size=_SIZE, weight="bold", va="center")
        text.text(1, -1.1, "p", size=_SIZE, weight="bold", va="center", ha="right")
        left += plot_mm + _RATIO_MM + _P_MM + _GUTTER_MM
    return figure


def write_forest(table: str, outputs: Sequence[str]) -> None:
    """Read Table S1, draw the forest plot and write it to each output."""
    style.save_figure(forest(read_table(table)), outputs, title=_TITLE)


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return what each line shows: a factor has a line for its name, then one a level."""
    lines: list[dict[str, object]] = []
    for variable, members in table.groupby("variable", sort=False):
        records = members.to_dict("records")
        label = typographic(str(records[0]["label"]))
        levels = [record for record in records if pd.notna(record["level"])]
        if not levels:
            lines += [{"name": label, "indent": 0, **record} for record in records]
            continue
        first = {"p_uni": levels[0]["p_variable_uni"], "p_multi": levels[0]["p_variable_multi"]}
        lines.append({"name": label, "indent": 0, "note": None, **first})
        for record in levels:
            name = level_name(str(variable), record["level"])
            if record["note"] == "reference":
                name += " (reference)"
            lines.append({"name": name, "indent": 1, **record})
    return lines


def _names(rows: list[dict[str, object]], notes: Footnotes) -> list[list[str]]:
    """Return the lines of each name, with the mark of its note."""
    names = []
    for row in rows:
        room = (_NAME_MM + _gained_mm()) * (1 - _INDENT * row["indent"]) - 1.5
        name = f"{row['name']}{notes.mark(row['note'])}"
        names.append(fill(name, room, _SIZE, bold=not row["indent"]))
    return names


def _gained_mm() -> float:
    """Return by how much each of the three is wider that have words or a plot."""
    return (style.page_mm() - style.TWO_COLUMNS_MM) / 3


def _prepare(axes: Axes, count: int) -> None:
    axes.set(xlim=(0, 1), ylim=(count - 0.5, -0.5))
    axes.set_axis_off()


def _prepare_plot(
    plot: Axes, count: int, limits: tuple[float, float], ticks: Sequence[float]
) -> None:
    plot.set_xscale("log")
    plot.set(xlim=limits, ylim=(count - 0.5, -0.5), yticks=[])
    plot.spines["left"].set_visible(False)
    plot.xaxis.set_major_locator(FixedLocator(ticks))
    plot.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    plot.xaxis.set_minor_locator(NullLocator())
    plot.axvline(1, color=style.GREY, linewidth=0.6)
    plot.set_xlabel("Hazard ratio (log scale)")


def _limits(table: pd.DataFrame) -> tuple[tuple[float, float], list[float]]:
    """Return limits that hold 1, all estimates and most intervals, and three ticks or more."""
    bounds = table.filter(regex="^(lower|upper)_").to_numpy(dtype=float).ravel()
    ratios = table.filter(regex="^hr_").to_numpy(dtype=float).ravel()
    reached = [1 / _NARROWEST, _NARROWEST]
    for values, most in ((bounds, _WIDEST), (ratios, _BEYOND)):
        reached += list(np.clip(values[np.isfinite(values) & (values > 0)], 1 / most, most))
    low, high = min(reached) / 1.05, max(reached) * 1.05
    return (low, high), _ticks(low, high)


def _ticks(low: float, high: float) -> list[float]:
    """Return the finest round ratios of a log axis whose labels keep apart; 1 is one of them."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [(step * 10.0**decade, decade) for decade in decades for step in (1, 2, 3, 5)]
    plot_mm = _PLOT_MM + _gained_mm()
    inside = [(float(f"{tick:.1g}"), decade) for tick, decade in every if low <= tick <= high]
    for steps, apart in _TICKS:
        ticks = [
            tick
            for tick, decade in inside
            if decade % apart == 0 and round(tick / 10.0**decade) in steps
        ]
        places = [plot_mm * math.log(tick / low) / math.log(high / low) for tick in ticks]
        widths = [width_mm(f"{tick:g}", style.RC["xtick.labelsize"]) for tick in ticks]
        gaps = [
            b - a - (v + w) / 2 for (a, v), (b, w) in pairwise(zip(places, widths, strict=True))
        ]
        if min(gaps, default=_APART_MM) >= _APART_MM:
            break
    return ticks


def _draw_model(
    plot: Axes,
    text: Axes,
    rows: Mapping[int, dict[str, object]],
    model: str,
    limits: tuple[float, float],
) -> None:
    """Draw each row's ratio at its place from the top."""
    for position, row in rows.items():
        text.text(1, position, p_value(row.get(f"p_{model}")), size=_SIZE, va="center", ha="right")
        ratio = row.get(f"hr_{model}")
        if ratio is None or not np.isfinite(ratio):
            if model == "uni" and as_text(row["note"]) not in ("", "reference"):
                text.text(0, position, "not estimated", size=_SIZE, va="center", color=style.GREY)
            continue
        lower, upper = row[f"lower_{model}"], row[f"upper_{model}"]
        text.text(
            0, position, with_interval(ratio, lower, upper, ratio=True), size=_SIZE, va="center"
        )
        significant = lower > 1 or upper < 1
        _draw_interval(plot, position, (ratio, lower, upper), limits, significant)


def _draw_interval(
    plot: Axes,
    position: int,
    values: tuple[float, float, float],
    limits: tuple[float, float],
    significant: bool,
) -> None:
    ratio, lower, upper = values
    colour = (
        style.VERMILLION
        if significant and ratio > 1
        else style.BLUE
        if significant
        else style.BLACK
    )
    shape = "s" if limits[0] <= ratio <= limits[1] else "<" if ratio < limits[0] else ">"
    place = np.clip(ratio, *limits)
    plot.plot(place, position, shape, color=colour, markersize=3, clip_on=False)
    if np.isnan(lower) and np.isnan(upper):
        return
    low = max(lower, limits[0]) if np.isfinite(lower) else limits[0]
    high = min(upper, limits[1]) if np.isfinite(upper) else limits[1]
    plot.plot([low, high], [position, position], color=colour, linewidth=0.8)
    if low > lower or not np.isfinite(lower):
        plot.plot(limits[0], position, "<", color=colour, markersize=2.6, clip_on=False)
    if high < upper or not np.isfinite(upper):
        plot.plot(limits[1], position, ">", color=colour, markersize=2.6, clip_on=False)
