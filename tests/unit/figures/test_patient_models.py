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
