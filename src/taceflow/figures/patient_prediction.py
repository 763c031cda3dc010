"""What the models say of one new patient, beside what became of the training patients."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from taceflow.figures import style
from taceflow.figures.patient_models import (
    HEAD_MM,
    ModelSays,
    Predictions,
    interval,
    percent,
)
from taceflow.figures.patient_scores import GROUP_COLOURS, draw_scores, scores_height_mm
from taceflow.wording.lettering import fill, line_height_mm, shortened, width_mm
from taceflow.wording.printing import EN_DASH

_SIZE, _TITLE = 6.0, 8.0
_LEFT_MM, _PANEL_MM, _PLOT_MM, _GAP_MM = 13.0, 76.0, 34.0, 5.0


def prediction_figure(predictions: Predictions) -> Figure:
    """Draw survival by the first model, and all models' scores, as wide as a page.

    Of more horizons than there is room for some are left out.
    """
    predictions = predictions.thinned()
    height = prediction_height_mm(predictions)
    figure = style.new_figure(style.TWO_COLUMNS_MM, height, layout=None)
    draw_predictions(figure, predictions, left=0.0, bottom=0.0)
    return figure


def prediction_height_mm(predictions: Predictions) -> float:
    """Return how high `draw_predictions` draws."""
    if not predictions.models:
        return 8.0
    below = _foot_mm(predictions.models[0]) + len(_notes(predictions)) * line_height_mm(_SIZE)
    return max(HEAD_MM + _PLOT_MM + below, scores_height_mm(predictions))


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
        page.text(0, 4, said, size=_TITLE, weight="bold", va="center")
        return
    first = predictions.models[0]
    _draw_heads(page, first)
    place = (left + _LEFT_MM, bottom + height - HEAD_MM - _PLOT_MM)
    plot = style.axes_in_mm(figure, *place, _PANEL_MM - _LEFT_MM, _PLOT_MM)
    draw_survival(plot, first, predictions.horizons_months)
    _write_numbers(page, first, predictions.horizons_months)
    for line, text in enumerate(_notes(predictions)):
        y = HEAD_MM + _PLOT_MM + _foot_mm(first) + (line + 0.5) * line_height_mm(_SIZE)
        page.text(0, y, text, size=_SIZE, va="center")
    draw_scores(page, predictions, _PANEL_MM + _GAP_MM)


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
    title = shortened(f"Predicted survival: {model.label}", _PANEL_MM / 1.1, _TITLE)
    page.text(0, 2, title, size=_TITLE, weight="bold", va="center")
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
        "Survival": [percent(estimate) for estimate, _, _ in model.survival],
    }
    if model.has_interval:
        lines["95% CI"] = [interval(*ends) for _, *ends in model.survival]
    step = (_PANEL_MM - _LEFT_MM) / len(horizons_months)
    for line, (head, texts) in enumerate(lines.items()):
        y = HEAD_MM + _PLOT_MM + 2.4 + 3 * line
        page.text(_LEFT_MM - 2, y, head, size=_SIZE, va="center", ha="right")
        weight = "bold" if head == "Survival" else "normal"
        for place, text in enumerate(texts):
            x = _LEFT_MM + (place + 0.5) * step
            page.text(x, y, text, size=_SIZE, weight=weight, va="center", ha="center")


def _notes(predictions: Predictions) -> list[str]:
    """Return the lines below the large panel: what it cannot show, and how good the model is."""
    model = predictions.models[0]
    told = []
    if model.is_network:
        told.append("A network has no interval.")
    elif not model.has_interval:
        told.append("The bundle tells no interval of this model.")
    if any(not math.isfinite(estimate) for estimate, _, _ in model.survival):
        told.append(f"{EN_DASH}: beyond the training patients' follow-up.")
    if not any(group["survival"] for group in model.groups.values()):
        told.append("The bundle tells no survival of its risk groups.")
    if model.merit:
        told.append(f"Harrell's C in the {predictions.cohort} cohort: {model.merit}.")
    return fill(" ".join(told), _PANEL_MM, _SIZE) if told else []
