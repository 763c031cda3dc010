"""Figure S2 D."""

import numpy as np

from taceflow.figures.selected_heat_map import selected_heat_map


def test_selected_features_are_named_with_their_sign(finished, texts):
    weights = finished.radscore["coefficients"]
    figure = selected_heat_map(finished.features, finished.patients, finished.scores, weights)
    found = texts(figure)
    for name, weight in weights.items():
        assert f"{name}  ({'+' if weight > 0 else '−'})" in found


def test_patients_are_ordered_by_radscore_within_cohorts(finished):
    weights = finished.radscore["coefficients"]
    figure = selected_heat_map(finished.features, finished.patients, finished.scores, weights)
    bars = next(axes for axes in figure.axes if axes.get_ylabel() == "Radscore").patches
    tops = np.array([bar.get_y() + bar.get_height() for bar in bars])
    assert (np.diff(tops[:40]) >= 0).all()
    assert (np.diff(tops[40:]) >= 0).all()


def test_a_radscore_of_the_users_own_orders_nobody(finished):
    weights = finished.radscore["coefficients"]
    heights = []
    for patients in (finished.patients, finished.patients.assign(radscore=1.0, position=0)):
        figure = selected_heat_map(finished.features, patients, finished.scores, weights)
        axes = next(axes for axes in figure.axes if axes.get_ylabel() == "Radscore")
        heights.append([bar.get_height() for bar in axes.patches])
    assert heights[0] == heights[1]


def test_nothing_selected_is_said_in_words(finished, texts):
    figure = selected_heat_map(finished.features, finished.patients, finished.scores, {})
    assert "No feature was selected" in " ".join(texts(figure))
