"""Survival in print, and whether there is an interval."""

import math
from dataclasses import replace

import pytest

from taceflow.figures.patient_models import ModelSays, Predictions, interval, percent, survival_text

NONE = math.nan


@pytest.mark.parametrize(
    ("survival", "text"),
    [
        ((0.784, 0.64, 0.871), "78% (64–87)"),
        ((0.995, NONE, NONE), "100%"),
        ((0.004, 0.0, 0.0049), "0% (0–0)"),
        ((NONE, NONE, NONE), "–"),
    ],
)
def test_survival_in_print(survival, text):
    assert survival_text(survival) == text
    assert text.startswith(percent(survival[0]))
    assert interval(*survival[1:]) in (text.partition("(")[2].removesuffix(")"), "–")


def test_one_interval_is_enough():
    model = ModelSays(
        label="",
        is_network=False,
        risk=0,
        risk_group="low",
        survival=((0.8, NONE, NONE), (0.5, 0.4, 0.6)),
        cut_off=0,
        quantiles={},
        groups={},
    )
    without = replace(model, survival=model.survival[:1])
    assert (model.has_interval, without.has_interval) == (True, False)
    assert Predictions((12.0,), (without, model)).has_interval
    assert not Predictions((12.0,), (without,)).has_interval
    assert not Predictions((12.0,), ()).has_interval


def test_of_many_horizons_five_are_drawn():
    months = tuple(6.0 * place for place in range(1, 11))
    model = ModelSays(
        label="",
        is_network=False,
        risk=0,
        risk_group="low",
        survival=tuple((month / 100, NONE, NONE) for month in months),
        cut_off=0,
        quantiles={},
        groups={},
    )
    few = Predictions(months, (model,), "external").thinned()
    assert few.horizons_months == (6.0, 18.0, 30.0, 48.0, 60.0)
    assert [survival[0] for survival in few.models[0].survival] == [0.06, 0.18, 0.3, 0.48, 0.6]
    assert few.cohort == "external"
    five = Predictions(months[:5], (replace(model, survival=model.survival[:5]),))
    assert five.thinned() is five
