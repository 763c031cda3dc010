"""What the figures of survival share: panels of Kaplan-Meier curves, side by side or in rows.

Each with intervals, medians, numbers at risk and the log-rank test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, StrMethodFormatter

from taceflow.errors import CohortTooSmallError, SeparationError
from taceflow.figures import style
from taceflow.survival.kaplan_meier import (
    INTERVAL,
    excess_deaths,
    kaplan_meier,
    logrank,
    median_survival,
    numbers_at_risk,
)
from taceflow.survival.regression.cox import fit_cox
from taceflow.wording.lettering import fill, width_mm
from taceflow.wording.printing import median_with_interval, p_statement, with_interval

ORDERED = (style.BLUE, style.GREEN, style.ORANGE, style.VERMILLION)
"""Colours of ordered groups, best first."""

_CURVE_MM, _ROW_MM, _ENTRY_MM = 40.0, 3.0, 3.2
"""Height of the curves, of a row of numbers at risk, and of an entry of the legend."""

_LEFT_MM, _RIGHT_MM = 15.0, 3.0
"""Room beside the curves of each panel."""

_STEPS, _MOST_STEPS = (0.1, 0.2, 0.5, 1, 2, 3, 6, 12, 24, 36, 60, 120, 240), 8


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

    def heading(self, room_mm: float) -> list[str]:
        """Return the lines over the legend: the test, and what stands behind each group.

        Before them, who is not shown, where the title leaves no room for it.
        """
        time, event = self.known["time_months"], self.known["event"]
        group = self.known["group"].to_numpy(dtype=str)
        test = _test(time.to_numpy(dtype=float), event.to_numpy(dtype=int), group)
        beside = [] if self.fits(room_mm) else [self.not_shown]
        return [*beside, *fill(test, room_mm - 3, 6), "median, months (95% CI)"]

    @property
    def not_shown(self) -> str:
        """How many patients belong to no group; empty if all belong to one."""
        missing = len(self.table) - len(self.known)
        return f"{missing} without a group not shown" if missing else ""

    def fits(self, room_mm: float) -> bool:
        """Say whether that stands beside the title."""
        title = width_mm(self.name, style.RC["axes.titlesize"], bold=True)
        return title + width_mm(self.not_shown, 6) + 3 <= room_mm


def kaplan_meier_figure(
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
    """
    known = [[panel for panel in row if len(panel.known)] for row in rows]
    known = [row for row in known if row]
    if not known:
        return style.not_drawn("No patient belongs to any of the groups.", title)
    columns = style.most_columns(max(len(row) for row in known))
    known = [row[at : at + columns] for row in known for at in range(0, len(row), columns)]
    width = style.column_mm() if columns == 1 else style.page_mm()
    panel_width = width / columns
    stacked = (panel_width - _LEFT_MM) / 2 < 34
    most = max(len(panel.groups) for row in known for panel in row)
    room = panel_width - _LEFT_MM - _RIGHT_MM
    headings = [[panel.heading(room) for panel in row] for row in known]
    lines = max(len(heading) for row in headings for heading in row)
    lines += most if stacked else -(-most // 2)
    foot = 13.0 + _ROW_MM * (most + 1)
    height = 9.0 + _ENTRY_MM * lines + _CURVE_MM + foot
    figure = style.new_figure(width, height * len(known), layout=None)
    for line in reversed(range(len(known))):
        bottom = (len(known) - 1 - line) * height + foot
        for position, (panel, heading) in enumerate(zip(known[line], headings[line], strict=True)):
            left = position * panel_width + _LEFT_MM
            axes = style.axes_in_mm(figure, left, bottom, room, _CURVE_MM)
            _draw_panel(axes, panel, colours, 1 if stacked else 2, heading)
            _write_title(axes, panel, lines, room)
    return figure


def _write_title(axes: Axes, panel: Panel, lines: int, room_mm: float) -> None:
    """Write the title over the lines of heading and legend, and how many are not shown."""
    axes.set_title(panel.name, loc="left", pad=_ENTRY_MM * (lines + 0.6) / 25.4 * 72)
    if panel.not_shown and panel.fits(room_mm):
        axes.text(
            1,
            1 + _ENTRY_MM * (lines + 0.9) / _CURVE_MM,
            panel.not_shown,
            transform=axes.transAxes,
            ha="right",
            size=6,
            color=style.GREY,
        )


def _draw_panel(
    axes: Axes, panel: Panel, colours: Sequence[str], columns: int, heading: Sequence[str]
) -> None:
    """Draw the curves, over them the legend in so many columns, under them the numbers at risk."""
    table, groups = panel.known, panel.groups
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
        _draw_curve(
            axes, curve, colour, style.DASHES[position % len(style.DASHES)], f"{label}: {middle}"
        )
    axes.set(ylim=(0, 1.02), xlim=(0, float(time.max()) * 1.02))
    axes.set_ylabel("Overall survival")
    axes.set_xlabel("Months")
    axes.xaxis.set_major_locator(MultipleLocator(_tick_step(float(time.max()))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=columns,
        title="\n".join(heading),
        title_fontsize=6,
        alignment="left",
        borderaxespad=0,
        columnspacing=1.0,
        labelspacing=0.25,
    )
    _write_at_risk(axes, time, group, groups)


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
        said = f"log-rank {p_statement(logrank(time, event, group).p)}"
        if set(group) == {"low", "high"}:
            said += f"; {_hazard_ratio(time, event, group == 'high')}"
            if excess_deaths(time, event, group == "high") < 0:
                said += ", high risk lived longer"
        return said
    except CohortTooSmallError as error:
        return f"no log-rank test: {error}"


def _hazard_ratio(time: np.ndarray, event: np.ndarray, high: np.ndarray) -> str:
    """Return the hazard ratio of high against low risk, where a log-rank test is told."""
    try:
        fit = fit_cox(time, event, high[:, None], ["high risk"])
    except SeparationError:
        return "HR not finite: nobody of a group died"
    return f"HR {with_interval(*fit.ratios[0], ratio=True)}"


def _tick_step(longest: float) -> float:
    """Return a step in months, of whole years where follow-up allows, for seven ticks at most."""
    return next((step for step in _STEPS if longest / step <= _MOST_STEPS), longest / 4)


def _write_at_risk(
    axes: Axes, time: np.ndarray, group: np.ndarray, groups: Mapping[str, str]
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
        size=6,
        va="center",
        ha="right",
        color=style.GREY,
    )
    # the first number stands around the axis' left end
    first = max((width_mm(f"{numbers.get((key, 0.0), 0)}", 6) for key in groups), default=0.0)
    beside = -(first / 2 + 1.5) / 25.4 * 72
    for position, (key, label) in enumerate(groups.items()):
        y = top - (position + 1) * step
        axes.annotate(
            label,
            (0, y),
            (min(beside, -9), 0),
            xycoords=axes.transAxes,
            textcoords="offset points",
            size=6,
            ha="right",
            va="center",
        )
        for tick in ticks:
            count = numbers.get((key, float(tick)), 0)
            axes.text(tick, y, f"{count}", transform=across, size=6, ha="center", va="center")
