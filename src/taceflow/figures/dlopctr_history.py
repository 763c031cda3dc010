"""How the training of DLOP-CTR went: losses of each epoch, kept weights, learning rate."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taceflow.figures import style
from taceflow.files.tables import read_json, read_table
from taceflow.wording.counts import counted
from taceflow.wording.lettering import fill

_TITLE = "Training of DLOP-CTR"
_LOSSES = {
    "training_loss": ("training", style.BLUE, "-"),
    "tuning_loss": ("tuning", style.VERMILLION, (0, (5, 1.5))),
    "validation_loss": ("validation (the study's way)", style.GREEN, (0, (1.2, 1.2))),
}


def dlopctr_history(history: pd.DataFrame, description: Mapping[str, Any]) -> Figure:
    """Draw the losses of the final fits, and of the fits that leave a fold out.

    The first seed's final fit has a full line; other seeds and folds have thin ones.

    Parameters
    ----------
    history : pandas.DataFrame
        ``seed``, ``fit`` (``final``, ``fold1``, ...), ``epoch``, ``training_loss``,
        ``learning_rate``, and ``tuning_loss`` or ``validation_loss`` where they were watched.
    description : mapping
        ``n``, ``events``, ``kept_epochs`` of the stored model.
    """
    if history.empty:
        return style.not_drawn("The history of the training holds no epoch.", _TITLE)
    figure = style.new_figure(style.page_mm(), 66)
    final, folds = figure.subplots(1, 2, sharey=True)
    watched = [name for name in _LOSSES if name in history and history[name].notna().any()]
    kept = description["kept_epochs"]
    is_final = history["fit"] == "final"
    rows = history[is_final & (history["seed"] == 1)]
    for name in watched:
        label, colour, dash = _LOSSES[name]
        final.plot(rows["epoch"], rows[name], color=colour, linestyle=dash, label=label)
        others = history[is_final & (history["seed"] > 1)]
        for axes, part in ((final, others), (folds, history[~is_final])):
            for _, course in part.groupby(["seed", "fit"]):
                axes.plot(
                    course["epoch"],
                    course[name],
                    color=colour,
                    linestyle=dash,
                    linewidth=0.6,
                    alpha=0.5,
                )
    final.axvline(
        kept["seed1.final"],
        color=style.BLACK,
        linewidth=0.8,
        linestyle="--",
        label=f"kept: epoch {kept['seed1.final']}",
    )
    _mark_learning_rate(final, rows)
    final.set_title(
        f"Final fit: {counted(description['n'], 'patient')}, "
        f"{counted(description['events'], 'death')}",
        loc="left",
    )
    final.set_ylabel("Loss, mean over patients")
    seeds = history["seed"].nunique()
    fits = [name for name in history["fit"].unique() if name != "final"]
    epochs = [epoch for name, epoch in kept.items() if name.split(".")[1] in fits]
    span = f"; kept: epochs {min(epochs)} to {max(epochs)}" if len(set(epochs)) > 1 else ""
    span = f"; kept: epoch {epochs[0]}" if len(set(epochs)) == 1 else span
    times = f" x {seeds}" if seeds > 1 else ""
    title = f"{len(fits)}{times} fits, each without a fold{span}"
    room = style.page_mm() / 2 - 4.5
    lines = fill(title, room, style.RC["axes.titlesize"], bold=True)
    folds.set_title("\n".join(lines), loc="left")
    if not fits:
        folds.text(0.5, 0.5, "none", transform=folds.transAxes, color=style.GREY, ha="center")
    for axes in (final, folds):
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    handles, labels = final.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, handlelength=2.6)
    return figure


def write_dlopctr_history(history: str, description: str, outputs: Sequence[str]) -> None:
    """Read the files, draw the losses and write them to each output."""
    style.save_figure(
        dlopctr_history(read_table(history), read_json(description)), outputs, title=_TITLE
    )


def _mark_learning_rate(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw a line where the learning rate fell, the rates in the legend."""
    changed = rows["learning_rate"].ne(rows["learning_rate"].shift())
    steps = rows.loc[changed, ["epoch", "learning_rate"]].to_numpy()[1:]
    for position, (epoch, _) in enumerate(steps):
        label = "learning rate falls: " + ", ".join(f"{rate:g}" for _, rate in steps)
        axes.axvline(
            epoch,
            color=style.GREY,
            linewidth=0.6,
            linestyle=":",
            zorder=0,
            label=None if position else label,
        )
