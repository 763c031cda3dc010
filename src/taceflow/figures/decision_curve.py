"""Decision curves: net benefit of each model beside treating all and none."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.names import COHORTS, MODEL_NAMES, cohort_name, in_order, model_name

_REFERENCES = ("treat_all", "treat_none")
_ROW_MM, _LEGEND_MM = 50.0, 10.0
_TITLE = "Decision curves"


def decision_curve(curves: pd.DataFrame) -> Figure:
    """Draw a row a cohort and a column a horizon.

    Parameters
    ----------
    curves : pandas.DataFrame
        ``model`` (with ``treat_all`` and ``treat_none``), ``cohort``, ``horizon_months``,
        ``threshold``, ``net_benefit`` (may be missing).
    """
    drawn = curves.dropna(subset="net_benefit")
    if drawn.empty:
        return style.not_drawn("At no horizon is a net benefit defined.", _TITLE)
    cohorts = in_order(drawn["cohort"], COHORTS)
    horizons = sorted(drawn["horizon_months"].unique())
    models = in_order(drawn["model"], MODEL_NAMES)
    width = style.column_mm() if len(horizons) == 1 else style.page_mm()
    figure = style.new_figure(width, len(cohorts) * _ROW_MM + _LEGEND_MM)
    panels = figure.subplots(len(cohorts), len(horizons), squeeze=False)
    for row, cohort in enumerate(cohorts):
        for column, horizon in enumerate(horizons):
            rows = drawn[(drawn["cohort"] == cohort) & (drawn["horizon_months"] == horizon)]
            axes = panels[row, column]
            axes.set_title(f"{cohort_name(cohort)}, {horizon:g} months", loc="left")
            if rows.empty:
                axes.text(0.5, 0.5, "not defined", ha="center", color=style.GREY)
                axes.set(xticks=[], yticks=[])
                continue
            _draw_panel(axes, rows, models)
            if column == 0:
                axes.set_ylabel("Net benefit")
            if row == len(cohorts) - 1:
                axes.set_xlabel("Threshold probability of death")
    handles = {}
    for axes in panels.flat:
        handles |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    figure.legend(
        handles.values(),
        handles.keys(),
        loc="outside lower center",
        ncols=4 if width == style.page_mm() else 3,
        handlelength=2.6,
    )
    return figure


def write_decision_curve(curves: str, outputs: Sequence[str]) -> None:
    """Read the table, draw the decision curves and write them to each output."""
    style.save_figure(decision_curve(read_table(curves)), outputs, title=_TITLE)


def _draw_panel(axes: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for model in models:
        colour, dash = style.MODEL_LINES[model]
        line = rows[rows["model"] == model].sort_values("threshold")
        axes.plot(
            line["threshold"],
            line["net_benefit"],
            color=colour,
            linestyle=dash,
            linewidth=0.8 if model in _REFERENCES else 1.1,
            label=model_name(model),
        )
    top = max(float(rows["net_benefit"].max()), 0.02)
    axes.set(xlim=(0, rows["threshold"].max()), ylim=(-0.15 * top, 1.08 * top))
