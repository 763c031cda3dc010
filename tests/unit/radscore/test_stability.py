"""Selection frequency over bootstrap resamples, and its figure."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import ConvergenceError
from taceflow.figures.selection_frequency import selection_frequency, shown_features
from taceflow.radscore.resampling import Bootstrap, bootstrap_coefficients, draw_resample
from taceflow.radscore.stability import selection_table
from taceflow.radscore.stability_cox import coefficients_cox
from taceflow.radscore.table_s2 import write_table_s2

EVENT = np.tile([1, 1, 0], 20)


def test_copies_of_a_patient_share_a_fold_and_deaths_are_even():
    rows, fold = draw_resample(EVENT, 5, seed=3, number=7)
    assert len(rows) == len(EVENT)
    assert len(np.unique(rows)) < len(rows)
    places = pd.DataFrame({"row": rows, "fold": fold}).groupby("row")["fold"].nunique()
    assert (places == 1).all()
    drawn = pd.DataFrame({"row": rows, "fold": fold}).drop_duplicates()
    deaths = drawn.loc[EVENT[drawn["row"]] == 1].groupby("fold").size()
    assert len(deaths) == 5
    assert np.ptp(deaths) <= 1


def test_each_resample_has_its_own_stream_whatever_was_drawn_before():
    first = draw_resample(EVENT, 5, seed=3, number=7)
    draw_resample(EVENT, 5, seed=3, number=6)
    assert all(
        np.array_equal(*pair) for pair in zip(first, draw_resample(EVENT, 5, 3, 7), strict=True)
    )
    assert not np.array_equal(first[0], draw_resample(EVENT, 5, 3, 8)[0])
    assert not np.array_equal(first[0], draw_resample(EVENT, 5, 4, 7)[0])


def test_a_resample_with_few_deaths_has_as_many_folds():
    event = np.r_[np.ones(4, int), np.zeros(60, int)]
    rows, fold = draw_resample(event, 10, seed=1, number=0)
    drawn = np.unique(rows)
    assert fold.max() == event[drawn].sum() <= 4


class Selection:
    """Coefficients that show which resample they come from; every seventh fails."""

    def __call__(self, rows, fold):
        if rows.sum() % 7 == 0:
            raise ConvergenceError("no")
        return np.array([rows.sum() % 3 - 1.0, 0.0, float(fold.max())])


def test_the_number_of_processes_changes_nothing():
    both = [
        bootstrap_coefficients(
            Selection(), EVENT, 3, 4, Bootstrap(resamples=21, seed=5, threads=threads)
        )
        for threads in (1, 2)
    ]
    np.testing.assert_array_equal(*both)
    expected = []
    for number in range(21):
        try:
            expected.append(Selection()(*draw_resample(EVENT, 4, 5, number)))
        except ConvergenceError:
            expected.append(np.full(3, np.nan))
    np.testing.assert_array_equal(both[0], expected)
    assert 0 < np.isnan(both[0]).all(axis=1).sum() < 21


def test_counts_by_hand():
    coefficients = np.array(
        [
            [0.0, 1.0, -2.0],
            [0.0, 2.0, 3.0],
            [0.0, 0.0, -1.0],
            [np.nan, np.nan, np.nan],
        ]
    )
    table = selection_table(["never", "twice", "always"], coefficients)
    assert table["feature"].tolist() == ["always", "twice", "never"]
    assert table["resamples"].tolist() == [3, 3, 3]
    assert table["selected"].tolist() == [3, 2, 0]
    assert table["frequency"].tolist() == [1, 2 / 3, 0]
    assert table["positive"].tolist() == [1, 2, 0]
    assert table["sign_flips"].tolist() == [1, 0, 0]


def test_no_candidate_leaves_an_empty_table():
    assert selection_table([], np.empty((0, 0))).empty


def test_a_planted_feature_is_selected_more_often_than_noise():
    draw = np.random.default_rng(9)
    values = draw.normal(size=(150, 30))
    time = draw.exponential(20, 150) * np.exp(-1.2 * values[:, 4])
    event = (draw.random(150) < 0.8).astype(int)
    found = np.array(
        [
            coefficients_cox(values, time, event, "lambda.min", *draw_resample(event, 5, 2, number))
            for number in range(12)
        ]
    )
    table = selection_table([f"F{k}" for k in range(30)], found)
    assert table.loc[0, ["feature", "frequency", "positive"]].tolist() == ["F4", 1.0, 12]
    assert table.loc[1:, "frequency"].mean() < 0.6


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


def test_table_s2_has_the_frequency_of_each_feature(tmp_path):
    model = {"intercept": 0.2, "coefficients": {"F01": 0.5}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    FREQUENCY.to_csv(tmp_path / "frequency.tsv", sep="\t", index=False)
    paths = {"model": str(tmp_path / "model.json"), "table": str(tmp_path / "table.tsv")}
    write_table_s2(frequency=str(tmp_path / "frequency.tsv"), **paths)
    table = pd.read_csv(paths["table"], sep="\t").set_index("feature")
    assert table.loc["F01", ["frequency", "resamples", "sign_flips"]].tolist() == [0.96, 50, 4]
    assert table.loc["(Intercept)", ["frequency", "resamples"]].isna().all()
    write_table_s2(frequency=None, **paths)
    assert pd.read_csv(paths["table"], sep="\t")["frequency"].isna().all()
