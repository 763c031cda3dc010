"""The LASSO on awkward columns: finite numbers, or a reason."""

from functools import partial

import numpy as np
import pytest

from taceflow.errors import ConvergenceError
from taceflow.radscore.cox_path import cox_path
from taceflow.radscore.folds import stratified_folds
from taceflow.radscore.lasso_cox import cross_validate, fit_resample
from taceflow.radscore.resampling import draw_resample
from taceflow.radscore.stability import coefficients_of

AWKWARD = 3
"""The column that is not as the others."""


@pytest.fixture
def patients():
    """40 patients whose times are whole months: many ties."""
    draw = np.random.default_rng(1)
    event = (np.arange(40) % 3 > 0).astype(int)
    return np.ceil(draw.exponential(10, 40)), event, stratified_folds(event, 5, 1)


def columns(kind, time):
    draw = np.random.default_rng(2)
    values = draw.normal(size=(40, 700 if kind == "wide" else 20))
    if kind == "constant":
        values[:, AWKWARD] = 7.3
    elif kind == "perfect":
        values[:, AWKWARD] = -time
    elif kind == "huge":
        values[:, AWKWARD] = 1e12 * values[:, AWKWARD] + 1e15
    elif kind == "identical":
        values[:, AWKWARD] = -time + draw.normal(size=40)
        values[:, AWKWARD + 1] = values[:, AWKWARD]
    elif kind == "single":
        values = values[:, :1]
    return values


@pytest.mark.parametrize("kind", ["wide", "constant", "perfect", "huge", "identical", "single"])
def test_every_number_is_finite(patients, kind):
    time, event, fold = patients
    values = columns(kind, time)
    path = cox_path(values, time, event)
    found = cross_validate(path, values, time, event, fold)
    assert np.isfinite(path.coefficients).all()
    assert np.isfinite([found.mean, found.standard_error]).all()
    assert found.lambda_1se >= found.lambda_min > 0
    fit = partial(coefficients_of, fit_resample, "lambda.min", values, (time, event))
    resampled = [fit(*draw_resample(event, 5, 1, k)) for k in range(3)]
    assert np.isfinite(resampled).all()


def test_a_constant_feature_has_no_coefficient_and_a_perfect_one_leads(patients):
    time, event, _ = patients
    assert not cox_path(columns("constant", time), time, event).coefficients[AWKWARD].any()
    path = cox_path(columns("perfect", time), time, event)
    assert np.flatnonzero(path.coefficients[:, 1]).tolist() == [AWKWARD]


def test_of_two_identical_features_the_first_carries_the_weight(patients):
    time, event, _ = patients
    values = columns("identical", time)
    path = cox_path(values, time, event)
    alone = cox_path(np.delete(values, AWKWARD + 1, axis=1), time, event)
    both = path.coefficients[AWKWARD] + path.coefficients[AWKWARD + 1]
    shared = min(len(path.lambdas), len(alone.lambdas))
    np.testing.assert_allclose(
        both[:shared], alone.coefficients[AWKWARD, :shared], atol=1e-3 * np.abs(both).max()
    )
    assert path.coefficients[AWKWARD, 1] > 0
    assert path.coefficients[AWKWARD + 1, 1] == 0


def test_nothing_but_constants_is_refused(patients):
    time, event, _ = patients
    with pytest.raises(ConvergenceError, match="none of 2 features varies among 40 patients"):
        cox_path(np.ones((40, 2)), time, event)
