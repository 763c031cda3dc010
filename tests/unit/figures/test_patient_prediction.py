"""What the models say of a patient, drawn beside the training patients."""

import math
from dataclasses import replace

import pytest
from matplotlib.patches import Rectangle

from taceflow.figures.patient_models import ModelSays, Predictions
from taceflow.figures.patient_prediction import draw_survival, prediction_figure
from taceflow.figures.patient_scores import GROUP_COLOURS
from taceflow.figures.style import new_figure

NONE = math.nan
MONTHS = (12.0, 36.0, 60.0)
GROUPS = {
    "low": {"n": 52, "survival": {"12": [0.9, 0.8, 0.96], "36": [0.6, 0.5, 0.7]}},
    "high": {"n": 48, "survival": {"12": [0.6, 0.46, 0.7]}},
}
QUANTILES = {"q025": NONE, "q10": -1.2, "q25": -0.5, "q50": 0.1, "q75": 0.6, "q90": 1.4}
COX = ModelSays(
    label="DLOP-Cox",
    is_network=False,
    risk=0.9,
    risk_group="high",
    survival=((0.784, 0.64, 0.871), (0.4, 0.2, 0.61), (NONE, NONE, NONE)),
    cut_off=0.1,
    quantiles=QUANTILES,
    groups=GROUPS,
    merit="0.71 (0.61–0.81)",
)
NETWORK = replace(
    COX,
    label="DLOP-Combin",
    is_network=True,
    survival=((0.8, NONE, NONE), (0.5, NONE, NONE), (0.3, NONE, NONE)),
)


def months(count):
    return tuple(12.0 * (place + 1) for place in range(count))


def at(model, count):
    """A model that predicts at so many horizons."""
    return replace(model, survival=model.survival[:1] * count)


@pytest.mark.parametrize("horizons", [1, 3, 5, 12])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_nothing_is_cut_off_small_or_on_another_word(faults, horizons, count):
    names = ("Clinical", "Six-and-twelve", "A model of one's own with a very long name")
    models = [at(NETWORK if place % 2 else COX, horizons) for place in range(count)]
    models = [replace(one, label=names[place % 3]) for place, one in enumerate(models)]
    assert faults(prediction_figure(Predictions(months(horizons), tuple(models), "external"))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": {}},
        {"groups": {"high": GROUPS["high"]}},
        {"quantiles": {}},
        {"quantiles": dict.fromkeys(QUANTILES, 0.1)},
        {"risk": 1e9, "merit": ""},
        {"survival": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.999, 0.99, 1.0))},
    ],
)
@pytest.mark.parametrize("model", [COX, NETWORK])
def test_what_is_not_told_leaves_nothing_on_another_word(faults, model, changes):
    models = (replace(model, **changes), replace(COX, **changes))
    assert faults(prediction_figure(Predictions(MONTHS, models))) == []


def test_many_notes_stay_below_their_panel_beside_many_scores(faults):
    model = replace(COX, groups={}, survival=((0.8, NONE, NONE), *[(NONE,) * 3] * 2))
    assert faults(prediction_figure(Predictions(MONTHS, (model,) * 10, "external"))) == []


def test_without_a_model_it_says_so(faults, texts):
    figure = prediction_figure(Predictions(MONTHS, ()))
    assert faults(figure) == []
    assert any("No model predicts this patient" in text for text in texts(figure))


def drawn(model, horizons=MONTHS):
    axes = new_figure(80, 60).add_subplot()
    draw_survival(axes, model, horizons)
    return axes


def test_points_bars_and_bands_lie_where_the_numbers_are():
    axes = drawn(COX)
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [point.get_ydata()[0] for point in points][:2] == pytest.approx([78.4, 40])
    bars = [line for line in axes.lines if line.get_color() == "#000000" and line not in points]
    assert [list(bar.get_ydata()) for bar in bars] == [
        pytest.approx([64, 87.1]),
        pytest.approx([20, 61]),
    ]
    bands = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [(band.get_y(), band.get_y() + band.get_height()) for band in bands] == [
        pytest.approx((80, 96)),
        pytest.approx((46, 70)),
        pytest.approx((50, 70)),
    ]
    estimates = [line for line in axes.lines if line.get_color() in GROUP_COLOURS.values()]
    assert [line.get_ydata()[0] for line in estimates] == pytest.approx([90, 60, 60])


def test_a_network_has_points_alone_and_says_why(texts):
    black = [line for line in drawn(NETWORK).lines if line.get_color() == "#000000"]
    assert [line.get_marker() for line in black] == ["o", "o", "o"]
    said = " ".join(texts(prediction_figure(Predictions(MONTHS, (NETWORK,)))))
    assert "A network has no interval." in said
    assert "95%" not in said


@pytest.mark.parametrize("groups", [{}, {"low": {"n": 12, "survival": {}}}])
def test_groups_of_which_nothing_is_told_are_not_in_the_legend(texts, groups):
    said = texts(prediction_figure(Predictions(MONTHS, (replace(COX, groups=groups),))))
    assert "The bundle tells no survival of its risk groups." in " ".join(said)
    assert not [text for text in said if "n = " in text]


def test_a_bundle_without_intervals_says_so(texts):
    old = replace(COX, survival=NETWORK.survival)
    said = " ".join(texts(prediction_figure(Predictions(MONTHS, (old,)))))
    assert "The bundle tells no interval of this model." in said


def test_numbers_stand_below_their_horizon(texts):
    said = texts(prediction_figure(Predictions(MONTHS, (COX,), "validation")))
    for text in ("78%", "64–87", "40%", "20–61", "12", "36", "60", "high"):
        assert text in said
    assert "–" in said
    whole = " ".join(said)
    assert "–: beyond the training patients' follow-up." in whole
    assert "Harrell's C in the validation cohort: 0.71 (0.61–0.81)." in whole
    assert "training patients of low risk (n = 52)" in said
    assert "high risk (n = 48)" in said
