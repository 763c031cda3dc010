"""Figures of Kaplan-Meier curves: panels side by side or in rows."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures.kaplan_meier_panel import (
    CURVE_MM,
    ENTRY_MM,
    ROW_MM,
    Panel,
    draw_panel,
    write_title,
)
from taceflow.figures.style import (
    BLUE,
    GREEN,
    ONE_COLUMN_MM,
    ORANGE,
    TWO_COLUMNS_MM,
    VERMILLION,
    axes_in_mm,
    new_figure,
    not_drawn,
)

ORDERED = (BLUE, GREEN, ORANGE, VERMILLION)
"""Colours of ordered groups, best first."""

LEFT_MM, RIGHT_MM = 15.0, 3.0
"""Room beside the curves of each panel."""


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
    stacked = (panel_width - LEFT_MM) / 2 < 34
    most = max(len(panel.groups) for row in known for panel in row)
    room = panel_width - LEFT_MM - RIGHT_MM
    headings = [[panel.heading(room) for panel in row] for row in known]
    lines = max(len(heading) for row in headings for heading in row)
    lines += most if stacked else -(-most // 2)
    foot = 13.0 + ROW_MM * (most + 1)
    height = 9.0 + ENTRY_MM * lines + CURVE_MM + foot
    figure = new_figure(width, height * len(known), layout=None)
    for line, row in enumerate(reversed(known)):
        for position, panel in enumerate(row):
            left, bottom = position * panel_width + LEFT_MM, line * height + foot
            axes = axes_in_mm(figure, left, bottom, room, CURVE_MM)
            heading = headings[len(known) - 1 - line][position]
            draw_panel(axes, panel, colours, 1 if stacked else 2, heading)
            write_title(axes, panel, lines)
    return figure
