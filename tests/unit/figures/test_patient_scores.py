"""Each model's score on the scale of its training patients."""

import math
from dataclasses import replace

import pytest

from taceflow.figures.patient_models import ModelSays, Predictions
from taceflow.figures.patient_scores import GROUP_COLOURS, draw_scores, scores_height_mm
from taceflow.figures.style import axes_in_mm, new_figure

MONTHS = (12.0, 36.0)
QUANTILES = {"q025": math.nan, "q10": -1.2, "q25": -0.5, "q50": 0.1, "q75": 0.6, "q90": 1.4}
MODEL = ModelSays(
    label="DLOP-Cox",
    is_network=False,
    risk=0.9,
    risk_group="high",
    survival=((0.784, 0.64, 0.871), (0.4, 0.2, 0.61)),
    cut_off=0.1,
    quantiles=QUANTILES,
    groups={},
)


def drawn(predictions):
    height = scores_height_mm(predictions)
    figure = new_figure(178, height, layout=None)
    page = axes_in_mm(figure, 0, 0, 178, height)
    page.set(xlim=(0, 178), ylim=(height, 0))
    page.set_axis_off()
    draw_scores(page, predictions, 81)
    return figure


def said(**changes):
    model = replace(MODEL, **changes)
    return [text.get_text() for text in drawn(Predictions(MONTHS, (model,))).axes[0].texts]


def test_each_model_has_a_row_with_its_survival(faults):
    network = replace(MODEL, label="DLOP-Combin", survival=((0.5, math.nan, math.nan),) * 2)
    figure = drawn(Predictions(MONTHS, (network, MODEL)))
    assert faults(figure) == []
    rows = {}
    for text in figure.axes[0].texts:
        rows.setdefault(round(text.get_position()[1], 1), []).append(text.get_text())
    assert ["DLOP-Combin", "high", "50%", "50%"] in rows.values()
    assert ["DLOP-Cox", "high"] in rows.values()
    assert ["78%", "40%"] in rows.values()
    assert ["64–87", "20–61"] in rows.values()


@pytest.mark.parametrize(("horizons", "arrow"), [(1, "low risk ←"), (5, "low ←")])
def test_the_direction_of_the_scores_stands_over_their_strips(faults, horizons, arrow):
    model = replace(MODEL, survival=MODEL.survival[:1] * horizons)
    figure = drawn(Predictions(tuple(range(1, horizons + 1)), (model,)))
    assert faults(figure) == []
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if text.startswith(f"{arrow} score")]


def test_the_strip_holds_what_is_known_of_the_training_patients():
    assert "Grey: middle 80% and half of the training patients." in " ".join(said())
    every = QUANTILES | {"q025": -2.0, "q975": 3.0}
    assert "middle 95%, 80% and half" in " ".join(said(quantiles=every))
    assert "Grey" not in " ".join(said(quantiles={}))


def marks(**changes):
    """Return shape and place of the patient's mark, where the cut-off is, and the mark's colour."""
    lines = list(drawn(Predictions(MONTHS, (replace(MODEL, **changes),))).axes[0].lines)
    (mark,) = [line for line in lines if line.get_marker() in ("D", "<", ">")]
    cut_off = lines[lines.index(mark) - 1]
    return mark.get_marker(), mark.get_xdata()[0], cut_off.get_xdata()[0], mark.get_color()


def test_the_patients_mark_is_on_the_side_of_the_cut_off_that_its_group_says():
    shape, place, cut_off, colour = marks(risk=0.9)
    assert (shape, colour) == ("D", GROUP_COLOURS["high"])
    assert place > cut_off
    shape, place, cut_off, colour = marks(risk=-0.4, risk_group="low")
    assert (shape, colour) == ("D", GROUP_COLOURS["low"])
    assert place < cut_off


def test_a_patient_far_beyond_is_an_arrow_at_the_end():
    assert marks(risk=50.0)[:2] == (">", pytest.approx(marks(risk=1e6)[1]))
    assert marks(risk=-50.0)[0] == "<"


def test_a_strip_without_quantiles_has_the_patient_on_it():
    shape, place, cut_off, _ = marks(quantiles={})
    assert shape == "D"
    assert place > cut_off
