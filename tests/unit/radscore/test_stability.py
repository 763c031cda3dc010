"""Selection frequency over bootstrap resamples, and its figure."""

import numpy as np

from taceflow.radscore.lasso_cox import fit_resample
from taceflow.radscore.resampling import draw_resample
from taceflow.radscore.stability import coefficients_of, selection_table


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
            coefficients_of(
                fit_resample,
                "lambda.min",
                values,
                (time, event),
                *draw_resample(event, 5, 2, number),
            )
            for number in range(12)
        ]
    )
    table = selection_table([f"F{k}" for k in range(30)], found)
    assert table.loc[0, ["feature", "frequency", "positive"]].tolist() == ["F4", 1.0, 12]
    assert table.loc[1:, "frequency"].mean() < 0.6
