"""Kaplan-Meier curves with intervals, medians, numbers at risk and the log-rank test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from taceflow.errors import CohortTooSmallError
from taceflow.figures.style import (
    BLUE,
    DASHES,
    GREEN,
    GREY,
    ONE_COLUMN_MM,
    ORANGE,
    TWO_COLUMNS_MM,
    VERMILLION,
    axes_in_mm,
    new_figure,
    not_drawn,
)
from taceflow.report.printing import median_with_interval, p_statement
from taceflow.survival.kaplan_meier import (
    INTERVAL,
    kaplan_meier,
    logrank,
    median_survival,
    numbers_at_risk,
)

ORDERED = (BLUE, GREEN, ORANGE, VERMILLION)
"""Colours of ordered groups, best first."""

_STEPS, _MOST_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240), 8
_LEFT, _RIGHT, _CURVE_MM, _ROW_MM, _ENTRY_MM = 15.0, 3.0, 40.0, 3.0, 3.2


@dataclass(frozen=True)
class Panel:
    """Patients of one panel.

    Attributes
    ----------
    name : str
        Title of the panel.
    table : pandas.DataFrame
        ``time_months``, ``event``, ``group`` (text; missing is left out and counted).
    groups : mapping of str to str
        Groups in order, each with its name in print.
    """

    name: str
    table: pd.DataFrame
    groups: Mapping[str, str]

    @property
    def known(self) -> pd.DataFrame:
        """The patients who belong to a group."""
        return self.table[self.table["group"].isin(list(self.groups))]


def kaplan_meier_figure(
    panels: Mapping[str, pd.DataFrame],
    groups: Mapping[str, str],
    *,
    colours: Sequence[str] = ORDERED,
    title: str = "Kaplan-Meier curves",
) -> Figure:
    """Draw one panel a table of patients, side by side.

    Parameters
    ----------
    panels : mapping of str to pandas.DataFrame
        Title of the panel, and ``time_months``, ``event``, ``group`` (text; missing is left out
        and counted).
    groups : mapping of str to str
        Groups in order, each with its name in print.
    colours : sequence of str
        One a group.
    title : str
        Of the figure in words that stands in if there is nothing to draw.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawn = [Panel(name, table, groups) for name, table in panels.items()]
    return panel_figure([drawn], colours=colours, title=title)


def panel_figure(
    rows: Sequence[Sequence[Panel]], *, colours: Sequence[str] = ORDERED, title: str
) -> Figure:
    """Draw panels in rows; those without any patient in a group are left out.

    Parameters
    ----------
    rows : sequence of sequence of Panel
        From top to bottom.
    colours : sequence of str
        One a group.
    title : str
        Of the figure in words that stands in if there is nothing to draw.

    Returns
    -------
    matplotlib.figure.Figure
    """
    known = [[panel for panel in row if len(panel.known)] for row in rows]
    known = [row for row in known if row]
    if not known:
        return not_drawn("No patient belongs to any of the groups.", title)
    columns = max(len(row) for row in known)
    width = ONE_COLUMN_MM if columns == 1 else TWO_COLUMNS_MM
    panel_width = width / columns
    stacked = (panel_width - _LEFT) / 2 < 34
    most = max(len(panel.groups) for row in known for panel in row)
    entries = most + 1 if stacked else -(-most // 2)
    head = 9.0 + _ENTRY_MM * (entries + 1)
    foot = 13.0 + _ROW_MM * (most + 1)
    height = head + _CURVE_MM + foot
    figure = new_figure(width, height * len(known), layout=None)
    for line, row in enumerate(reversed(known)):
        for position, panel in enumerate(row):
            left, bottom = position * panel_width + _LEFT, line * height + foot
            axes = axes_in_mm(figure, left, bottom, panel_width - _LEFT - _RIGHT, _CURVE_MM)
            _draw_panel(axes, panel.known, panel.groups, colours, 1 if stacked else 2)
            _write_title(axes, panel, entries)
    return figure


def _write_title(axes: Axes, panel: Panel, entries: int) -> None:
    """Write the title over the legend, and how many patients are not shown."""
    axes.set_title(panel.name, loc="left", pad=_ENTRY_MM * (entries + 1.6) / 25.4 * 72)
    missing = len(panel.table) - len(panel.known)
    if missing:
        axes.text(
            1,
            1 + _ENTRY_MM * (entries + 1.9) / _CURVE_MM,
            f"{missing} without a group not shown",
            transform=axes.transAxes,
            ha="right",
            size=5.6,
            color=GREY,
        )


def _draw_panel(
    axes: Axes,
    table: pd.DataFrame,
    groups: Mapping[str, str],
    colours: Sequence[str],
    columns: int,
) -> None:
    time = table["time_months"].to_numpy(dtype=float)
    event = table["event"].to_numpy(dtype=int)
    group = table["group"].to_numpy(dtype=str)
    curves = kaplan_meier(time, event, group)
    medians = median_survival(time, event, group).set_index("group")
    for position, (key, label) in enumerate(groups.items()):
        if key not in medians.index:
            continue
        curve = curves[curves["group"] == key]
        colour = colours[position % len(colours)]
        row = medians.loc[key]
        middle = median_with_interval(
            row["median_months"], row["lower_months"], row["upper_months"]
        )
        _draw_curve(axes, curve, colour, DASHES[position % len(DASHES)], f"{label}: {middle}")
    axes.set(ylim=(0, 1.02), xlim=(0, float(time.max()) * 1.02))
    axes.set_ylabel("Overall survival")
    axes.set_xlabel("Months")
    axes.xaxis.set_major_locator(MultipleLocator(_tick_step(float(time.max()))))
    joint = "\n" if columns == 1 else "; "
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=columns,
        title=f"{_test(time, event, group)}{joint}median, months (95% CI)",
        title_fontsize=6,
        alignment="left",
        borderaxespad=0,
        columnspacing=1.0,
        labelspacing=0.25,
    )
    _write_at_risk(axes, time, group, groups, colours)


def _draw_curve(axes: Axes, curve: pd.DataFrame, colour: str, dash: object, label: str) -> None:
    x = curve["time_months"].to_numpy()
    survival = curve["survival"].to_numpy()
    axes.fill_between(
        x, curve["lower"], curve["upper"], step="post", color=colour, alpha=0.15, linewidth=0
    )
    axes.step(x, survival, where="post", color=colour, linestyle=dash, label=label)
    censored = (curve["censored"] > 0).to_numpy()
    axes.plot(
        x[censored], survival[censored], "|", color=colour, markersize=3.5, markeredgewidth=0.6
    )


def _test(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> str:
    try:
        return f"log-rank {p_statement(logrank(time, event, group).p)}"
    except CohortTooSmallError:
        return "no log-rank test"


def _tick_step(longest: float) -> float:
    """Return a step in months, of whole years where follow-up allows, for seven ticks at most."""
    return next((step for step in _STEPS if longest / step <= _MOST_STEPS), longest / 4)


def _write_at_risk(
    axes: Axes,
    time: np.ndarray,
    group: np.ndarray,
    groups: Mapping[str, str],
    colours: Sequence[str],
) -> None:
    """Write the table of numbers at risk under the axis, in line with its ticks."""
    ticks = [tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]]
    axes.set_xticks(ticks)
    numbers = numbers_at_risk(time, ticks, group).set_index(["group", "time_months"])["at_risk"]
    step = _ROW_MM / _CURVE_MM
    top = -10.0 / _CURVE_MM
    across = axes.get_xaxis_transform()
    axes.text(0, top, "Number at risk", transform=axes.transAxes, size=6, va="center", ha="left")
    axes.text(
        1,
        top,
        f"95% CI: {INTERVAL}",
        transform=axes.transAxes,
        size=5.6,
        va="center",
        ha="right",
        color=GREY,
    )
    for position, (key, label) in enumerate(groups.items()):
        y = top - (position + 1) * step
        axes.annotate(
            label,
            (0, y),
            (-9, 0),
            xycoords=axes.transAxes,
            textcoords="offset points",
            size=6,
            color=colours[position % len(colours)],
            ha="right",
            va="center",
        )
        for tick in ticks:
            count = numbers.get((key, float(tick)), 0)
            axes.text(tick, y, f"{count}", transform=across, size=6, ha="center", va="center")
