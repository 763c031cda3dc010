"""Forest plot of Table S1: hazard ratios of each variable alone and of those fitted together."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from taceflow.figures.style import (
    BLACK,
    BLUE,
    GREY,
    TWO_COLUMNS_MM,
    VERMILLION,
    axes_in_mm,
    fill,
    line_height_mm,
    new_figure,
    not_drawn,
    save_figure,
)
from taceflow.report.names import level_name, with_labels
from taceflow.report.printing import number, p_value, with_interval
from taceflow.tables import read_table

_TITLE = "Forest plot of Table S1"
_ROW_MM, _HEAD_MM, _FOOT_MM = 3.6, 9.0, 9.0
_NAME_MM, _PLOT_MM, _RATIO_MM, _P_MM, _GUTTER_MM = 41.0, 24.0, 32.5, 9.0, 2.5
_SIZE, _SMALL = 6.0, 5.6
_BESIDE = (_PLOT_MM + 2) / (_RATIO_MM + _P_MM - 2)
_WIDEST = (0.05, 20.0)
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def forest(table: pd.DataFrame) -> Figure:
    """Draw the univariate and the multivariate hazard ratios side by side on log scales.

    Parameters
    ----------
    table : pandas.DataFrame
        ``variable``, ``label``, ``level``, ``hr_uni``, ``lower_uni``, ``upper_uni``, ``p_uni``
        and the same with ``_multi``, ``n``, ``events``, ``note``.

    Returns
    -------
    matplotlib.figure.Figure
        An interval beyond the axis ends in an arrow; a row without an estimate says why.
    """
    if table.empty:
        return not_drawn("Table S1 has no rows.", _TITLE)
    rows = _rows(table)
    marks, footnotes = _footnotes(rows, _labels(table))
    foot = _FOOT_MM + len(footnotes) * line_height_mm(_SMALL) + 1
    figure = new_figure(TWO_COLUMNS_MM, _HEAD_MM + len(rows) * _ROW_MM + foot, layout=None)
    area = _ROW_MM * len(rows)
    names = axes_in_mm(figure, 1, foot, _NAME_MM, area)
    _prepare(names, len(rows))
    for position, row in enumerate(rows):
        names.text(
            0.03 * row["indent"],
            position,
            row["name"] + marks.get(position, ""),
            size=_SIZE,
            va="center",
            weight="normal" if row["indent"] else "bold",
        )
    for position, line in enumerate(footnotes):
        y = 1 + line_height_mm(_SMALL) * (len(footnotes) - position - 0.5)
        axes_in_mm(figure, 1, y, 1, 1).set_axis_off()
        figure.axes[-1].text(0, 0.5, line, size=_SMALL, va="center")
    limits = _limits(table)
    left = 1 + _NAME_MM
    for model, title in (("uni", "Univariate"), ("multi", "Multivariate")):
        plot = axes_in_mm(figure, left, foot, _PLOT_MM, area)
        text = axes_in_mm(figure, left + _PLOT_MM + 2, foot, _RATIO_MM + _P_MM - 2, area)
        _prepare(text, len(rows))
        _draw_model(plot, text, rows, model, limits)
        text.text(-_BESIDE, -1.9, title, size=6.5, weight="bold", va="center")
        text.text(-_BESIDE, -1.1, _size(table, model), size=_SMALL, va="center")
        text.text(0, -1.1, "HR (95% CI)", size=_SIZE, weight="bold", va="center")
        text.text(1, -1.1, "p", size=_SIZE, weight="bold", va="center", ha="right")
        left += _PLOT_MM + _RATIO_MM + _P_MM + _GUTTER_MM
    return figure


def write_forest(table: str, outputs: Sequence[str]) -> None:
    """Read Table S1, draw the forest plot and write it to each output."""
    save_figure(forest(read_table(table)), outputs, title=_TITLE)


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return what each line shows: a factor has a line for its name, then one a level."""
    lines: list[dict[str, object]] = []
    for variable, members in table.groupby("variable", sort=False):
        records = members.to_dict("records")
        label = str(records[0]["label"])
        levels = [record for record in records if record["level"] == record["level"]]
        levels = [record for record in levels if record["level"] is not None]
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


def _explained(row: dict[str, object]) -> bool:
    return isinstance(row["note"], str) and row["note"] not in ("", "reference")


def _labels(table: pd.DataFrame) -> dict[str, str]:
    """Return the name in print of each of the sheet's columns."""
    return dict(zip(table["variable"].astype(str), table["label"].astype(str), strict=True))


def _footnotes(
    rows: list[dict[str, object]], labels: dict[str, str]
) -> tuple[dict[int, str], list[str]]:
    """Return the mark behind each name that has a note, and the notes' lines."""
    notes = list(dict.fromkeys(str(row["note"]) for row in rows if _explained(row)))
    marks = {
        position: f" [{notes.index(str(row['note'])) + 1}]"
        for position, row in enumerate(rows)
        if _explained(row)
    }
    lines = []
    for position, note in enumerate(notes):
        lines += fill(f"[{position + 1}] {with_labels(note, labels)}", TWO_COLUMNS_MM - 4, _SMALL)
    return marks, lines


def _prepare(axes: Axes, count: int) -> None:
    axes.set(xlim=(0, 1), ylim=(count - 0.5, -0.5))
    axes.set_axis_off()


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold all estimates and most intervals, symmetric about 1."""
    bounds = table.filter(regex="^(lower|upper)_").to_numpy(dtype=float).ravel()
    ratios = table.filter(regex="^hr_").to_numpy(dtype=float).ravel()
    reach = [np.log(2.2)]
    for values, most in ((bounds, np.log(_WIDEST[1])), (ratios, np.inf)):
        logs = np.abs(np.log(values[np.isfinite(values) & (values > 0)]))
        reach += list(np.minimum(logs, most))
    widest = float(np.exp(min(max(reach) * 1.05, np.log(1e4))))
    return 1 / widest, widest


def _draw_model(
    plot: Axes,
    text: Axes,
    rows: list[dict[str, object]],
    model: str,
    limits: tuple[float, float],
) -> None:
    plot.set_xscale("log")
    plot.set(xlim=limits, ylim=(len(rows) - 0.5, -0.5), yticks=[])
    plot.spines["left"].set_visible(False)
    ticks = [tick for tick in _TICKS if limits[0] <= tick <= limits[1]]
    if len(ticks) > 5:
        ticks = [tick for tick in ticks if tick in (0.01, 1, 100)]
    plot.xaxis.set_major_locator(FixedLocator(ticks))
    plot.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    plot.xaxis.set_minor_locator(NullLocator())
    plot.axvline(1, color=GREY, linewidth=0.6)
    plot.set_xlabel("Hazard ratio (log scale)")
    for position, row in enumerate(rows):
        text.text(1, position, p_value(row.get(f"p_{model}")), size=_SIZE, va="center", ha="right")
        ratio = row.get(f"hr_{model}")
        if ratio is None or not np.isfinite(ratio):
            if model == "uni" and _explained(row):
                text.text(0, position, "not estimated", size=_SMALL, va="center", color=GREY)
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
    colour = VERMILLION if significant and ratio > 1 else BLUE if significant else BLACK
    plot.plot(np.clip(ratio, *limits), position, "s", color=colour, markersize=3)
    if np.isnan(lower) and np.isnan(upper):
        return
    low = max(lower, limits[0]) if np.isfinite(lower) else limits[0]
    high = min(upper, limits[1]) if np.isfinite(upper) else limits[1]
    plot.plot([low, high], [position, position], color=colour, linewidth=0.8)
    if low > lower or not np.isfinite(lower):
        plot.plot(limits[0], position, "<", color=colour, markersize=2.6, clip_on=False)
    if high < upper or not np.isfinite(upper):
        plot.plot(limits[1], position, ">", color=colour, markersize=2.6, clip_on=False)


def _size(table: pd.DataFrame, model: str) -> str:
    """Return the patients and deaths behind a column, a range where they differ by variable."""
    suffix = "" if model == "uni" else "_multi"
    sizes = table[[f"n{suffix}", f"events{suffix}"]].dropna()
    if sizes.empty:
        return "no variable entered"

    def span(values: pd.Series) -> str:
        low, high = values.min(), values.max()
        return number(low, 0) if low == high else f"{low:.0f}-{high:.0f}"

    return f"n = {span(sizes.iloc[:, 0])}, deaths {span(sizes.iloc[:, 1])}"
