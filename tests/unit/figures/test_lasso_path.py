"""Figure S2 C."""

import io

import numpy as np

from taceflow.figures.lasso_path import _apart, lasso_path


def svg(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def scales(finished):
    training = finished.features.iloc[:40].set_index("patient_id")
    return training.std(ddof=0)


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


def test_entered_but_nothing_chosen(finished):
    model = finished.radscore | {"coefficients": {}, "lambda": finished.cv["lambda"].max()}
    text = svg(lasso_path(finished.path, finished.cv, model, scales(finished)))
    assert "0 selected, 4 others in grey" in text


def test_labels_keep_their_distance():
    places = _apart(np.array([0.1, 0.1, 0.11, 0.95, 0.96, 1.0]), 0.05)
    assert (np.diff(places) >= 0.05 - 1e-12).all()
    assert places.max() <= 1


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
