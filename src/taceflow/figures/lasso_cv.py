"""Figure S2 B: cross-validated deviance of the LASSO along its penalties."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.files.tables import read_json, read_table
from taceflow.wording.counts import counted

DEVIANCE = {"cox": "Partial likelihood deviance", "binomial": "Binomial deviance"}
"""What is cross-validated, by family."""

_TITLE = "Figure S2 B: cross-validation of the LASSO"
_MOST_COUNTS = 9


def lasso_cv(cv: pd.DataFrame, model: Mapping[str, Any]) -> Figure:
    """Draw mean and standard error of the deviance; the number of features stands on top.

    Parameters
    ----------
    cv : pandas.DataFrame
        ``lambda``, ``cvm``, ``cvsd``, ``nonzero``.
    model : mapping
        ``family``, ``lambda_min``, ``lambda_1se``, ``choose``, ``n``, ``events``.
    """
    if cv.empty:
        return style.not_drawn(
            model.get("note") or "No feature was left to select from: there is no path.", _TITLE
        )
    cv = cv.sort_values("lambda", ascending=False)
    x = -np.log(cv["lambda"].to_numpy())
    figure = style.new_figure(style.column_mm(), 64)
    axes = figure.subplots()
    axes.errorbar(
        x,
        cv["cvm"],
        cv["cvsd"],
        fmt="o",
        color=style.VERMILLION,
        ecolor=style.GREY,
        markersize=2.2,
        elinewidth=0.6,
        capsize=1.2,
        capthick=0.6,
    )
    _limit(axes, cv)
    at_min, at_1se = -np.log(model["lambda_min"]), -np.log(model["lambda_1se"])
    axes.axvline(at_min, color=style.BLACK, linestyle="--", linewidth=0.8, label="λ.min")
    axes.axvline(at_1se, color=style.BLUE, linestyle=":", linewidth=1.0, label="λ.1se")
    axes.set_xlabel("−log(λ), the penalty falls to the right")
    axes.set_ylabel(DEVIANCE.get(model["family"], "Deviance"))
    chosen = "min" if model["choose"] == "lambda.min" else "1se"
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.2),
        ncols=2,
        title=f"{counted(model['n'], 'patient')}, {counted(model['events'], 'death')}; "
        f"used: λ.{chosen}",
        title_fontsize=6,
        alignment="left",
        borderaxespad=0,
    )
    counts_on_top(axes, x, cv["nonzero"].to_numpy())
    return figure


def write_lasso_cv(cv: str, model: str, outputs: Sequence[str]) -> None:
    """Read the files, draw Figure S2 B and write it to each output."""
    style.save_figure(lasso_cv(read_table(cv), read_json(model)), outputs, title=_TITLE)


def _limit(axes: Axes, cv: pd.DataFrame) -> None:
    """Keep the minimum readable where an overfitted end is far off or its bars are very long.

    Without this the deviance of a few points, or their standard errors, many times those of the
    minimum, would press the rest of the curve into a line.
    """
    best = cv.loc[cv["cvm"].idxmin()]
    reach = max(10 * best["cvsd"], 4 * (cv["cvm"].iloc[0] - best["cvm"]))
    top, bottom = best["cvm"] + reach, best["cvm"] - reach
    shown = cv[cv["cvm"] <= top]
    upper, lower = float((cv["cvm"] + cv["cvsd"]).max()), float((cv["cvm"] - cv["cvsd"]).min())
    if reach <= 0 or (upper <= best["cvm"] + 1.5 * reach and lower >= best["cvm"] - 1.5 * reach):
        return
    top = min(top, float((shown["cvm"] + shown["cvsd"]).max()))
    bottom = max(bottom, float((shown["cvm"] - shown["cvsd"]).min()))
    room = 0.05 * (top - bottom)
    axes.set_ylim(bottom - room, top + room)
    highest = float(cv["cvm"].max())
    last = -np.log(float(shown["lambda"].min()))
    if highest > top + room:
        # some of the way up is enough to see that it goes on
        left, right = axes.get_xlim()
        axes.set_xlim(left, min(right, last + 0.25 * (last - left)))
    beyond = f"rises to {_rounded(highest)}" if highest > top + room else "error bars go on"
    axes.text(
        0.98,
        0.96,
        f"{beyond} beyond the axis",
        transform=axes.transAxes,
        ha="right",
        va="top",
        size=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        zorder=10,
    )


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= value < 1e6 else f"{value:.3g}"


def counts_on_top(axes: Axes, x: np.ndarray, counts: np.ndarray) -> None:
    """Write the number of features at each place of a penalty over the axis, some places apart.

    The axis' limits are kept.
    """
    limits = axes.get_xlim()
    inside = np.flatnonzero((x >= limits[0]) & (x <= limits[1]))
    steps = np.linspace(0, len(inside) - 1, min(len(inside), _MOST_COUNTS))
    places = inside[steps.round().astype(int)]
    top = axes.secondary_xaxis("top")
    top.set_xticks(x[places], [str(int(counts[place])) for place in places])
    top.tick_params(length=1.5, labelsize=6, pad=1)
    top.set_xlabel("Features with a coefficient", labelpad=3, size=6.5)
    axes.set_xlim(limits)
