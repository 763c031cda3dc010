"""The time-dependent AUC of all models month by month, a panel a cohort."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.names import COHORTS, MODEL_NAMES, cohort_name, in_order, model_name

_TITLE = "AUC over time"


def auc_over_time(areas: pd.DataFrame) -> Figure:
    """Draw a line a model.

    Parameters
    ----------
    areas : pandas.DataFrame
        ``model``, ``cohort``, ``months``, ``auc``.
    """
    if areas.empty:
        return style.not_drawn("In no month were there deaths and survivors enough.", _TITLE)
    cohorts = in_order(areas["cohort"], COHORTS)
    models = in_order(areas["model"], MODEL_NAMES)
    columns = 1 if len(cohorts) == 1 else 5
    figure, panels = style.square_panels(len(cohorts), 2 + 3 * math.ceil(len(models) / columns))
    last = float(areas["months"].max())
    lowest = min(0.4, float(areas["auc"].min()))
    for axes, cohort in zip(panels, cohorts, strict=True):
        axes.axhline(0.5, color=style.GREY, linewidth=0.6, linestyle=":")
        for model in models:
            colour, dash = style.MODEL_LINES[model]
            rows = areas[(areas["cohort"] == cohort) & (areas["model"] == model)]
            rows = rows.sort_values("months")
            drawn = {"color": colour, "linestyle": dash, "label": model_name(model)}
            axes.plot(rows["months"], rows["auc"], **drawn)
        axes.set(xlim=(0, last * 1.02), ylim=(lowest - 0.02, 1.02))
        axes.set_xlabel("Months")
        axes.set_ylabel("Time-dependent AUC")
        axes.set_title(cohort_name(cohort), loc="left")
    style.legend_below(panels[0], columns)
    return figure


def write_auc_over_time(areas: str, outputs: Sequence[str]) -> None:
    """Read the table, draw the areas and write the figure to each output."""
    style.save_figure(auc_over_time(read_table(areas)), outputs, title=_TITLE)
