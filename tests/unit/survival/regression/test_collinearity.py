"""Columns that cannot be in a model are named; information that is lost is told from little."""

import numpy as np
import pytest

from taceflow.errors import CollinearityError, SeparationError
from taceflow.survival.regression.collinearity import (
    collinear_column,
    farthest_column,
    lost_information,
)
from taceflow.survival.regression.cox import fit_cox


def test_collinear_and_constant_variables_are_named(cohort):
    time, event = cohort["time_months"], cohort["event"]
    both = np.column_stack(
        [cohort["strong"], cohort["weak"], cohort["strong"] - 2 * cohort["weak"]]
    )
    with pytest.raises(CollinearityError, match=r"^sum") as caught:
        fit_cox(time, event, both, ["strong", "weak", "sum"])
    assert caught.value.variable == "sum"
    with pytest.raises(CollinearityError, match="flat"):
        fit_cox(time, event, np.full((160, 1), 7.3), ["flat"])
    assert collinear_column(both[:, :2]) is None


def test_information_is_lost_where_a_direction_has_none_left_of_what_there_was():
    start = (np.zeros(3), np.diag([4.0, 9.0, 1.0]))
    runs, stands = np.array([0.1, -2.0, 0.3]), np.array([1e-9, 0.0, 0.0])
    assert not lost_information([start, (runs, 0.5 * start[1])])
    for end, lost in ((9e-13, False), (9e-15, True)):
        way = [start, (runs, start[1]), (stands, np.diag([4.0, end, 1.0]))]
        assert lost_information(way) == lost
        assert farthest_column(way) == 1
    assert farthest_column([start]) == 0
    assert not lost_information([(np.zeros(0), np.empty((0, 0)))])


def test_rounding_does_not_choose_which_of_the_variables_that_separate_together_is_named():
    """Patients in another order: the same sums, but for their last digits."""
    rng = np.random.default_rng(11)
    design = rng.normal(size=(16, 5))
    time = np.exp(-design @ [2.0, 0.5, 1.5, 2.0, 2.2])
    named = set()
    for _ in range(40):
        order = rng.permutation(16)
        with pytest.raises(SeparationError) as caught:
            fit_cox(time[order], np.ones(16), design[order], list("abcde"))
        named.add(caught.value.variable)
    assert len(named) == 1
