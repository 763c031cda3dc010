"""The choice of lambda, by hand."""

import numpy as np
import pytest

from taceflow.radscore.lambdas import LassoPath, chosen_step, cross_validation

LAMBDAS = np.array([0.8, 0.4, 0.2, 0.1])
DEVIANCE = {1: [10.0, 6.0, 5.0, 7.0], 2: [10.0, 8.0, 7.0, 7.0], 3: [10.0, 7.0, 6.0, 7.0]}
WEIGHTS = {1: 1, 2: 2, 3: 1}


@pytest.fixture
def validated():
    fold = np.array([1, 1, 2, 2, 3, 3])

    def left_out(kept):
        (number,) = set(fold[~kept].tolist())
        return np.array(DEVIANCE[number]), WEIGHTS[number]

    return cross_validation(LAMBDAS, fold, left_out)


def test_mean_and_error_are_weighted(validated):
    np.testing.assert_allclose(validated.mean, [10, 7.25, 6.25, 7])
    # of 5, 7, 7 and 6: variance 0.6875, over three folds less one
    assert validated.standard_error[2] == pytest.approx(np.sqrt(0.6875 / 2))


def test_lambda_min_is_the_lowest_and_1se_the_largest_within_an_error(validated):
    assert validated.lambda_min == 0.2
    assert validated.lambda_1se == 0.2  # 7.25 is more than 6.25 + 0.59
    path = LassoPath(LAMBDAS, np.zeros((2, 4)), None, np.zeros(4))
    assert chosen_step(path, validated, "lambda.min") == 2


def test_of_equal_penalties_the_larger_is_taken():
    flat = cross_validation(LAMBDAS, np.arange(4) % 2, lambda _: (np.array([3.0, 2, 2, 2]), 1))
    assert (flat.lambda_min, flat.lambda_1se) == (0.4, 0.4)


def test_the_error_lets_a_larger_penalty_in():
    found = [([5.0, 3.0, 2.0], 1), ([3.0, 3.0, 4.0], 1), ([9.0, 3.5, 2.0], 1)]
    folds = iter(found)
    validated = cross_validation(
        LAMBDAS[:3], np.arange(3), lambda _: (lambda one: (np.array(one[0]), one[1]))(next(folds))
    )
    # means 5.67, 3.17, 2.67 and an error of 0.67 where it is lowest
    assert (validated.lambda_min, validated.lambda_1se) == (0.2, 0.4)
    path = LassoPath(LAMBDAS[:3], np.eye(3), None, np.zeros(3))
    assert chosen_step(path, validated, "lambda.1se") == 1
    assert path.nonzero.tolist() == [1, 1, 1]
