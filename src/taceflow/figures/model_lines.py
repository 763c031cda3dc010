"""The lines by which models are told apart, in colour and in grey."""

from taceflow.figures.style import BLACK, BLUE, DASHES, GREEN, GREY, ORANGE, PURPLE, VERMILLION
from taceflow.models import MODELS

_COLOURS = (GREEN, ORANGE, BLUE, VERMILLION, PURPLE)

MODEL_LINES = {
    # a sixth model has the first one's colour with another dash
    **{
        model: (_COLOURS[place % 5], DASHES[(place + place // 5) % 5])
        for place, model in enumerate(MODELS)
    },
    "treat_all": (GREY, DASHES[0]),
    "treat_none": (BLACK, DASHES[0]),
}
"""Colour and line style of each model and strategy; no two have both alike."""
