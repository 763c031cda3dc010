"""Features on extreme scales and far-out patients: data/lasso_extremes.R wrote R's numbers."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp

from taceflow.radscore.cox_path import cox_deviance, cox_path
from taceflow.radscore.folds import stratified_folds
from taceflow.radscore.lasso_cox import cross_validate, fit_resample
from taceflow.radscore.resampling import draw_resample
from taceflow.radscore.stability import coefficients_of

R = json.loads((Path(__file__).parent / "data" / "lasso_extremes.json").read_text())
PATIENTS, FEATURES = 60, 40
HELD_OUT = 3
"""The patient who is far out in the feature that is all but constant."""


def uniform(state=2):
    """Lehmer's generator, whose numbers are exact in R's doubles."""
    while True:
        state = 16807 * state % 2147483647
        yield state / 2147483647


@pytest.fixture(scope="module")
def patients():
    """The patients of data/lasso_extremes.R."""
    draws = uniform()
    normal = [sum(islice(draws, 12)) - 6 for _ in range(PATIENTS * FEATURES)]
    values = np.reshape(normal, (FEATURES, PATIENTS)).T.copy()
    wait = -np.log(list(islice(draws, PATIENTS)))
    risk = 1.2 * values[:, 0] + 0.8 * (values[:, 19] + values[:, 20]) + 0.5 * values[:, 7]
    values[:, 7] *= 1e-7
    values[HELD_OUT, 7] = 1.0
    values[:, 19] *= 1e12
    values[:, 20] *= 1e-12
    time = np.round(20 * wait * np.exp(-risk), 3) + 0.001
    return values, time, np.ones(PATIENTS, dtype=int), np.arange(PATIENTS) % 10 + 1


def test_cross_validation_of_a_patient_millions_away_equals_glmnets(patients):
    values, time, event, fold = patients
    path = cox_path(values, time, event)
    found = cross_validate(path, values, time, event, fold)
    np.testing.assert_allclose(path.lambdas, R["lambda"], rtol=1e-8)
    assert path.nonzero.tolist() == R["nonzero"]
    np.testing.assert_allclose(found.mean, R["cvm"], rtol=1e-6)
    assert max(R["cvm"]) > 1e6
    assert found.lambda_min == pytest.approx(R["lambda_min"], rel=1e-8)
    chosen = path.coefficients[:, path.lambdas == found.lambda_min][:, 0]
    np.testing.assert_allclose(chosen, R["coefficients"], rtol=1e-5)
    assert np.count_nonzero(chosen) == 8


def test_resamples_choose_by_the_same_deviance(patients):
    values, time, event, _ = patients
    drawn = draw_resample(event, 10, 1, 5)
    chosen = coefficients_of(fit_resample, "lambda.min", values, (time, event), *drawn)
    # a deviance that underflows is lowest far down the path, at 26 features
    assert np.isfinite(chosen).all()
    assert np.count_nonzero(chosen) == 11


@pytest.mark.parametrize("far", [1e2, 1e4, 1e8, -1e4])
def test_the_deviance_of_far_predictors(far):
    draw = np.random.default_rng(3)
    time = np.ceil(draw.exponential(10, 50))
    event = (draw.uniform(size=50) < 0.7).astype(int)
    predictor = draw.normal(size=50)
    predictor[[4, 9]] += far, -far
    at_risk = [logsumexp(predictor[time >= one]) for one in time]
    _, ties = np.unique(time[event == 1], return_counts=True)
    expected = -2 * (np.sum((predictor - at_risk)[event == 1]) + np.sum(ties * np.log(ties)))
    assert cox_deviance(time, event, predictor[:, None])[0] == pytest.approx(expected, rel=1e-12)


def ready_table(patients=100, features=2000):
    """The shape of a public table: heavy tails, columns that are constant but for a patient."""
    draw = np.random.default_rng(7)
    values = draw.standard_t(1.5, size=(patients, features)) * 10 ** draw.uniform(-9, 9, features)
    nearly = np.arange(0, features, 10)
    values[:, nearly] = 1e-6 * draw.normal(size=(patients, len(nearly)))
    alone = draw.integers(patients, size=len(nearly))
    values[alone, nearly] = 10 ** draw.uniform(0, 1, len(nearly))
    values[:, 5] = draw.normal(size=patients)
    values[draw.integers(patients), 7] = 1e6  # the cap of PyRadiomics' coarseness
    time = 20 * draw.exponential(size=patients) * np.exp(-1.5 * values[:, 5])
    event = (draw.uniform(size=patients) < 0.8).astype(int)
    return values, time, event


def test_a_table_of_the_public_shape_is_fitted():
    values, time, event = ready_table()
    fold = stratified_folds(event, 10, 1)
    path = cox_path(values, time, event)
    found = cross_validate(path, values, time, event, fold)
    assert np.isfinite([found.mean, found.standard_error]).all()
    chosen = path.coefficients[:, path.lambdas == found.lambda_min][:, 0]
    assert 1 <= np.count_nonzero(chosen) < 40
    assert chosen[5] > 0
    assert found.mean.min() < found.mean[0]
