"""Figures S2 B and C."""

import io

import numpy as np
import pytest

from taceflow.figures.lasso_cv import lasso_cv
from taceflow.figures.lasso_path import _apart, lasso_path


def svg(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def scales(finished):
    training = finished.features.iloc[:40].set_index("patient_id")
    return training.std(ddof=0)


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


def test_survivors_are_labelled_in_the_svg(finished):
    text = svg(lasso_path(finished.path, finished.cv, finished.radscore, scales(finished)))
    for name in finished.radscore["coefficients"]:
        assert f"<!-- {name} -->" in text
    entered = set(finished.path["feature"]) - set(finished.radscore["coefficients"])
    assert entered
    for name in entered:
        assert name not in text


def test_profiles_are_a_standard_deviation_and_start_at_zero(finished):
    width = scales(finished)
    axes = lasso_path(finished.path, finished.cv, finished.radscore, width).axes[0]
    drawn = [line for line in axes.lines if len(line.get_xdata()) == len(finished.cv)]
    ends = sorted(line.get_ydata()[-1] for line in drawn)
    last = finished.path[finished.path["lambda"] == finished.cv["lambda"].min()]
    expected = sorted(last["coefficient"] * last["feature"].map(width))
    np.testing.assert_allclose(ends, expected)
    assert all(line.get_ydata()[0] == 0 for line in drawn)


def test_nothing_ever_entered(finished):
    model = finished.radscore | {"coefficients": {}, "note": "No feature was selected."}
    figure = lasso_path(finished.path.iloc[:0], finished.cv, model, scales(finished))
    assert "No feature was selected." in svg(figure)
    figure = lasso_cv(finished.cv.iloc[:0], model)
    assert "No feature was selected." in svg(figure)


def test_entered_but_nothing_chosen(finished):
    model = finished.radscore | {"coefficients": {}, "lambda": finished.cv["lambda"].max()}
    text = svg(lasso_path(finished.path, finished.cv, model, scales(finished)))
    assert "0 selected, 4 others in grey" in text


def test_labels_keep_their_distance():
    places = _apart(np.array([0.1, 0.1, 0.11, 0.95, 0.96, 1.0]), 0.05)
    assert (np.diff(places) >= 0.05 - 1e-12).all()
    assert places.max() <= 1


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


def test_an_unpenalised_end_does_not_hide_what_was_selected(finished):
    path = finished.path.copy()
    path.loc[path["lambda"] <= finished.cv["lambda"].iloc[20], "coefficient"] *= 1e5
    figure = lasso_path(path, finished.cv, finished.radscore, scales(finished))
    axes = figure.axes[0]
    used = path[path["lambda"] == finished.radscore["lambda"]].set_index("feature")["coefficient"]
    largest = (used * scales(finished).reindex(used.index)).abs().max()
    low, high = axes.get_ylim()
    assert largest / (high - low) > 0.05
    assert low < -largest < largest < high
    assert "profiles go on beyond the axis" in axes.get_xlabel()
    # a third more of the path than what can be read, not all of what cannot
    right = axes.get_xlim()[1]
    assert -np.log(finished.cv["lambda"][20]) < right < -np.log(finished.cv["lambda"].iloc[-1])
    plain = lasso_path(finished.path, finished.cv, finished.radscore, scales(finished)).axes[0]
    assert "beyond" not in plain.get_xlabel()
