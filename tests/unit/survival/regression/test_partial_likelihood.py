"""The partial likelihood by hand, and its derivatives by differences."""

import numpy as np
import pytest

from taceflow.survival.regression.partial_likelihood import PartialLikelihood

TIME, DIED = np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, True, False])


def test_two_tied_deaths_by_hand():
    # hazards 1, 1, 2, 4: at risk are 8 at first, then 7, then these less half of those who die
    second = 7 - 0.5 * 3
    x = np.log(np.array([1.0, 1.0, 2.0, 4.0]))[:, None]
    found = PartialLikelihood(TIME, DIED, x)
    value, score, _ = found(np.ones(1))
    assert value == pytest.approx(np.log(1 / 8) + np.log(1 / 7) + np.log(2 / second))
    times, log_hazard, relative_variance, mean = found.baseline(np.ones(1))
    steps = np.array([1 / 8, 1 / 7, 1 / second])
    assert times.tolist() == [1, 2]
    np.testing.assert_allclose(np.exp(log_hazard), [1 / 8, steps.sum()])
    np.testing.assert_allclose(relative_variance, [1, (steps**2).sum() / steps.sum() ** 2])
    # the means of log 1, log 2 and log 4 by these hazards, the last without half of those who die
    means = np.array([10 / 8, 10 / 7, 9 / second]) * np.log(2)
    np.testing.assert_allclose(mean[:, 0], [means[0], means @ steps / steps.sum()])
    assert found.by_death(np.ones(1))[1].sum() == pytest.approx(score[0])


def test_derivatives_are_those_of_differences(cohort):
    design = cohort[["strong", "weak"]].to_numpy()
    time = np.ceil(cohort["time_months"].to_numpy())
    problem = PartialLikelihood(time, cohort["event"].to_numpy() == 1, design)
    at, step = np.array([0.4, -0.2]), 1e-5
    _, score, information = problem(at)
    for j, move in enumerate(step * np.eye(2)):
        up, down = problem(at + move), problem(at - move)
        assert score[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        np.testing.assert_allclose(information[j], (down[1] - up[1]) / (2 * step), rtol=1e-6)


def test_hazards_further_apart_than_a_number_holds():
    time, died = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, True, False])
    x = np.array([2000.0, 2000.0, 0.0, 0.0])[:, None]
    value, _, _ = PartialLikelihood(time, died, x)(np.ones(1))
    # the first has another as risky beside it, the third one of two
    assert value == pytest.approx(2 * np.log(1 / 2))
