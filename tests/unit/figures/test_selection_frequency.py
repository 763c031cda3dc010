"""The figure of how often each feature is selected."""

import io

import pandas as pd
import pytest

from taceflow.figures.selection_frequency import selection_frequency, shown_features

FREQUENCY = pd.DataFrame(
    {
        "feature": [f"F{k:02d}" for k in range(20)],
        "resamples": 50,
        "selected": [50 - 2 * k for k in range(20)],
        "frequency": [1 - 2 * k / 50 for k in range(20)],
        "positive": 0,
        "sign_flips": [0, 4, *[0] * 18],
    }
)


def svg(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def test_the_figure_shows_the_selected_and_ten_runners_up():
    rows = shown_features(FREQUENCY, {"F05": 1.0, "F12": -1.0})
    assert rows["feature"].tolist()[:4] == ["F05", "F12", "F00", "F01"]
    assert len(rows) == 12
    figure = selection_frequency(FREQUENCY, {"coefficients": {"F05": 1.0}})
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths[:2] == [80, 0]
    assert widths[4:6] == [88, 8]  # F01: 48 of 50, 4 of them with its rarer sign


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (FREQUENCY.iloc[:0], "No feature was reproducible"),
        (FREQUENCY.assign(resamples=0, selected=0), "The LASSO could be fitted"),
        (FREQUENCY.assign(selected=0), "None of 50 bootstrap resamples selected any"),
    ],
)
def test_a_figure_without_bars_says_why(table, words):
    model = {"coefficients": {}, "choose": "lambda.1se"}
    assert words in " ".join(svg(selection_frequency(table, model)).split("-->"))
