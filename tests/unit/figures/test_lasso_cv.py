"""Figure S2 B."""

import numpy as np
import pytest

from taceflow.figures.lasso_cv import lasso_cv


def test_points_and_standard_errors_are_those_of_the_table(finished):
    axes = lasso_cv(finished.cv, finished.radscore).axes[0]
    points, _, (bars,) = axes.containers[0]
    np.testing.assert_allclose(points.get_xdata(), -np.log(finished.cv["lambda"]))
    np.testing.assert_allclose(points.get_ydata().astype(float), finished.cv["cvm"])
    heights = [segment[1, 1] - segment[0, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(heights, 2 * finished.cv["cvsd"])


def test_both_penalties_are_marked(finished):
    figure = lasso_cv(finished.cv, finished.radscore)
    lines = {line.get_label(): line.get_xdata()[0] for line in figure.axes[0].lines}
    assert lines["λ.min"] == pytest.approx(-np.log(finished.radscore["lambda_min"]))
    assert lines["λ.1se"] == pytest.approx(-np.log(finished.radscore["lambda_1se"]))


def test_counts_on_top_are_those_of_the_table(finished):
    figure = lasso_cv(finished.cv, finished.radscore)
    figure.canvas.draw()
    top = figure.axes[0].child_axes[0]
    by_place = dict(zip(-np.log(finished.cv["lambda"]), finished.cv["nonzero"], strict=True))
    for place, label in zip(top.get_xticks(), top.get_xticklabels(), strict=True):
        assert int(label.get_text()) == by_place[place]


def test_binomial_deviance_is_named(finished):
    model = finished.radscore | {"family": "binomial"}
    assert lasso_cv(finished.cv, model).axes[0].get_ylabel() == "Binomial deviance"


def test_an_exploding_end_does_not_hide_the_minimum(finished):
    table = finished.cv.copy()
    table.loc[20:, "cvm"] += 500
    axes = lasso_cv(table, finished.radscore).axes[0]
    assert axes.get_ylim()[1] < 20
    assert any(text.get_text() == "rises to 509 beyond the axis" for text in axes.texts)
    assert lasso_cv(finished.cv, finished.radscore).axes[0].get_ylim()[1] > finished.cv["cvm"].max()


def test_bars_beyond_the_axis_do_not_press_the_curve_flat(finished):
    table = finished.cv.copy()
    table.loc[20:, "cvm"] += 500
    table.loc[20:, "cvsd"] = 4000
    table.loc[15:19, "cvsd"] = 60
    axes = lasso_cv(table, finished.radscore).axes[0]
    low, high = axes.get_ylim()
    shown = table["cvm"][:20]
    assert low < shown.min() < shown.max() < high
    # the curve takes a tenth of the height at least, as it does without the bars
    assert (shown.max() - shown.min()) / (high - low) > 0.1
    # along the axis too: the selection's side takes three quarters of it
    left, right = axes.get_xlim()
    assert -np.log(table["lambda"][19]) > left + 0.75 * (right - left)
    only_bars = lasso_cv(finished.cv.assign(cvsd=[0.2] * 15 + [60] * 15), finished.radscore).axes[0]
    assert only_bars.get_ylim()[0] > 0
    assert "error bars go on beyond the axis" in [text.get_text() for text in only_bars.texts]


def test_without_a_path_the_reason_is_said(finished, texts):
    model = finished.radscore | {"coefficients": {}, "note": "No feature was selected."}
    assert "No feature was selected." in texts(lasso_cv(finished.cv.iloc[:0], model))
