"""What DLOP-CTR looks at: the CT beside the places that raise or lower the predicted risk."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.files.stored_files import reading
from taceflow.files.tables import read_json, read_table
from taceflow.wording.lettering import shortened, width_mm

_TITLE = "What DLOP-CTR looks at"
_COLUMNS, _SIDE, _GAP_MM, _LEFT_MM = 3, 27 / 173, 0.8, 5.0
_TEXT_MM, _FOOT_MM, _WORDS_MM = 10.0, 12.0, 115.0
_OPACITY = 0.5


def dlopctr_attention(
    table: pd.DataFrame, maps: Mapping[str, np.ndarray], description: Mapping[str, Any]
) -> Figure:
    """Draw a row of patients for each risk group.

    Parameters
    ----------
    table : pandas.DataFrame
        ``dlopctr/attention.tsv``.
    maps : mapping of str to numpy.ndarray
        ``<patient>.image``, ``<patient>.map``, ``<patient>.mask``.
    description : mapping
        ``horizon_months`` of the stored model.
    """
    if table.empty:
        return style.not_drawn("No patient has a predicted risk.", _TITLE)
    groups = [group for group in ("high", "low") if group in set(table["risk_group"])]
    side_mm = _side_mm()
    row_mm = side_mm + _TEXT_MM
    figure = style.new_figure(style.page_mm(), len(groups) * row_mm + _FOOT_MM, layout=None)
    cell = (style.page_mm() - _LEFT_MM) / _COLUMNS
    for line, group in enumerate(groups):
        bottom = _FOOT_MM + (len(groups) - 1 - line) * row_mm
        side = style.axes_in_mm(figure, 0, bottom, _LEFT_MM, side_mm)
        side.set_axis_off()
        side.text(0.5, 0.5, f"{group} risk", rotation=90, ha="center", va="center", weight="bold")
        rows = table[table["risk_group"] == group].head(_COLUMNS)
        for number, row in enumerate(rows.to_dict("records")):
            left = _LEFT_MM + number * cell
            pair = [
                style.axes_in_mm(
                    figure, left + place * (side_mm + _GAP_MM), bottom, side_mm, side_mm
                )
                for place in range(2)
            ]
            _draw_patient(pair, row, maps)
    _draw_scale(figure, table["cohort"].iloc[0], description["horizon_months"])
    return figure


def write_dlopctr_attention(
    *, table: str, maps: str, description: str, outputs: Sequence[str]
) -> None:
    """Read the files, draw the maps and write them to each output."""
    with reading(maps), np.load(maps, allow_pickle=False) as packed:
        arrays = dict(packed)
    figure = dlopctr_attention(read_table(table, "attention"), arrays, read_json(description))
    style.save_figure(figure, outputs, title=_TITLE)


def _draw_patient(pair: list[Axes], row: Mapping[str, Any], maps: Mapping[str, Any]) -> None:
    image, seen, mask = (maps[f"{row['patient_id']}.{part}"] for part in ("image", "map", "mask"))
    height, width = image.shape[0] * row["row_mm"], image.shape[1] * row["column_mm"]
    # rows run from the front to the back: the first one stands on top
    extent = (0.0, width, height, 0.0)
    largest = float(np.abs(seen).max()) or 1.0
    for axes in pair:
        axes.imshow(image, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
        axes.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0), anchor="NW")
        axes.spines[:].set_visible(False)
        if mask.any() and not mask.all():
            x = (np.arange(image.shape[1]) + 0.5) * row["column_mm"]
            y = (np.arange(image.shape[0]) + 0.5) * row["row_mm"]
            axes.contour(x, y, mask, levels=[0.5], colors=style.OUTLINE, linewidths=0.6)
    pair[1].imshow(
        seen / largest,
        cmap=style.DIVERGING,
        vmin=-1,
        vmax=1,
        extent=extent,
        alpha=_OPACITY,
        interpolation="bilinear",
    )
    risk = f": risk {row['risk']:.2f}"
    room = 2 * _side_mm() + _GAP_MM - width_mm(risk, 6)
    pair[0].set_title(
        f"{shortened(row['patient_id'], room, 6)}{risk}\nby this slice {row['slice_risk']:.2f}, "
        f"slice {row['slice'] + 1}",
        loc="left",
        fontsize=6,
        weight="normal",
        pad=2,
    )


def _side_mm() -> float:
    """Return the side of a picture: six of them beside each other."""
    return _SIDE * (style.page_mm() - _LEFT_MM)


def _draw_scale(figure: Figure, cohort: str, horizon_months: float) -> None:
    bar = style.axes_in_mm(figure, _WORDS_MM, 7, style.page_mm() - _WORDS_MM - 8, 2)
    colours = ScalarMappable(Normalize(-1, 1), style.DIVERGING)
    scale = figure.colorbar(colours, cax=bar, orientation="horizontal", ticks=[-1, 0, 1])
    scale.ax.set_xticklabels(["lowers the risk", "0", "raises it"])
    scale.outline.set_linewidth(0.4)
    words = style.axes_in_mm(figure, _LEFT_MM, 2, _WORDS_MM - 12, 8)
    words.set_axis_off()
    learned = ", from whom the heads learned" if cohort == "training" else ""
    words.text(
        0,
        0.5,
        f"Risk: 1 - predicted survival at {horizon_months:.3g} months. Patients of the {cohort} "
        f"cohort{learned}.\n"
        "Colours: share of the image's largest value. Green: the outlined tumour.",
        fontsize=6,
        va="center",
    )
