"""Wald's limits and p, by the table of the normal distribution."""

from dataclasses import dataclass

import numpy as np
import pytest

from taceflow.survival.regression.wald import Estimates


@dataclass(frozen=True, kw_only=True)
class Fit(Estimates):
    covariance: np.ndarray


def test_ratio_limits_and_p():
    found = Fit(
        names=("a", "b"),
        coefficients=np.array([np.log(2), 0.0]),
        covariance=np.array([[0.04, 0.01], [0.01, 1.0]]),
        n=50,
        events=20,
    )
    np.testing.assert_allclose(found.standard_errors, [0.2, 1.0])
    limits = 2 * np.exp([0, -1.959964 * 0.2, 1.959964 * 0.2])
    np.testing.assert_allclose(found.ratios[0], limits, rtol=1e-6)
    # z = 3.4657
    assert found.wald_p[0] == pytest.approx(5.288e-4, rel=1e-3)
    assert found.wald_p[1] == 1


def test_a_ratio_beyond_what_a_number_holds_is_infinite():
    found = Fit(names=("a",), coefficients=np.array([800.0]), covariance=np.eye(1), n=50, events=20)
    assert found.ratios[0].tolist() == [np.inf] * 3
