"""Percentile intervals, and why there is none."""

import numpy as np
import pytest

from taceflow.survival.evaluation.bootstrap_intervals import generator_for, with_interval
from taceflow.survival.evaluation.normal_intervals import NO_SPREAD


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    values = np.random.default_rng(1).normal(3, 2, 200)
    (found,) = with_interval(
        lambda rows: values[rows].mean(keepdims=True), 200, [""], 4000, generator_for(1, "m")
    )
    reach = 1.96 * values.std() / np.sqrt(200)
    assert found.estimate == pytest.approx(values.mean())
    assert found.lower == pytest.approx(values.mean() - reach, abs=0.02)
    assert found.upper == pytest.approx(values.mean() + reach, abs=0.02)


def test_why_there_is_no_interval():
    def measure(rows):
        # the second is known of one resample in three, the third of none, the last is always 1
        return np.array([rows.mean(), 1.0 if rows[0] < 3 else np.nan, np.nan, 1.0])

    def of_everybody(rows):
        found = measure(rows)
        return np.where(rows[-1] == 9 and rows[0] == 0, [4.5, 1.0, np.nan, 1.0], found)

    few = ["3 deaths, fewer than 5", "", "", ""]
    found = with_interval(of_everybody, 10, few, 300, np.random.default_rng(1))
    assert [one.note.split(":")[0] for one in found] == [
        "no interval",
        "no interval",
        "no estimate",
        "no interval",
    ]
    assert found[0].note == "no interval: 3 deaths, fewer than 5"
    assert found[1].note.endswith("of 300 resamples gave a number")
    assert found[3].note == NO_SPREAD
    assert np.isnan([one.lower for one in found]).all()


def test_without_resamples_there_are_estimates_alone():
    (found,) = with_interval(lambda rows: np.ones(1), 10, [""], 0, np.random.default_rng(1))
    assert (found.estimate, found.note) == (1, "")
    assert np.isnan(found.upper)


def test_each_model_and_cohort_has_draws_of_its_own():
    names = [("a", "training"), ("a", "external"), ("b", "training")]
    drawn = [generator_for(1, *name).integers(0, 10**9) for name in names]
    assert len(set(drawn)) == 3
    assert generator_for(1, *names[0]).integers(0, 10**9) == drawn[0]
