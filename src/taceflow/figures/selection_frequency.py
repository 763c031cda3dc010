"""How often bootstrap resamples select each feature of the Radscore, and those that came next."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from taceflow.figures import style
from taceflow.files.tables import read_json, read_table
from taceflow.wording.counts import counted
from taceflow.wording.lettering import shortened

_TITLE = "Selection frequency"
_MOST, _RUNNERS_UP = 30, 10
_NAMES_MM, _ROW_MM, _HEAD_MM, _FOOT_MM, _LEGEND_MM = 72.0, 3.6, 4.0, 19.0, 100.0
_PALE = 0.4


def selection_frequency(frequency: pd.DataFrame, model: Mapping[str, Any]) -> Figure:
    """Draw a bar a feature: those of the Radscore, and the most frequent of the others.

    Parameters
    ----------
    frequency : pandas.DataFrame
        ``feature``, ``resamples``, ``selected``, ``frequency``, ``sign_flips``.
    model : mapping
        ``coefficients`` and ``choose`` of the Radscore.

    Returns
    -------
    matplotlib.figure.Figure
        In words if there is no candidate or no resample could be fitted.
    """
    if frequency.empty:
        return style.not_drawn(
            "No feature was reproducible: there was none to select from.", _TITLE
        )
    resamples = int(frequency["resamples"].iloc[0])
    if resamples == 0:
        return style.not_drawn(
            "The LASSO could be fitted to no resample of these patients.", _TITLE
        )
    rows = shown_features(frequency, model["coefficients"])
    if not rows["selected"].any():
        return style.not_drawn(
            f"None of {counted(resamples, 'bootstrap resample')} selected any feature at "
            f"{model['choose']}.",
            _TITLE,
        )
    area = _ROW_MM * len(rows)
    figure = style.new_figure(style.page_mm(), _HEAD_MM + area + _FOOT_MM, layout=None)
    width = style.page_mm() - _NAMES_MM - 14
    axes = style.axes_in_mm(figure, _NAMES_MM, _FOOT_MM, width, area)
    for position, row in enumerate(rows.itertuples()):
        colour = style.ORANGE if row.feature in model["coefficients"] else style.GREY
        kept = 100 * (row.selected - row.sign_flips) / resamples
        flipped = 100 * row.sign_flips / resamples
        axes.barh(position, kept, color=colour, height=0.72)
        axes.barh(position, flipped, left=kept, color=colour, height=0.72, alpha=_PALE)
        axes.text(kept + flipped + 1, position, str(row.selected), size=6, va="center")
    names = [shortened(name, _NAMES_MM - 3, 6) for name in rows["feature"]]
    axes.set_yticks(range(len(rows)), names, size=6)
    axes.set(xlim=(0, 100), ylim=(len(rows) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"Selected in % of {counted(resamples, 'bootstrap resample')}")
    axes.grid(axis="x", color=style.LIGHT_GREY, linewidth=0.5)
    handles = [
        Patch(color=style.ORANGE, label="in the Radscore"),
        Patch(color=style.GREY, label="not in it, most frequent first"),
        Patch(color=style.GREY, alpha=_PALE, label="with the feature's rarer sign"),
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(min(_NAMES_MM, style.page_mm() - _LEGEND_MM) / style.page_mm(), 0.0),
        ncols=3,
        borderaxespad=0.4,
        columnspacing=1.2,
    )
    return figure


def shown_features(frequency: pd.DataFrame, coefficients: Mapping[str, float]) -> pd.DataFrame:
    """Return the rows of the Radscore's features, then of the most frequent others.

    Each part by falling frequency; of a Radscore of very many features the most frequent.
    """
    ordered = frequency.sort_values(["selected", "feature"], ascending=[False, True])
    ours = ordered["feature"].isin(list(coefficients))
    others = ordered.loc[~ours & (ordered["selected"] > 0)].head(_RUNNERS_UP)
    return pd.concat([ordered.loc[ours].head(_MOST), others], ignore_index=True)


def write_selection_frequency(frequency: str, model: str, outputs: Sequence[str]) -> None:
    """Read the files, draw the figure and write it to each output."""
    figure = selection_frequency(read_table(frequency), read_json(model))
    style.save_figure(figure, outputs, title=_TITLE)
