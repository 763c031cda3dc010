"""Reproducibility of the radiomic features: how the ICC are spread, and in which classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.lettering import width_mm

KINDS = {
    "intra": "Within reader",
    "inter": "Between readers",
    "perturbation": "Perturbed masks",
}
"""What was repeated."""

CLASSES = {
    "shape": "Shape",
    "firstorder": "First order",
    "glcm": "GLCM",
    "glrlm": "GLRLM",
    "glszm": "GLSZM",
    "gldm": "GLDM",
    "ngtdm": "NGTDM",
}
"""PyRadiomics' classes of features."""

_TITLE = "Reproducibility of features"
_HEIGHT, _BOTTOM, _ABOVE, _GAP = 74.0, 9.0, 5.5, 6.0
_LEFT, _NAMES, _SHARES, _OF_HISTOGRAM = 13.0, 16.0, 8.0, 25.0 / 48.0
"""Room for labels: left of the histograms, between them and the strip, right of it; and what the
histograms have of the rest."""
_BIN = 0.05
_LOWEST = -0.5
_JITTER = 0.34
_NARROW = 80.0


def feature_reproducibility(icc: pd.DataFrame, threshold: float) -> Figure:
    """Draw a histogram of the ICC for each kind of repeat, and each feature's lowest by class.

    Parameters
    ----------
    icc : pandas.DataFrame
        ``feature``, ``icc_intra``, ``icc_inter``, ``icc_perturbation``, ``n_`` of each, ``kept``.
    threshold : float
        A kept feature lies above it in every repeat.

    Returns
    -------
    matplotlib.figure.Figure
        In words if nothing was repeated.
    """
    columns = [f"icc_{kind}" for kind in KINDS if icc[f"icc_{kind}"].notna().any()]
    if not columns:
        return style.not_drawn(
            "Too few training patients have a repeated reading: no ICC could be computed.", _TITLE
        )
    figure = style.new_figure(style.column_mm(), _HEIGHT, layout=None)
    whole = _HEIGHT - _BOTTOM - _ABOVE
    height = (whole - _GAP * (len(columns) - 1)) / len(columns)
    bottoms = [_BOTTOM + whole - height - (height + _GAP) * row for row in range(len(columns))]
    room = style.column_mm() - _LEFT - _NAMES - _SHARES
    width = room * _OF_HISTOGRAM
    histograms = [style.axes_in_mm(figure, _LEFT, y, width, height) for y in bottoms]
    strip = style.axes_in_mm(figure, _LEFT + width + _NAMES, _BOTTOM, room - width, whole)
    values = icc[columns].clip(lower=_LOWEST)
    edges = _bins(float(values.min().min()))
    for axes, column in zip(histograms, columns, strict=True):
        kind = column.removeprefix("icc_")
        _draw_histogram(axes, values[column].dropna(), edges, threshold)
        axes.set_title(f"{KINDS[kind]}, n = {icc[f'n_{kind}'].max()}", loc="left", **_heading())
    _draw_classes(strip, icc, values.min(axis=1, skipna=False))
    for axes in (*histograms, strip):
        axes.axvline(threshold, color=style.BLACK, linestyle="--", linewidth=0.7)
        axes.set_xlim(min(edges[0], threshold) - 0.02, 1.02)
        axes.set_xticks(np.arange(np.ceil(axes.get_xlim()[0] * 2) / 2, 1.01, 0.5))
    for axes in histograms[:-1]:
        axes.tick_params(labelbottom=False)
    histograms[-1].set_xlabel("ICC")
    return figure


def write_feature_reproducibility(icc: str, threshold: float, outputs: Sequence[str]) -> None:
    """Read the table, draw the figure and write it to each output."""
    style.save_figure(
        feature_reproducibility(read_table(icc, "icc"), threshold), outputs, title=_TITLE
    )


def _bins(lowest: float) -> np.ndarray:
    """Return the edges of bins of one width that end at 1."""
    count = max(1, int(np.ceil((1 - lowest) / _BIN - 1e-9)))
    return 1 - _BIN * np.arange(count, -1, -1)


def _draw_histogram(axes: Axes, values: pd.Series, edges: np.ndarray, threshold: float) -> None:
    above = values > threshold
    parts = [values[~above], values[above]]
    axes.hist(
        parts, edges, stacked=True, color=[style.GREY, style.BLUE], edgecolor="white", linewidth=0.3
    )
    axes.text(
        0.05,
        0.9,
        f"{above.sum()} of {len(values)}\nabove {threshold:g} ({above.mean():.0%})",
        transform=axes.transAxes,
        va="top",
        size=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        zorder=10,
    )
    axes.set_ylabel("Features")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _draw_classes(axes: Axes, icc: pd.DataFrame, lowest: pd.Series) -> None:
    """Draw a dot a feature, and the share of each class that is kept."""
    family = icc["feature"].str.split("_").str[1]
    names = [name for name in CLASSES if (family == name).any()]
    width = axes.get_position().width * style.column_mm()
    # 23 mm are a column's
    beside = 1.02 + 0.06 * 23 / width
    for place, name in enumerate(names):
        rows = family == name
        kept = icc.loc[rows, "kept"] == 1
        height = pd.Series(place + _spread(len(kept)), kept.index)
        for chosen, colour in ((kept.index[~kept], style.GREY), (kept.index[kept], style.BLUE)):
            axes.plot(
                lowest[chosen],
                height[chosen],
                ".",
                color=colour,
                markersize=3,
                markeredgewidth=0,
                alpha=0.75,
            )
        axes.text(beside, place, f"{kept.mean():.0%}", va="center", size=6)
    kept = icc["kept"] == 1
    title = f"Kept: {kept.sum()} of {len(icc)} ({kept.mean():.0%})"
    beyond = width_mm(title, _heading()["size"]) + 1 - width - _SHARES
    axes.set_title(title, loc="left", x=-max(beyond, 0) / width, **_heading())
    axes.set_yticks(range(len(names)), [CLASSES[name] for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("Lowest ICC")
    axes.tick_params(axis="y", length=0)


def _heading() -> dict[str, Any]:
    """Return the look of headings, whose letters are the smallest in a narrow column."""
    size = 6.0 if style.column_mm() < _NARROW else 6.5
    return {"size": size, "weight": "normal", "pad": 3}


def _spread(count: int) -> np.ndarray:
    """Return places around 0 that lie evenly, whatever the order: the same in every run."""
    golden = (np.sqrt(5) - 1) / 2
    return _JITTER * (2 * (np.arange(count) * golden % 1) - 1)
