"""The drawing of a nomogram: every line has its scale, every level its name over its tick."""

import numpy as np
import pytest

from taceflow.figures.nomogram import _moved_apart, _place_numbers, nomogram
from taceflow.survival.models.nomogram import Nomogram, Scale
from taceflow.wording.lettering import width_mm


@pytest.fixture
def drawn():
    """A factor of three levels and a score; survival at one horizon."""
    stage = Scale("bclc_b_substage", ("1", "2", "3"), np.array([0.0, 40.0, 100.0]))
    score = Scale("hap_score", ("0", "2", "4"), np.array([0.0, 20.0, 40.0]))
    survival = Scale("survival", ("0.9", "0.5", "0.1"), np.array([10.0, 70.0, 130.0]))
    return Nomogram((stage, score), 140.0, ((12.0, survival),))


def test_lines_stand_from_points_down_to_survival(drawn):
    axes = nomogram(drawn, {"hap_score": "HAP"}, "clinical", "n = 40, deaths 28").axes[0]
    named = {text.get_text(): text.get_position() for text in axes.texts}
    order = ["Points", "bclc_b_substage", "HAP", "Total points", "Survival at 12 months"]
    heights = [named[name][1] for name in order]
    assert heights == sorted(heights, reverse=True)
    assert "Nomogram, Clinical (n = 40, deaths 28)" in named
    # 40 of 100 points are two fifths of the width, 70 of the 140 that the total axis ends at half
    width = axes.get_xlim()[1]
    assert named["B1"][0] == pytest.approx(0, abs=2)
    assert named["B2"][0] == pytest.approx(0.4 * width)
    assert named["B3"][0] == pytest.approx(width)
    assert named["0.5"][0] == pytest.approx(0.5 * width)


def test_a_model_without_a_variable_is_said_in_words(texts):
    found = texts(nomogram(None, {}, "clinical", ""))
    assert "No variable entered the model Clinical." in found


def test_labels_keep_apart_and_near_their_ticks():
    x, halves = np.array([10.0, 11.0, 12.0, 80.0]), np.array([4.0, 4.0, 4.0, 4.0])
    middles = _moved_apart(x, halves)
    assert (np.diff(middles) >= halves[1:] + halves[:-1] - 1e-9).all()
    assert middles[3] == 80
    assert middles[1] == pytest.approx(11)


def test_a_number_without_room_over_its_tick_stands_under_it_or_nowhere():
    half = width_mm("0.95", 6) / 2
    placed = _place_numbers(np.array([50.0, 50 + half, 50 + 1.5 * half, 90.0]), ["0.95"] * 4)
    assert [(label.x, label.lane) for label in placed] == [(50, 1), (50 + half, -1), (90, 1)]
