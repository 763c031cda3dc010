"""Time-dependent ROC curves of one model, a panel a cohort."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.names import COHORTS, cohort_name, in_order, model_name
from taceflow.wording.printing import with_interval


def roc(curves: pd.DataFrame, performance: pd.DataFrame, model: str) -> Figure:
    """Draw a curve a horizon, with its area and interval in the legend.

    Parameters
    ----------
    curves : pandas.DataFrame
        ``model``, ``cohort``, ``horizon_months``, ``false_positive_rate``,
        ``true_positive_rate``.
    performance : pandas.DataFrame
        ``model``, ``cohort``, ``metric``, ``horizon_months``, ``estimate``, ``lower``, ``upper``.
    model : str
        One of the curves' models.
    """
    curves = curves[curves["model"] == model]
    if curves.empty:
        return style.not_drawn(
            f"There is no ROC curve of {model_name(model)}: at no horizon were there deaths before "
            "and patients alive after it.",
            f"ROC, {model_name(model)}",
        )
    areas = performance[(performance["model"] == model) & (performance["metric"] == "auc")]
    areas = areas.set_index(["cohort", "horizon_months"])
    horizons = sorted(curves["horizon_months"].unique())
    cohorts = in_order(curves["cohort"], COHORTS)
    figure, panels = style.square_panels(len(cohorts), 2 + 3 * len(horizons))
    for axes, cohort in zip(panels, cohorts, strict=True):
        title = f"{model_name(model)}, {cohort_name(cohort).lower()}"
        style.unit_square(axes, "1 − specificity", "Sensitivity", title)
        for position, horizon in enumerate(horizons):
            rows = curves[(curves["cohort"] == cohort) & (curves["horizon_months"] == horizon)]
            if rows.empty:
                continue
            rows = rows.sort_values(["false_positive_rate", "true_positive_rate"])
            axes.plot(
                rows["false_positive_rate"],
                rows["true_positive_rate"],
                color=style.PALETTE[position % len(style.PALETTE)],
                linestyle=style.DASHES[position % len(style.DASHES)],
                label=f"{horizon:g} months: {_area(areas, cohort, horizon)}",
            )
        style.legend_below(axes)
    return figure


def write_roc(curves: str, performance: str, model: str, outputs: Sequence[str]) -> None:
    """Read the tables, draw the ROC curves of one model and write them to each output."""
    figure = roc(read_table(curves), read_table(performance), model)
    style.save_figure(figure, outputs, title=f"Time-dependent ROC, {model_name(model)}")


def _area(areas: pd.DataFrame, cohort: str, horizon: float) -> str:
    if (cohort, horizon) not in areas.index:
        return "AUC not defined"
    row = areas.loc[(cohort, horizon)]
    text = with_interval(row["estimate"], row["lower"], row["upper"])
    return f"AUC {text}" if text else "AUC not defined"
