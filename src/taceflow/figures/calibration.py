"""Calibration of one model: predicted against observed survival, a panel a cohort."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures import style
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
    """
    drawn = groups[(groups["model"] == model) & groups["observed"].notna()]
    if drawn.empty:
        return style.not_drawn(
            f"No group of patients with a prediction by {model_name(model)} was followed up to a "
            "horizon.",
            f"Calibration, {model_name(model)}",
        )
    horizons = sorted(drawn["horizon_months"].unique())
    cohorts = in_order(drawn["cohort"], COHORTS)
    columns = 1 if len(cohorts) == 1 else len(horizons)
    figure, panels = style.square_panels(len(cohorts), 2 + 3 * math.ceil(len(horizons) / columns))
    for axes, cohort in zip(panels, cohorts, strict=True):
        title = f"{model_name(model)}, {cohort_name(cohort).lower()}"
        style.unit_square(axes, "Predicted survival", "Observed survival (Kaplan-Meier)", title)
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
                linestyle=style.DASHES[position % len(style.DASHES)],
                linewidth=0.9,
                color=style.PALETTE[position % len(style.PALETTE)],
                elinewidth=0.6,
                capsize=1.5,
                capthick=0.6,
                label=f"{horizon:g} months",
            )
    style.legend_below(panels[0], columns)
    return figure


def write_calibration(groups: str, model: str, outputs: Sequence[str]) -> None:
    """Read the table, draw the calibration of one model and write it to each output."""
    figure = calibration(read_table(groups), model)
    style.save_figure(figure, outputs, title=f"Calibration, {model_name(model)}")
