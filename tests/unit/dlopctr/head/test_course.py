"""The course of a training: learning rate, end, the epoch that is kept."""

from dataclasses import replace

import pytest

from taceflow.dlopctr.head.course import Course


def test_the_learning_rate_falls_and_training_ends_early(chosen):
    course = Course(replace(chosen, plateau_epochs=2, stopping_epochs=4, learning_rate=1.0))
    training, tuning = [3.0, 2.0, 2.0, 2.0, 1.9, 2.0, 2.0], [3.0, 2.5, 2.6, 2.5, 2.6, 2.7, 2.0]
    for ours, theirs in zip(training, tuning, strict=True):
        if course.over:
            break
        course.record({"training": ours, "tuning": theirs})
    assert [row["learning_rate"] for row in course.history] == pytest.approx([1, 1, 1, 1, 0.1, 0.1])
    assert course.kept_epoch == 2
