"""Figure S2 D: heat map of the features that make up the Radscore."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taceflow.cohort.join import join_by_patient
from taceflow.figures import style
from taceflow.figures.heat_map import (
    draw_cohorts,
    draw_legend,
    draw_outcome,
    draw_scale,
    draw_scores,
    training_z_scores,
)
from taceflow.files.tables import read_json, read_table
from taceflow.wording.counts import counted
from taceflow.wording.lettering import shortened
from taceflow.wording.names import COHORTS, in_order
from taceflow.wording.printing import number

_NAMES_MM, _LEGEND_MM, _STRIP, _GAP, _SCORE_MM = 66.0, 24.0, 2.8, 0.6, 11.0
_TITLE = "Figure S2 D: selected features"


def selected_heat_map(
    features: pd.DataFrame,
    patients: pd.DataFrame,
    scores: pd.DataFrame,
    coefficients: Mapping[str, float],
) -> Figure:
    """Draw the selected features, patients in the order of their Radscore within each cohort.

    Parameters
    ----------
    features : pandas.DataFrame
        ``patient_id`` and one column a feature.
    patients : pandas.DataFrame
        ``patient_id``, ``cohort``, ``event``.
    scores : pandas.DataFrame
        ``patient_id``, ``radscore``.
    coefficients : mapping of str to float
        The Radscore's coefficients.

    Returns
    -------
    matplotlib.figure.Figure
        In words if nothing was selected.
    """
    if not coefficients:
        return style.not_drawn(
            "No feature was selected, so there is none to show. "
            "Radscore is the same for every patient.",
            _TITLE,
        )
    ordered = _in_order_of_score(patients, scores)
    z_scores, left_out = training_z_scores(features, ordered, list(coefficients))
    if z_scores.empty:
        return style.not_drawn(
            f"The selected features do not vary among these patients: {', '.join(left_out)}.",
            _TITLE,
        )
    z_scores = z_scores.loc[sorted(z_scores.index, key=lambda name: -coefficients[name])]
    map_height = max(4.2 * len(z_scores), 16.0)
    bars = 2 * (_STRIP + _GAP) + _SCORE_MM
    figure = style.new_figure(style.page_mm(), max(map_height + bars + 8, 46), layout=None)
    width = style.page_mm() - _NAMES_MM - _LEGEND_MM
    bottom = 6.0

    axes = style.axes_in_mm(figure, _NAMES_MM, bottom, width, map_height)
    image = draw_scores(axes, z_scores.to_numpy())
    signs = ["+" if coefficients[name] > 0 else "−" for name in z_scores.index]
    names = [shortened(name, _NAMES_MM - 10, 6) for name in z_scores.index]
    labels = [f"{name}  ({sign})" for name, sign in zip(names, signs, strict=True)]
    axes.set_yticks(range(len(labels)), labels, size=6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(
        f"{counted(len(ordered), 'patient')}, by Radscore within each cohort", labelpad=3
    )
    _mark_cohorts(axes, ordered)
    bottom += map_height + _GAP
    deaths = draw_outcome(style.axes_in_mm(figure, _NAMES_MM, bottom, width, _STRIP), ordered)
    bottom += _STRIP + _GAP
    cohorts = draw_cohorts(style.axes_in_mm(figure, _NAMES_MM, bottom, width, _STRIP), ordered)
    bottom += _STRIP + _GAP
    _draw_radscore(style.axes_in_mm(figure, _NAMES_MM, bottom, width, _SCORE_MM - 1), ordered)

    right = style.page_mm() - _LEGEND_MM + 3
    draw_scale(figure, image, right, 6, 14)
    top = figure.get_figheight() * 25.4 - 1
    draw_legend(figure, [*deaths, *cohorts], right - 1.5, top)
    return figure


def write_selected_heat_map(
    features: str, patients: str, scores: str, model: str, outputs: Sequence[str]
) -> None:
    """Read the tables, draw Figure S2 D and write it to each output."""
    tables = (read_table(path) for path in (features, patients, scores))
    figure = selected_heat_map(*tables, read_json(model)["coefficients"])
    style.save_figure(figure, outputs, title=_TITLE)


def _in_order_of_score(patients: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    # the sheet's other columns are the user's, and may have any name
    sheet = patients[["patient_id", "cohort", "event"]]
    merged = join_by_patient(sheet, scores, ["radscore"], file="radscore/scores.tsv")
    order = in_order(merged["cohort"], COHORTS)
    merged["position"] = merged["cohort"].map(order.index)
    return merged.sort_values(["position", "radscore", "patient_id"], ignore_index=True)


def _mark_cohorts(axes: Axes, ordered: pd.DataFrame) -> None:
    """Draw a line between the cohorts."""
    changes = ordered["cohort"].ne(ordered["cohort"].shift()).to_numpy().nonzero()[0][1:]
    for position in changes:
        axes.axvline(position - 0.5, color=style.BLACK, linewidth=0.8)


def _draw_radscore(axes: Axes, ordered: pd.DataFrame) -> None:
    values = ordered["radscore"].to_numpy(dtype=float)
    base = values.min()
    axes.bar(
        range(len(values)), values - base, bottom=base, width=1.0, color=style.GREY, linewidth=0
    )
    axes.set(xlim=(-0.5, len(values) - 0.5), xticks=[], ylim=(base, values.max() or None))
    if values.max() > base:
        axes.set_yticks([base, values.max()], [number(base), number(values.max())], size=6)
        for label, place in zip(axes.get_yticklabels(), ("bottom", "top"), strict=True):
            label.set_verticalalignment(place)
    else:
        axes.set_yticks([])
    axes.set_ylabel("Radscore", rotation=0, ha="right", va="center", size=6, labelpad=2)
    axes.spines["bottom"].set_visible(False)
