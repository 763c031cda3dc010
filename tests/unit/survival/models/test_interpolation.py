"""Survival between a network's breaks; the authors' values stand beside the curves of the heads."""

import numpy as np

from taceflow.survival.models.interpolation import interpolated_survival


def test_survival_starts_at_one():
    np.testing.assert_allclose(
        interpolated_survival(np.array([[0.5, 0.2]]), [0, 6, 12], [0.0]), [[1.0]]
    )
    np.testing.assert_allclose(
        interpolated_survival(np.array([[0.5, 0.2]]), [0, 6, 12], [3.0, 6.0]), [[0.75, 0.5]]
    )
