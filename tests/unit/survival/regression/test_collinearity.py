"""Columns that cannot be in a model are named; information that is lost is told from little."""

import numpy as np
import pytest

from taceflow.errors import CollinearityError
from taceflow.survival.regression.collinearity import collinear_column, lost_information
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


def test_information_is_lost_in_the_direction_that_has_least_of_what_there_was():
    before = np.diag([4.0, 9.0, 1.0])
    assert not lost_information(0.5 * before, before)[1]
    assert lost_information(np.diag([4.0, 9e-13, 1.0]), before) == (1, False)
    assert lost_information(np.diag([4.0, 9e-15, 1.0]), before) == (1, True)
    assert lost_information(np.empty((0, 0)), np.empty((0, 0))) == (0, False)
