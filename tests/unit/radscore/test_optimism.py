"""Optimism of the Radscore: what its own resamples say of the concordance in training."""

import numpy as np
import pytest

from taceflow.radscore.optimism import resampled_concordance
from taceflow.radscore.resampling import draw_resample
from taceflow.survival.evaluation.concordance import concordance


@pytest.fixture
def noise():
    """60 patients, 40 features that know nothing, and the one that each resample picks."""
    random = np.random.default_rng(2)
    features = random.normal(size=(60, 40))
    time, event = random.exponential(20, 60) + 0.1, (random.random(60) < 0.8).astype(int)
    coefficients = np.zeros((25, 40))
    for number in range(25):
        rows, _ = draw_resample(event, 5, 7, number)
        found = [
            concordance(time[rows], event[rows], features[rows, j]).estimate for j in range(40)
        ]
        best = int(np.argmax(np.abs(np.array(found) - 0.5)))
        coefficients[number, best] = 1.0 if found[best] > 0.5 else -1.0
    return features, time, event, coefficients


def test_a_score_chosen_among_noise_is_optimistic(noise):
    features, time, event, coefficients = noise
    table = resampled_concordance(coefficients, features, time, event,
                                  drawn_by=event, folds=5, seed=7)  # fmt: skip
    optimism = (table["c_index_resample"] - table["c_index_training"]).mean()
    assert table["c_index_resample"].min() > 0.6
    assert optimism > 0.05


def test_resamples_are_those_that_were_fitted(noise):
    features, time, event, coefficients = noise
    coefficients[3] = np.nan
    table = resampled_concordance(coefficients, features, time, event,
                                  drawn_by=event, folds=5, seed=7)  # fmt: skip
    assert table["resample"].tolist() == [0, 1, 2, *range(4, 25)]
    rows, _ = draw_resample(event, 5, 7, 4)
    score = features @ coefficients[4]
    expected = concordance(time[rows], event[rows], score[rows]).estimate
    assert table.set_index("resample").loc[4, "c_index_resample"] == expected


def test_a_score_of_nothing_is_at_chance(noise):
    features, time, event, coefficients = noise
    table = resampled_concordance(0 * coefficients, features, time, event,
                                  drawn_by=event, folds=5, seed=7)  # fmt: skip
    assert (table[["c_index_resample", "c_index_training"]] == 0.5).all(axis=None)
