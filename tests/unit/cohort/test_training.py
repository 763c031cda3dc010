"""The training patients, found in one way."""

import pandas as pd

from taceflow.cohort.training import is_training, training_patients


def test_training_patients_stand_as_they_stood():
    cohort = pd.DataFrame(
        {"cohort": ["validation", "training", None, "external", "training"], "x": range(5)},
        index=[7, 5, 3, 2, 1],
    )
    assert is_training(cohort).tolist() == [False, True, False, False, True]
    pd.testing.assert_frame_equal(training_patients(cohort), cohort.loc[[5, 1]])
