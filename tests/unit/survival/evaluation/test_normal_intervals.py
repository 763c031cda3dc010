"""Intervals and tests of the normal distribution, by its table."""

import numpy as np
import pytest

from taceflow.survival.evaluation.normal_intervals import normal_interval, z_test


def test_a_difference_of_two_standard_errors():
    found = z_test(0.1, 0.05)
    assert found.p == pytest.approx(0.0455, abs=5e-5)
    np.testing.assert_allclose(
        found[1:3], [0.1 - 1.959964 * 0.05, 0.1 + 1.959964 * 0.05], rtol=1e-5
    )
    assert z_test(-0.1, 0.05).p == pytest.approx(found.p)


def test_limits_are_cut_where_nothing_can_be():
    assert z_test(0.9, 0.2)[2] == 1
    assert z_test(-0.9, 0.2)[1] == -1
    assert normal_interval(0.95, 0.1, 0, 1) == (pytest.approx(0.95 - 0.1959964), 1)
    assert normal_interval(0.05, 0.1, 0, 1)[0] == 0
    assert normal_interval(0.95, 0.1)[1] == pytest.approx(0.95 + 0.1959964)


def test_without_any_spread_there_is_no_test():
    for estimate in (0.0, 0.5):
        found = z_test(estimate, 0.0)
        assert found.estimate == estimate
        assert np.isnan(found[1:]).all()
        assert found.note.startswith("neither interval nor test: both order")
    assert z_test(0.1, 0.2).note == ""
    assert z_test(np.nan, np.nan).note == ""
