"""Selection frequency over bootstrap resamples, and the scores of each."""

import numpy as np
import pandas as pd
import pytest

from taceflow.files.schemas import validate_table
from taceflow.radscore.lasso_cox import fit_resample
from taceflow.radscore.resampling import draw_resample
from taceflow.radscore.stability import (
    SCORE_COLUMNS,
    coefficients_of,
    resampled_scores,
    selection_table,
)


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


@pytest.fixture
def fitted():
    """30 patients with six features, and the coefficients of five resamples."""
    random = np.random.default_rng(2)
    ids = pd.Index([f"P{number:02d}" for number in range(30)], name="patient_id")
    features = pd.DataFrame(random.normal(size=(30, 6)), index=ids)
    return features, (np.arange(30) % 3 > 0).astype(int), random.normal(size=(5, 6))


def scores(fitted, coefficients):
    features, event, _ = fitted
    table = resampled_scores(coefficients, features, drawn_by=event, folds=5, seed=7)
    validate_table(table, "radscore_resamples", source="made")
    return table


def test_scores_and_copies_of_each_resample(fitted):
    features, event, coefficients = fitted
    table = scores(fitted, coefficients)
    assert list(table.columns) == SCORE_COLUMNS
    for number, one in table.groupby("resample"):
        rows, _ = draw_resample(event, 5, 7, number)
        assert one["patient_id"].tolist() == features.index.tolist()
        assert one["copies"].tolist() == [int((rows == row).sum()) for row in range(30)]
        np.testing.assert_allclose(one["radscore"], features.to_numpy() @ coefficients[number])


def test_a_resample_that_could_not_be_fitted_has_no_scores(fitted):
    coefficients = fitted[2].copy()
    coefficients[3] = np.nan
    table = scores(fitted, coefficients)
    assert table["resample"].unique().tolist() == [0, 1, 2, 4]
    expected = scores(fitted, fitted[2])
    pd.testing.assert_frame_equal(table, expected[expected["resample"] != 3].reset_index(drop=True))


def test_without_a_fit_there_is_an_empty_table(fitted):
    assert scores(fitted, np.full((5, 6), np.nan)).empty
    assert scores(fitted, np.empty((0, 0))).empty
