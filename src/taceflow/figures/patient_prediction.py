"""What the models say of one new patient, beside what became of the training patients."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from taceflow.figures import style
from taceflow.wording.lettering import fill, line_height_mm, shortened, width_mm
from taceflow.wording.printing import EN_DASH

GROUP_COLOURS = {"low": style.BLUE, "high": style.VERMILLION}

_SIZE, _HEAD = 6.0, 8.0
_LEFT_MM, _PANEL_MM, _PLOT_MM, _GAP_MM = 13.0, 76.0, 34.0, 5.0
_TOP_MM = 14.0
_NAME_MM, _GROUP_MM, _STRIP_MM = 21.0, 8.0, 20.0
_ROW_MM, _NUMBER_MM = {False: 5.4, True: 6.4}, {False: 7.5, True: 8.8}
"""Of a row of scores without intervals, and with these below their numbers."""

_SHADES = (("q025", "q975", "95%", "#EBEBEB"), ("q10", "q90", "80%", "#D4D4D4"))
_SHADES += (("q25", "q75", "half", "#AFAFAF"),)
_ARROWS = ("low risk ← score → high risk", "low ← score → high", "score →")


@dataclass(frozen=True, kw_only=True)
class ModelSays:
    """What one model says of the patient.

    Attributes
    ----------
    label : str
        Name in print.
    is_network : bool
        Whether it is a network: its survival has no interval.
    risk : float
        Higher is worse.
    risk_group : {'low', 'high'}
    survival : tuple of (float, float, float)
        Estimate, lower and upper limit at each horizon, NaN where there is none.
    cut_off : float
        Above it is high risk.
    quantiles : mapping of str to float
        ``q025`` to ``q975`` of the training patients' risk, NaN where it is not told.
    groups : mapping of str to mapping
        Of ``low`` and ``high``: ``n``, and by horizon the training patients' survival (estimate,
        lower, upper).
    merit : str
        Harrell's C of patients on whom it was not fitted; empty if that is not told.
    """

    label: str
    is_network: bool
    risk: float
    risk_group: str
    survival: tuple[tuple[float, float, float], ...]
    cut_off: float
    quantiles: Mapping[str, float]
    groups: Mapping[str, Any]
    merit: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether any survival has one."""
        return any(math.isfinite(lower) for _, lower, _ in self.survival)


@dataclass(frozen=True)
class Predictions:
    """What all models say of the patient.

    Attributes
    ----------
    horizons_months : tuple of float
    models : tuple of ModelSays
        Those that predict the patient; the first is drawn large.
    cohort : str
        Whose C `ModelSays.merit` is; empty if none is told.
    """

    horizons_months: tuple[float, ...]
    models: tuple[ModelSays, ...]
    cohort: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether any model's survival has one."""
        return any(model.has_interval for model in self.models)


def prediction_figure(predictions: Predictions) -> Figure:
    """Draw survival by the first model, and all models' scores, as wide as a page."""
    height = prediction_height_mm(predictions)
    figure = style.new_figure(style.TWO_COLUMNS_MM, height, layout=None)
    draw_predictions(figure, predictions, left=0.0, bottom=0.0)
    return figure


def prediction_height_mm(predictions: Predictions) -> float:
    """Return how high `draw_predictions` draws."""
    if not predictions.models:
        return 8.0
    below = _foot_mm(predictions.models[0]) + len(_notes(predictions)) * line_height_mm(_SIZE)
    rows = _ROW_MM[predictions.has_interval] * len(predictions.models)
    return _TOP_MM + max(_PLOT_MM + below, rows)


def _foot_mm(model: ModelSays) -> float:
    """Return the height of the numbers below the panel."""
    return 11.0 if model.has_interval else 8.0


def draw_predictions(
    figure: Figure, predictions: Predictions, *, left: float, bottom: float
) -> None:
    """Draw into a figure, from a place in millimetres from its lower left corner."""
    height = prediction_height_mm(predictions)
    page = page_axes(figure, left, bottom, style.TWO_COLUMNS_MM, height)
    if not predictions.models:
        said = "No model predicts this patient; why stands below."
        page.text(0, 4, said, size=_HEAD, weight="bold", va="center")
        return
    first = predictions.models[0]
    _draw_heads(page, first)
    place = (left + _LEFT_MM, bottom + height - _TOP_MM - _PLOT_MM)
    plot = style.axes_in_mm(figure, *place, _PANEL_MM - _LEFT_MM, _PLOT_MM)
    draw_survival(plot, first, predictions.horizons_months)
    _write_numbers(page, first, predictions.horizons_months)
    for line, text in enumerate(_notes(predictions)):
        y = _TOP_MM + _PLOT_MM + _foot_mm(first) + (line + 0.5) * line_height_mm(_SIZE)
        page.text(0, y, text, size=_SIZE, va="center")
    _draw_scores(page, predictions)


def page_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Return axes without an axis whose units are millimetres, counted from the upper left."""
    axes = style.axes_in_mm(figure, left, bottom, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return axes


def draw_survival(axes: Axes, model: ModelSays, horizons_months: Sequence[float]) -> None:
    """Draw the patient's survival at each horizon over that of the training patients' groups.

    Nothing joins the horizons, for nothing is told between them.
    """
    for place, (month, said) in enumerate(zip(horizons_months, model.survival, strict=True)):
        for group, colour in GROUP_COLOURS.items():
            known = model.groups.get(group, {}).get("survival", {})
            if f"{month:g}" in known:
                _draw_band(axes, place, known[f"{month:g}"], colour)
        estimate, lower, upper = (100 * value for value in said)
        if math.isfinite(lower) and math.isfinite(upper):
            axes.plot([place, place], [lower, upper], color=style.BLACK, linewidth=1.4)
        axes.plot(place, estimate, "o", color=style.BLACK, markersize=5, clip_on=False)
    axes.set(xlim=(-0.5, len(horizons_months) - 0.5), ylim=(0, 100))
    axes.set_yticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100%"])
    axes.set_xticks(range(len(horizons_months)), [""] * len(horizons_months))
    axes.grid(axis="y", color=style.LIGHT_GREY, linewidth=0.4)


def _draw_band(axes: Axes, place: int, known: Sequence[float], colour: str) -> None:
    estimate, lower, upper = (100 * value for value in known)
    size = {"width": 0.76, "height": upper - lower}
    axes.add_patch(Rectangle((place - 0.38, lower), **size, color=colour, alpha=0.22, linewidth=0))
    axes.plot([place - 0.38, place + 0.38], [estimate, estimate], color=colour, linewidth=1.0)


def _draw_heads(page: Axes, model: ModelSays) -> None:
    """Write the title of the large panel and its legend."""
    title = shortened(f"Predicted survival: {model.label}", _PANEL_MM / 1.1, _HEAD)
    page.text(0, 2, title, size=_HEAD, weight="bold", va="center")
    page.plot(2, 6.6, "o", color=style.BLACK, markersize=4)
    patient = "this patient"
    if model.has_interval:
        page.plot([2, 2], [5.4, 7.8], color=style.BLACK, linewidth=1.2)
        patient += ", 95% interval"
    page.text(4.5, 6.6, patient, size=_SIZE, va="center")
    left, told = 0.0, "training patients of "
    for group, colour in GROUP_COLOURS.items():
        if not model.groups.get(group, {}).get("survival"):
            continue
        page.add_patch(Rectangle((left, 8.9), 4, 2.4, color=colour, alpha=0.22, linewidth=0))
        page.plot([left, left + 4], [10.1, 10.1], color=colour, linewidth=1.0)
        told += f"{group} risk (n = {model.groups[group]['n']})"
        page.text(left + 4.8, 10.1, told, size=_SIZE, va="center")
        left, told = left + 8 + width_mm(told, _SIZE), ""


def _write_numbers(page: Axes, model: ModelSays, horizons_months: Sequence[float]) -> None:
    """Write month, survival and interval under each horizon of the panel."""
    lines = {
        "Month": [f"{month:g}" for month in horizons_months],
        "Survival": [_percent(estimate) for estimate, _, _ in model.survival],
    }
    if model.has_interval:
        lines["95% CI"] = [_interval(*ends) for _, *ends in model.survival]
    step = (_PANEL_MM - _LEFT_MM) / len(horizons_months)
    for line, (head, texts) in enumerate(lines.items()):
        y = _TOP_MM + _PLOT_MM + 2.4 + 3 * line
        page.text(_LEFT_MM - 2, y, head, size=_SIZE, va="center", ha="right")
        weight = "bold" if head == "Survival" else "normal"
        for place, text in enumerate(texts):
            x = _LEFT_MM + (place + 0.5) * step
            page.text(x, y, text, size=_SIZE, weight=weight, va="center", ha="center")


def _percent(survival: float) -> str:
    """Return a survival in print; a dash where it is not told."""
    return f"{100 * survival:.0f}%" if math.isfinite(survival) else EN_DASH


def _interval(lower: float, upper: float) -> str:
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return EN_DASH
    return f"{100 * lower:.0f}{EN_DASH}{100 * upper:.0f}"


def _notes(predictions: Predictions) -> list[str]:
    """Return the lines below the large panel: what it cannot show, and how good the model is."""
    model = predictions.models[0]
    told = []
    if model.is_network:
        told.append("A network has no interval.")
    elif not model.has_interval:
        told.append("The model is stored without what an interval takes.")
    if any(not math.isfinite(estimate) for estimate, _, _ in model.survival):
        told.append(f"{EN_DASH}: beyond the training patients' follow-up.")
    if not any(group["survival"] for group in model.groups.values()):
        told.append("Too few training patients to tell the survival of their risk groups.")
    if model.merit:
        told.append(f"Harrell's C in the {predictions.cohort} cohort: {model.merit}.")
    return fill(" ".join(told), _PANEL_MM, _SIZE) if told else []


def _draw_scores(page: Axes, predictions: Predictions) -> None:
    """Draw each model's score on the scale of its training patients, with its survival."""
    left = _PANEL_MM + _GAP_MM
    strip = left + _NAME_MM + _GROUP_MM
    months = predictions.horizons_months
    row_mm, number_mm = (size[predictions.has_interval] for size in (_ROW_MM, _NUMBER_MM))
    step = min(number_mm, (style.TWO_COLUMNS_MM - strip - _STRIP_MM - 1) / len(months))
    width = style.TWO_COLUMNS_MM - strip - step * len(months) - 1
    page.text(left, 2, "Scores of all models", size=_HEAD, weight="bold", va="center")
    for line, text in enumerate(fill(_key(predictions), style.TWO_COLUMNS_MM - left, _SIZE)):
        page.text(left, 5.6 + line * line_height_mm(_SIZE), text, size=_SIZE, va="center")
    heads = _TOP_MM - 2
    page.text(left, heads, "Model", size=_SIZE, weight="bold", va="center")
    page.text(left + _NAME_MM, heads, "Risk", size=_SIZE, weight="bold", va="center")
    fitting = (text for text in _ARROWS if width_mm(text, _SIZE) < width)
    page.text(strip + width / 2, heads, next(fitting, ""), size=_SIZE, va="center", ha="center")
    ends = [style.TWO_COLUMNS_MM - step * place for place in reversed(range(len(months)))]
    for end, month in zip(ends, months, strict=True):
        page.text(end, heads, f"{month:g}", size=_SIZE, weight="bold", va="center", ha="right")
    for row, model in enumerate(predictions.models):
        y = _TOP_MM + (row + 0.5) * row_mm
        weight = "normal" if row else "bold"
        name = shortened(model.label, (_NAME_MM - 1.5) / (1 if row else 1.12), _SIZE)
        page.text(left, y, name, size=_SIZE, weight=weight, va="center")
        colour = GROUP_COLOURS[model.risk_group]
        place = left + _NAME_MM
        page.text(place, y, model.risk_group, size=_SIZE, weight="bold", color=colour, va="center")
        _draw_strip(page, model, strip, y, width)
        raised = line_height_mm(_SIZE) / 2 if model.has_interval else 0
        for end, (estimate, *limits) in zip(ends, model.survival, strict=True):
            told = _percent(estimate)
            page.text(end, y - raised, told, size=_SIZE, weight=weight, va="center", ha="right")
            if raised:
                page.text(end, y + raised, _interval(*limits), size=_SIZE, va="center", ha="right")


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
    # two quantiles at least give a scale; without them the patient does
    room = 0.25 * (high - low) or abs(model.risk - model.cut_off) or 1.0
    low, high = low - room, high + room

    def place(value: float) -> float:
        return left + 2 + (width - 4) * min(max((value - low) / (high - low), 0), 1)

    page.plot([left + 2, left + width - 2], [y, y], color=style.LIGHT_GREY, linewidth=0.6, zorder=0)
    for lower, upper, _, shade in _SHADES:
        if _are_known(model, lower, upper):
            start, end = place(model.quantiles[lower]), place(model.quantiles[upper])
            page.add_patch(Rectangle((start, y - 1.3), end - start, 2.6, color=shade, linewidth=0))
    at = place(model.cut_off)
    page.plot([at, at], [y - 2.1, y + 2.1], color=style.BLACK, linewidth=0.9)
    mark = "<" if model.risk < low else ">" if model.risk > high else "D"
    colour = GROUP_COLOURS[model.risk_group]
    page.plot(
        place(model.risk),
        y,
        mark,
        color=colour,
        markersize=4.5,
        markeredgecolor="white",
        markeredgewidth=0.5,
    )
