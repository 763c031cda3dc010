"""Survival as yes or no at a horizon."""

import numpy as np

from taceflow.survival.evaluation.binary_outcome import death_by


def test_who_died_by_a_horizon_is_known_or_not():
    time = np.array([10.0, 24.0, 24.0, 30.0, 30.0, 10.0])
    event = np.array([1, 1, 0, 1, 0, 0])
    np.testing.assert_array_equal(death_by(time, event, 24.0), [1, 1, 0, 0, 0, np.nan])
