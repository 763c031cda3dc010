"""What the Radscore may see."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import CohortTooSmallError
from taceflow.radscore.training_data import TrainingData, check_size, with_death_by


def test_survival_at_keeps_patients_and_features_together():
    data = TrainingData(
        features=pd.DataFrame({"F": [1.0, 2.0, 3.0]}, index=["a", "b", "c"]),
        time_months=np.array([5.0, 5.0, 50.0]),
        event=np.array([0, 1, 1]),
        fold=np.array([1, 2, 3]),
    )
    kept = with_death_by(data, 12.0)
    assert kept.features.index.tolist() == ["b", "c"]
    assert kept.event.tolist() == [1, 0]
    assert kept.fold.tolist() == [2, 3]
    assert kept.horizon_months == 12
    assert "1 more" in kept.note


@pytest.mark.parametrize(
    ("n", "events", "folds"), [(12, 6, 10), (12, 6, 3), (50, 19, 10), (50, 0, 3)]
)
def test_small_cohorts_are_refused_with_their_numbers(n, events, folds):
    with pytest.raises(CohortTooSmallError, match=f"{n} training patients with {events} deaths"):
        check_size(n, events, folds, "cox", None)


@pytest.mark.parametrize(("events", "helps"), [(9, False), (10, True)])
def test_fewer_folds_are_advised_where_they_help(events, helps):
    with pytest.raises(CohortTooSmallError, match="leave fewer to validation") as raised:
        check_size(50, events, 10, "cox", None)
    assert ("lower radscore.folds" in str(raised.value)) == helps


def test_large_enough_cohorts_pass():
    check_size(50, 20, 10, "cox", None)
    check_size(20, 10, 5, "cox", None)
    check_size(20, 12, 5, "binomial", None)


def test_a_binomial_fit_needs_survivors_too():
    with pytest.raises(CohortTooSmallError, match="7 of 19 training patients survived 12 months"):
        check_size(19, 12, 5, "binomial", 12.0)
