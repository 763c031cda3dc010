"""Figure S2 A: clustered heat map of all radiomic features."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from scipy.cluster.hierarchy import dendrogram, linkage, optimal_leaf_ordering

from taceflow.figures import style
from taceflow.figures.heat_map import (
    draw_cohorts,
    draw_legend,
    draw_outcome,
    draw_scale,
    draw_scores,
    draw_strip,
    training_z_scores,
)
from taceflow.files.tables import read_table
from taceflow.wording.counts import counted

FAMILIES = {
    "shape": style.BLACK,
    "firstorder": style.BLUE,
    "glcm": style.VERMILLION,
    "glrlm": style.GREEN,
    "glszm": style.ORANGE,
    "gldm": style.PURPLE,
    "ngtdm": style.SKY,
}
"""Families of features, as the second part of PyRadiomics' names has them."""

_LEFT, _TREE, _SIDE, _LEGEND = 6.0, 13.0, 2.5, 25.0
_MAP_HEIGHT, _STRIP, _GAP = 96.0, 2.8, 0.6
_MOST_ORDERED = 200


def feature_heat_map(features: pd.DataFrame, patients: pd.DataFrame) -> Figure:
    """Draw patients by features, both clustered (Ward, Euclidean distance of z scores).

    Parameters
    ----------
    features : pandas.DataFrame
        ``patient_id`` and one column a feature.
    patients : pandas.DataFrame
        ``patient_id``, ``cohort``, ``event``.
    """
    patients = patients[patients["patient_id"].isin(features["patient_id"])].reset_index(drop=True)
    scores, left_out = training_z_scores(features, patients)
    if len(scores) < 2 or len(patients) < 2:
        return style.not_drawn(
            "A clustering needs two patients and two features that vary, not "
            f"{counted(len(patients), 'patient')} and {counted(len(scores), 'such feature')}.",
            "Figure S2 A: all features",
        )
    width = style.page_mm() - _LEFT - _TREE - _SIDE - 3 * _GAP - _LEGEND
    figure = style.new_figure(
        style.page_mm(), _MAP_HEIGHT + _TREE + 2 * (_STRIP + _GAP) + 8, layout=None
    )
    map_left, map_bottom = _LEFT + _TREE + _SIDE + 2 * _GAP, 6.0
    rows, row_lines = _cluster(scores.to_numpy())
    columns, column_lines = _cluster(scores.to_numpy().T)

    axes = style.axes_in_mm(figure, map_left, map_bottom, width, _MAP_HEIGHT)
    image = draw_scores(axes, scores.to_numpy()[np.ix_(rows, columns)])
    axes.set_xlabel(counted(len(patients), "patient"), labelpad=3)
    tree = style.axes_in_mm(figure, _LEFT, map_bottom, _TREE, _MAP_HEIGHT)
    _draw_tree(tree, row_lines, len(rows), sideways=True)
    text = counted(len(scores), "feature")
    if left_out:
        text += f" ({len(left_out)} constant or missing not shown)"
    tree.set_ylabel(text, labelpad=3)

    names = scores.index[rows]
    families = [family_of(name) for name in names]
    found = [family for family in (*FAMILIES, "other") if family in families]
    side = style.axes_in_mm(figure, _LEFT + _TREE + _GAP, map_bottom, _SIDE, _MAP_HEIGHT)
    colours = [FAMILIES.get(family, style.GREY) for family in found]
    codes = [found.index(family) for family in families]
    draw_strip(side, codes, colours, "", upright=True)

    ordered = patients.iloc[columns]
    bottom = map_bottom + _MAP_HEIGHT + _GAP
    deaths = draw_outcome(style.axes_in_mm(figure, map_left, bottom, width, _STRIP), ordered)
    bottom += _STRIP + _GAP
    cohorts = draw_cohorts(style.axes_in_mm(figure, map_left, bottom, width, _STRIP), ordered)
    top = style.axes_in_mm(figure, map_left, bottom + _STRIP + _GAP, width, _TREE)
    _draw_tree(top, column_lines, len(columns), sideways=False)

    right = map_left + width + 3.5
    draw_scale(figure, image, right, map_bottom + _MAP_HEIGHT - 24, 22)
    patches = [
        Patch(facecolor=colour, label=family) for family, colour in zip(found, colours, strict=True)
    ]
    below = map_bottom + _MAP_HEIGHT - 29
    for title, handles in (("Family", patches), ("Outcome", deaths), ("Cohort", cohorts)):
        draw_legend(figure, handles, right - 1.5, below, title)
        below -= 5.5 + 3.1 * len(handles)
    return figure


def write_feature_heat_map(features: str, patients: str, outputs: Sequence[str]) -> None:
    """Read the tables, draw Figure S2 A and write it to each output."""
    figure = feature_heat_map(read_table(features), read_table(patients))
    style.save_figure(figure, outputs, title="Figure S2 A: all radiomic features")


def family_of(feature: str) -> str:
    """Return the family of a PyRadiomics feature, ``other`` for a column of another making."""
    parts = feature.split("_")
    return parts[1] if len(parts) > 2 and parts[1] in FAMILIES else "other"


def _cluster(values: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return the leaves' order and the tree's lines."""
    tree = linkage(values, "ward")
    if len(values) <= _MOST_ORDERED:
        # the ordering takes time with the fourth power of the leaves: patients only
        tree = optimal_leaf_ordering(tree, values)
    drawn = dendrogram(tree, no_plot=True)
    return np.array(drawn["leaves"]), (np.array(drawn["icoord"]), np.array(drawn["dcoord"]))


def _draw_tree(
    axes: Axes, lines: tuple[np.ndarray, np.ndarray], leaves: int, *, sideways: bool
) -> None:
    along, height = lines
    along = (along - 5) / 10
    points = np.stack((height, along) if sideways else (along, height), axis=-1)
    axes.add_collection(LineCollection(points, colors=style.BLACK, linewidths=0.35))
    tall = float(height.max()) * 1.02 or 1.0
    if sideways:
        axes.set(xlim=(tall, 0), ylim=(leaves - 0.5, -0.5))
    else:
        axes.set(xlim=(-0.5, leaves - 0.5), ylim=(0, tall))
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
