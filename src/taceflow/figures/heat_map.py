"""What the two heat maps share: z scores of the training patients, bars and colour scales."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch

from taceflow.cohort.training import training_patients
from taceflow.figures import style
from taceflow.wording.names import COHORTS, cohort_name, in_order

LIMIT = 3.0
"""z scores beyond this are drawn in the last colour."""

_DEATH_COLOURS = (style.LIGHT_GREY, style.BLACK)


def training_z_scores(
    features: pd.DataFrame, patients: pd.DataFrame, names: Sequence[str] | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Centre and scale features by mean and standard deviation of the training patients.

    Parameters
    ----------
    features : pandas.DataFrame
        ``patient_id`` and one column a feature; ``diagnostics_*`` and text columns are left out.
    patients : pandas.DataFrame
        ``patient_id``, ``cohort``.
    names : sequence of str, optional
        Only these features, in this order.

    Returns
    -------
    scores : pandas.DataFrame
        Shape (features, patients), in units of the training standard deviation (ddof 0, as
        glmnet scales).
    left_out : list of str
        Features that are constant in, or missing for some of, the patients: they have no colour.
    """
    table = features.set_index("patient_id").reindex(patients["patient_id"])
    if names is None:
        numbers = table.select_dtypes("number").columns
        names = [name for name in numbers if not name.startswith("diagnostics_")]
    table = table[list(names)].astype(float)
    training = table.loc[training_patients(patients)["patient_id"]]
    if training.empty:
        training = table
    scale = training.std(ddof=0)
    usable = np.isfinite(table).all() & (scale > 1e-12 * (1 + training.mean().abs()))
    left_out = [name for name in names if not usable[name]]
    scores = ((table - training.mean()) / scale).loc[:, usable]
    return scores.T, left_out


def draw_scores(axes: Axes, scores: np.ndarray) -> AxesImage:
    """Draw z scores, one row a feature, and return the image for its colour bar."""
    return _cells(axes, scores, style.DIVERGING, Normalize(-LIMIT, LIMIT))


def _cells(axes: Axes, cells: np.ndarray, cmap: str | ListedColormap, norm: Normalize) -> AxesImage:
    """Draw a frame of coloured cells."""
    image = axes.imshow(cells, aspect="auto", interpolation="nearest", cmap=cmap, norm=norm)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.4)
    return image


def draw_strip(
    axes: Axes, codes: Sequence[int], colours: Sequence[str], label: str, *, upright: bool = False
) -> None:
    """Draw one bar of colours beside a heat map: one cell a patient, or, upright, a feature."""
    cells = np.asarray(codes)[:, np.newaxis]
    colour_map, norm = ListedColormap(list(colours)), Normalize(-0.5, len(colours) - 0.5)
    _cells(axes, cells if upright else cells.T, colour_map, norm)
    axes.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=2, size=6)


def draw_outcome(axes: Axes, patients: pd.DataFrame) -> list[Patch]:
    """Draw who died, and return the legend's patches."""
    draw_strip(axes, patients["event"].astype(int), _DEATH_COLOURS, "Outcome")
    return [
        Patch(facecolor=colour, edgecolor=style.GREY, linewidth=0.4, label=label)
        for colour, label in zip(_DEATH_COLOURS, ("censored", "died"), strict=True)
    ]


def draw_cohorts(axes: Axes, patients: pd.DataFrame) -> list[Patch]:
    """Draw who belongs to which cohort, and return the legend's patches."""
    cohorts = in_order(patients["cohort"], COHORTS)
    colours = [style.COHORT_COLOURS.get(cohort, style.GREY) for cohort in cohorts]
    draw_strip(axes, patients["cohort"].map(cohorts.index), colours, "Cohort")
    return [
        Patch(facecolor=colour, label=f"{cohort_name(cohort)}")
        for cohort, colour in zip(cohorts, colours, strict=True)
    ]


def draw_legend(
    figure: Figure, patches: Sequence[Patch], left: float, top: float, title: str | None = None
) -> None:
    """Add a legend of colours whose upper left corner lies at a place in millimetres."""
    width, height = figure.get_size_inches() * 25.4
    legend = figure.legend(
        handles=patches,
        title=title,
        loc="upper left",
        bbox_to_anchor=(left / width, top / height),
        borderaxespad=0,
        handlelength=1.1,
        handleheight=0.9,
        alignment="left",
    )
    legend.get_title().set(size=6.5, weight="bold")


def draw_scale(figure: Figure, image: AxesImage, left: float, bottom: float, height: float) -> None:
    """Add the colour bar of z scores at a place in millimetres."""
    axes = style.axes_in_mm(figure, left, bottom, 2.5, height)
    bar = figure.colorbar(image, cax=axes, ticks=[-LIMIT, 0, LIMIT])
    bar.ax.set_yticklabels([f"≤ −{LIMIT:.0f}", "0", f"≥ {LIMIT:.0f}"], size=6)
    bar.ax.set_ylabel("z score", size=6, labelpad=1)
    bar.outline.set_linewidth(0.4)
