"""Figure S2 C: coefficient profiles of the LASSO."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taceflow.cohort.training import training_patients
from taceflow.figures import style
from taceflow.figures.lasso_cv import counts_on_top
from taceflow.files.tables import read_json, read_table
from taceflow.wording.counts import counted
from taceflow.wording.lettering import shortened

_TITLE = "Figure S2 C: coefficient profiles"
_MOST_LABELS, _LABEL_MM = 16, 76.0
_REACH = 5.0
"""How many times the largest coefficient at the penalty used an axis shows that is cut."""


def lasso_path(
    path: pd.DataFrame, cv: pd.DataFrame, model: Mapping[str, Any], scales: pd.Series
) -> Figure:
    """Draw each feature's coefficient along the penalties, the survivors with their names.

    Raw coefficients differ by powers of ten with the features' units: a profile is drawn a
    standard deviation of its feature, the scale on which the LASSO penalises.

    Parameters
    ----------
    path : pandas.DataFrame
        ``lambda``, ``feature``, ``coefficient`` (raw scale; no row for a zero).
    cv : pandas.DataFrame
        ``lambda``, ``nonzero``: every penalty, also those without a feature.
    model : mapping
        ``lambda``, ``choose``, ``coefficients``.
    scales : pandas.Series
        Standard deviation of each feature among the training patients.

    Returns
    -------
    matplotlib.figure.Figure
        In words if no feature ever entered.
    """
    if path.empty:
        return style.not_drawn(
            model.get("note") or "No feature had a coefficient other than zero at any penalty.",
            _TITLE,
        )
    whole = _profiles(path, cv, scales)
    profiles, reach = _readable(whole, model["lambda"])
    x = -np.log(profiles.index.to_numpy())
    figure = style.new_figure(style.page_mm(), 77)
    axes = figure.subplots()
    survivors = sorted(
        (name for name in model["coefficients"] if name in profiles),
        key=lambda name: (-abs(profiles.loc[model["lambda"], name]), name),
    )
    for name in profiles.columns.difference(survivors):
        axes.plot(x, profiles[name], color=style.LIGHT_GREY, linewidth=0.6)
    for position, name in enumerate(survivors):
        axes.plot(x, profiles[name], color=_colour(position), linestyle=_dash(position))
    axes.axhline(0, color=style.BLACK, linewidth=0.5)
    axes.axvline(-np.log(model["lambda"]), color=style.BLACK, linestyle="--", linewidth=0.8)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylabel("Coefficient a standard deviation")
    cut = ""
    if np.isfinite(reach):
        low, high = max(profiles.min().min(), -reach), min(profiles.max().max(), reach)
        axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        cut = "; profiles go on beyond the axis"
    axes.set_xlabel(
        "−log(λ), the penalty falls to the right\n"
        f"Dashed: {model['choose'].replace('lambda', 'λ')}; {_counts(survivors, profiles)}{cut}"
    )
    _label(axes, profiles, survivors)
    counts = cv.set_index("lambda")["nonzero"].reindex(profiles.index)
    counts_on_top(axes, x, counts.to_numpy())
    return figure


def write_lasso_path(
    path: str, cv: str, model: str, features: str, patients: str, outputs: Sequence[str]
) -> None:
    """Read the files, draw Figure S2 C and write it to each output."""
    drawn = read_table(path)
    training = training_patients(read_table(patients))["patient_id"]
    table = read_table(features).set_index("patient_id")
    scales = table.loc[training, drawn["feature"].unique()].astype(float).std(ddof=0)
    figure = lasso_path(drawn, read_table(cv), read_json(model), scales)
    style.save_figure(figure, outputs, title=_TITLE)


def _profiles(path: pd.DataFrame, cv: pd.DataFrame, scales: pd.Series) -> pd.DataFrame:
    """Return coefficients a standard deviation: a row a penalty (falling), a column a feature."""
    wide = path.pivot_table(index="lambda", columns="feature", values="coefficient")
    penalties = np.sort(cv["lambda"].unique())[::-1]
    return wide.reindex(penalties).fillna(0.0) * scales.reindex(wide.columns)


def _readable(profiles: pd.DataFrame, penalty: float) -> tuple[pd.DataFrame, float]:
    """Return the part of a path that can be read beside the penalty used, and how far it reaches.

    At the unpenalised end, coefficients of features that say the same run away from each other and
    would press everything before them onto the zero line: some of their way is enough. Infinite
    reach and the whole path if they do not.
    """
    sizes = profiles.abs().max(axis=1).to_numpy()
    used = sizes[profiles.index >= penalty * (1 - 1e-9)].max()
    reach = _REACH * float(used if used > 0 else np.median(sizes[sizes > 0]))
    if sizes.max() <= 2 * reach:
        return profiles, np.inf
    beyond = int(np.argmax(sizes > reach))
    part = profiles.iloc[: beyond + 1 + math.ceil(beyond / 3)]
    return part.loc[:, (part != 0).any()], reach


def _colour(position: int) -> str:
    return style.PALETTE[position % len(style.PALETTE)]


def _dash(position: int) -> object:
    return style.DASHES[position // len(style.PALETTE) % len(style.DASHES)]


def _label(axes: Axes, profiles: pd.DataFrame, survivors: list[str]) -> None:
    """Write names right of the last penalty, moved apart, each led to its profile's end."""
    shown = survivors[:_MOST_LABELS]
    low, high = axes.get_ylim()
    ends = profiles.iloc[-1][shown]
    wanted = ((ends.to_numpy() - low) / (high - low)).clip(0, 1)
    order = np.argsort(ends.to_numpy(), kind="stable")
    for position, place in zip(order, _apart(wanted[order], 0.052), strict=True):
        # a profile that left the axis has its line beside its name, the others are led to it
        inside = low <= ends.iloc[position] <= high
        axes.plot(
            [1.0, 1.02, 1.03] if inside else [1.01, 1.03],
            [wanted[position], place, place] if inside else [place, place],
            transform=axes.transAxes,
            color=_colour(position),
            linestyle="-" if inside else _dash(position),
            linewidth=0.6 if inside else 1.1,
            clip_on=False,
        )
        axes.text(
            1.035,
            place,
            shortened(shown[position], _LABEL_MM, 6),
            transform=axes.transAxes,
            va="center",
            size=6,
        )


def _counts(survivors: list[str], profiles: pd.DataFrame) -> str:
    hidden = len(survivors) - _MOST_LABELS
    unnamed = f" ({hidden} of them not named)" if hidden > 0 else ""
    others = profiles.shape[1] - len(survivors)
    return f"{len(survivors)} selected{unnamed}, {counted(others, 'other')} in grey"


def _apart(wanted: np.ndarray, gap: float) -> np.ndarray:
    """Return ascending places at least `gap` apart, near those wanted and centred on [0, 1]."""
    places = wanted.copy()
    for position in range(1, len(places)):
        places[position] = max(places[position], places[position - 1] + gap)
    if len(places) and places[-1] > 1:
        places[-1] = max(1.0, (len(places) - 1) * gap)
        for position in range(len(places) - 2, -1, -1):
            places[position] = min(places[position], places[position + 1] - gap)
    return places
