"""Bootstrap resamples: drawn, each from its own stream, and fitted in any number of processes."""

import numpy as np
import pandas as pd

from taceflow.errors import ConvergenceError
from taceflow.radscore.resampling import Bootstrap, bootstrap_coefficients, draw_resample

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
