"""The scores of one new patient by all models, each on the scale of its training patients."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from taceflow.figures import style
from taceflow.figures.patient_models import (
    HEAD_MM,
    ModelSays,
    Predictions,
    interval,
    percent,
)
from taceflow.wording.lettering import fill, line_height_mm, shortened, width_mm

GROUP_COLOURS = {"low": style.BLUE, "high": style.VERMILLION}
"""Those of the figures of survival by risk."""

_SIZE, _TITLE = 6.0, 8.0
_NAME_MM, _GROUP_MM, _STRIP_MM = 21.0, 8.0, 20.0
_ROW_MM, _NUMBER_MM = {False: 5.4, True: 6.4}, {False: 7.5, True: 8.8}
"""Of a row of scores without intervals, and with these below their numbers."""


_SHADES = (("q025", "q975", "95%", "#EBEBEB"), ("q10", "q90", "80%", "#D4D4D4"))
_SHADES += (("q25", "q75", "half", "#AFAFAF"),)
_ARROWS = ("low risk ← score → high risk", "low ← score → high", "score →")


def scores_height_mm(predictions: Predictions) -> float:
    """Return how high `draw_scores` draws."""
    return HEAD_MM + _ROW_MM[predictions.has_interval] * len(predictions.models)


def draw_scores(page: Axes, predictions: Predictions, left: float) -> None:
    """Draw each model's score on the scale of its training patients, with its survival.

    Parameters
    ----------
    page : Axes
        In millimetres from its upper left corner, as wide as a page.
    predictions : Predictions
    left : float
        Where to begin, mm; it draws up to the right edge.
    """
    right, months = style.TWO_COLUMNS_MM, predictions.horizons_months
    strip = left + _NAME_MM + _GROUP_MM
    step = min(_NUMBER_MM[predictions.has_interval], (right - strip - _STRIP_MM) / len(months))
    ends = [right - step * place for place in reversed(range(len(months)))]
    width = ends[0] - step - strip
    page.text(left, 2, "Scores of all models", size=_TITLE, weight="bold", va="center")
    for line, text in enumerate(fill(_key(predictions), right - left, _SIZE)):
        page.text(left, 5.6 + line * line_height_mm(_SIZE), text, size=_SIZE, va="center")
    y = HEAD_MM - 2
    page.text(left, y, "Model", size=_SIZE, weight="bold", va="center")
    page.text(left + _NAME_MM, y, "Risk", size=_SIZE, weight="bold", va="center")
    fitting = (text for text in _ARROWS if width_mm(text, _SIZE) < width)
    page.text(strip + width / 2, y, next(fitting, ""), size=_SIZE, va="center", ha="center")
    for end, month in zip(ends, months, strict=True):
        page.text(end, y, f"{month:g}", size=_SIZE, weight="bold", va="center", ha="right")
    for row, model in enumerate(predictions.models):
        y = HEAD_MM + (row + 0.5) * _ROW_MM[predictions.has_interval]
        weight = "normal" if row else "bold"
        _write_row(page, model, y, left, ends, weight)
        _draw_strip(page, model, strip, y, width)


def _write_row(
    page: Axes, model: ModelSays, y: float, left: float, ends: Sequence[float], weight: str
) -> None:
    """Write a model's name and risk group, and its survival up to the ends of the columns."""
    # bold letters are wider
    name = shortened(model.label, (_NAME_MM - 1.5) / (1.12 if weight == "bold" else 1), _SIZE)
    page.text(left, y, name, size=_SIZE, weight=weight, va="center")
    look = {"size": _SIZE, "weight": "bold", "color": GROUP_COLOURS[model.risk_group]}
    page.text(left + _NAME_MM, y, model.risk_group, va="center", **look)
    raised = line_height_mm(_SIZE) / 2 if model.has_interval else 0
    for end, (estimate, *limits) in zip(ends, model.survival, strict=True):
        told = percent(estimate)
        page.text(end, y - raised, told, size=_SIZE, weight=weight, va="center", ha="right")
        if raised:
            page.text(end, y + raised, interval(*limits), size=_SIZE, va="center", ha="right")


def _key(predictions: Predictions) -> str:
    """Say what the strips show."""
    shares = [
        share
        for lower, upper, share, _ in _SHADES
        if any(_are_known(model, lower, upper) for model in predictions.models)
    ]
    shaded = f"Grey: middle {_joined(shares)} of the training patients. " if shares else ""
    survival = "survival by month" + (", 95% CI." if predictions.has_interval else ".")
    return f"{shaded}Line: cut-off. Diamond: this patient. On the right: {survival}"


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _are_known(model: ModelSays, *names: str) -> bool:
    return all(math.isfinite(model.quantiles.get(name, math.nan)) for name in names)


def _draw_strip(page: Axes, model: ModelSays, left: float, y: float, width: float) -> None:
    """Draw the training patients' score as a strip with cut-off and the patient's mark.

    A patient far beyond them is an arrow at the strip's end.
    """
    known = [*(value for value in model.quantiles.values() if math.isfinite(value)), model.cut_off]
    low, high = min(known), max(known)
    # without two quantiles the patient gives the scale
    room = 0.25 * (high - low) or abs(model.risk - model.cut_off) or 1.0
    low, high = low - room, high + room

    def place(value: float) -> float:
        return left + 2 + (width - 4) * min(max((value - low) / (high - low), 0), 1)

    ends = [left + 2, left + width - 2]
    page.plot(ends, [y, y], color=style.LIGHT_GREY, linewidth=0.6, zorder=0)
    for lower, upper, _, shade in _SHADES:
        if _are_known(model, lower, upper):
            start, end = place(model.quantiles[lower]), place(model.quantiles[upper])
            page.add_patch(Rectangle((start, y - 1.3), end - start, 2.6, color=shade, linewidth=0))
    page.plot([place(model.cut_off)] * 2, [y - 2.1, y + 2.1], color=style.BLACK, linewidth=0.9)
    mark = "<" if model.risk < low else ">" if model.risk > high else "D"
    look = {"color": GROUP_COLOURS[model.risk_group], "markersize": 4.5}
    look |= {"markeredgecolor": "white", "markeredgewidth": 0.5}
    page.plot(place(model.risk), y, mark, **look)
