"""The pre-experiment: cross-validated loss at each point of its grid, and which one is lowest."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from taceflow.dlopctr.head.settings import lowest_point
from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.counts import counted
from taceflow.wording.lettering import width_mm

_TITLE = "Pre-experiment"
_SHIFT = 0.04
_WIDTH_MM, _BESIDE_AXIS_MM, _APART_MM = 102.0, 18.0, 1.5
_MARKERS = "osD^vPX"


def pre_experiment(table: pd.DataFrame) -> Figure:
    """Draw the loss on patients left out against the learning rate.

    Parameters
    ----------
    table : pandas.DataFrame
        ``dlopctr/pre_experiment.tsv``: ``learning_rate``, ``batch_size``, ``dropout``, ``epochs``,
        ``loss``, ``standard_error``.
    """
    if table.empty:
        return style.not_drawn("The grid of the pre-experiment has no point.", _TITLE)
    series = list(table.groupby(["batch_size", "dropout"], sort=True))
    # the legend has a line for two of them, and its ring
    figure = style.new_figure(_width_mm(), 60 + 3.4 * math.ceil((len(series) + 1) / 2))
    axes = figure.subplots()
    for place, ((batch, dropout), rows) in enumerate(series):
        # side by side, for bars of one rate would hide each other
        shift = 10 ** (_SHIFT * (place - (len(series) - 1) / 2))
        rows = rows.sort_values("learning_rate")
        axes.errorbar(
            rows["learning_rate"] * shift,
            rows["loss"],
            yerr=rows["standard_error"],
            color=style.PALETTE[place % len(style.PALETTE)],
            marker=_MARKERS[place % len(_MARKERS)],
            linestyle=style.DASHES[place // len(style.PALETTE) % len(style.DASHES)],
            markersize=4,
            linewidth=0.8,
            capsize=2,
            label=f"batch {batch}, dropout {dropout:g}",
        )
        best = lowest_point(table)
        if (best["batch_size"], best["dropout"]) == (batch, dropout):
            axes.plot(
                best["learning_rate"] * shift,
                best["loss"],
                marker="o",
                markersize=10,
                markerfacecolor="none",
                markeredgecolor=style.BLACK,
                linestyle="none",
                label=f"lowest: {best['loss']:.3f} after {counted(int(best['epochs']), 'epoch')}",
                zorder=5,
            )
    rates = np.unique(table["learning_rate"])
    axes.set_xscale("log")
    axes.set_xticks(rates, _labels(rates))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(rates[0] / 2, rates[-1] * 2)
    axes.set_xlabel("Learning rate")
    axes.set_ylabel("Loss on patients left out\n(mean and standard error over folds)")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _width_mm() -> float:
    """Return the figure's width: a column is narrow for its legend."""
    return max(_WIDTH_MM, style.column_mm())


def _labels(rates: np.ndarray) -> list[str]:
    """Return the label of each rate, empty where it would run into the one before."""
    # the axis goes from half the lowest rate to twice the highest
    a_factor_of_ten = (_width_mm() - _BESIDE_AXIS_MM) / np.log10(4 * rates[-1] / rates[0])
    labels, end = [], -np.inf
    for rate in rates:
        half = width_mm(f"{rate:g}", style.RC["xtick.labelsize"]) / 2
        place = np.log10(rate) * a_factor_of_ten
        fits = place - half >= end + _APART_MM
        labels.append(f"{rate:g}" if fits else "")
        end = place + half if fits else end
    return labels


def write_pre_experiment(table: str, outputs: Sequence[str]) -> None:
    """Read the table, draw it and write it to each output."""
    frame = read_table(table, "pre_experiment")
    style.save_figure(pre_experiment(frame), outputs, title=_TITLE)
