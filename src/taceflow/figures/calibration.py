"""Calibration of one model: predicted against observed survival, a panel a cohort."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures.style import (
    DASHES,
    GREY,
    PALETTE,
    legend_below,
    not_drawn,
    save_figure,
    square_panels,
)
from taceflow.files.tables import read_table
from taceflow.wording.names import COHORTS, cohort_name, in_order, model_name

_MARKERS = "os^DvPX"


def calibration(groups: pd.DataFrame, model: str) -> Figure:
    """Draw groups of like prediction: mean prediction against Kaplan-Meier, with 95% intervals.

    Parameters
    ----------
    groups : pandas.DataFrame
        ``model``, ``cohort``, ``horizon_months``, ``group``, ``n``, ``predicted``, ``observed``,
        ``lower``, ``upper``; rows without an observation (nobody followed so far) are left out.
    model : str
        One of the groups' models.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawn = groups[(groups["model"] == model) & groups["observed"].notna()]
    if drawn.empty:
        return not_drawn(
            f"No group of patients with a prediction by {model_name(model)} was followed up to a "
            "horizon.",
            f"Calibration, {model_name(model)}",
        )
    horizons = sorted(drawn["horizon_months"].unique())
    cohorts = in_order(drawn["cohort"], COHORTS)
    columns = 1 if len(cohorts) == 1 else len(horizons)
    figure, panels = square_panels(len(cohorts), 2 + 3 * math.ceil(len(horizons) / columns))
    for axes, cohort in zip(panels, cohorts, strict=True):
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
        for position, horizon in enumerate(horizons):
            rows = drawn[(drawn["cohort"] == cohort) & (drawn["horizon_months"] == horizon)]
            rows = rows.sort_values("predicted")
            observed = rows["observed"]
            # A bound is missing where the curve has fallen to 0: the bar then ends at the point.
            below = (observed - rows["lower"]).fillna(0).clip(lower=0)
            above = (rows["upper"] - observed).fillna(0).clip(lower=0)
            axes.errorbar(
                rows["predicted"],
                observed,
                [below, above],
                fmt=_MARKERS[position % len(_MARKERS)],
                linestyle=DASHES[position % len(DASHES)],
                linewidth=0.9,
                color=PALETTE[position % len(PALETTE)],
                elinewidth=0.6,
                capsize=1.5,
                capthick=0.6,
                label=f"{horizon:g} months",
            )
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        axes.set_xlabel("Predicted survival")
        axes.set_ylabel("Observed survival (Kaplan-Meier)")
        axes.set_title(f"{model_name(model)}, {cohort_name(cohort).lower()}", loc="left")
    legend_below(panels[0], columns)
    return figure


def write_calibration(groups: str, model: str, outputs: Sequence[str]) -> None:
    """Read the table, draw the calibration of one model and write it to each output."""
    figure = calibration(read_table(groups), model)
    save_figure(figure, outputs, title=f"Calibration, {model_name(model)}")
