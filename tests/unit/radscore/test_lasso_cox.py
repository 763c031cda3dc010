"""The LASSO for Cox against R's glmnet 4.1-6, and its hard cases."""

import json

import numpy as np
import pandas as pd
import pytest

from taceflow.radscore.cox_path import cox_deviance, cox_path
from taceflow.radscore.lasso_cox import cross_validate

CASES = [("coxexample", 1e-7), ("coxexample_tight", 1e-13)]


@pytest.fixture(scope="module")
def example(shared_data):
    table = pd.read_csv(shared_data / "stat/data/coxexample.csv", skipinitialspace=True)
    fold = pd.read_csv(shared_data / "stat/glmnet_cox/coxexample_foldid.csv")["foldid"]
    values = table.filter(regex=r"^x\d+$").to_numpy()
    return values, table["time"].to_numpy(), table["status"].to_numpy(), fold.to_numpy()


@pytest.mark.parametrize(("case", "tolerance"), CASES)
def test_path_equals_glmnet(shared_data, example, case, tolerance):
    values, time, event, _ = example
    folder = shared_data / "stat/glmnet_cox"
    path = pd.read_csv(folder / f"{case}_path.csv", skipinitialspace=True)
    long = pd.read_csv(folder / f"{case}_coef_long.csv", skipinitialspace=True)
    expected = np.zeros((values.shape[1], len(path)))
    expected[long["feature"].str[1:].astype(int) - 1, long["lambda_index"] - 1] = long["coef"]

    fitted = cox_path(values, time, event, tolerance=tolerance)

    np.testing.assert_allclose(fitted.lambdas, path["lambda"], rtol=1e-8)
    np.testing.assert_allclose(fitted.coefficients, expected, atol=1e-8)
    np.testing.assert_allclose(fitted.deviance_ratio, path["dev_ratio"], atol=1e-8)
    assert fitted.nonzero.tolist() == path["df"].tolist()


@pytest.mark.parametrize(("case", "tolerance"), CASES)
def test_cross_validation_equals_cv_glmnet(shared_data, example, case, tolerance):
    values, time, event, fold = example
    folder = shared_data / "stat/glmnet_cox"
    cv = pd.read_csv(folder / f"{case}_cv.csv", skipinitialspace=True)
    cv = cv.loc[cv["measure"] == "deviance_grouped"]
    summary = json.loads((folder / f"{case}_summary.json").read_text())["grouped"]

    path = cox_path(values, time, event, tolerance=tolerance)
    found = cross_validate(path, values, time, event, fold, tolerance=tolerance)

    np.testing.assert_allclose(found.mean, cv["cvm"], atol=1e-8)
    np.testing.assert_allclose(found.standard_error, cv["cvsd"], atol=1e-8)
    assert found.lambda_min == pytest.approx(summary["lambda_min"], rel=1e-8)
    assert found.lambda_1se == pytest.approx(summary["lambda_1se"], rel=1e-8)


def test_the_beginning_of_a_path_is_that_of_the_whole(example):
    values, time, event, fold = example
    path = cox_path(values, time, event)
    begun = cox_path(values, time, event, most=30)
    assert len(begun.lambdas) == 30
    np.testing.assert_allclose(begun.lambdas, path.lambdas[:30], rtol=1e-12)
    np.testing.assert_allclose(begun.coefficients, path.coefficients[:, :30], atol=1e-12)
    whole = cross_validate(path, values, time, event, fold)
    part = cross_validate(begun, values, time, event, fold, whole=False)
    np.testing.assert_allclose(part.mean, whole.mean[:30], rtol=1e-10)


@pytest.mark.parametrize("position", [1, 17, 40])
def test_a_path_comes_down_to_a_penalty_and_little_further(example, position):
    values, time, event, _ = example
    path = cox_path(values, time, event)
    begun = cox_path(values, time, event, down_to=path.lambdas[position])
    assert position + 1 <= len(begun.lambdas) <= position + 3
    np.testing.assert_allclose(begun.lambdas, path.lambdas[: len(begun.lambdas)], rtol=1e-12)


def test_scale_and_shift_of_a_feature_change_nothing_but_its_coefficient(example):
    values, time, event, _ = example
    path = cox_path(values, time, event)
    changed = values.copy()
    changed[:, 3] = 1e4 + 250 * changed[:, 3]
    again = cox_path(changed, time, event)
    np.testing.assert_allclose(again.coefficients[3] * 250, path.coefficients[3], atol=1e-7)
    np.testing.assert_allclose(again.lambdas, path.lambdas, rtol=1e-7)


def test_more_features_than_patients_with_ties_and_a_column_constant_in_a_fold():
    draw = np.random.default_rng(4)
    values = draw.normal(size=(40, 700))
    values[:, 0] = 0.0
    values[0, 0] = 1.0
    fold = np.arange(40) % 5 + 1
    time = np.ceil(draw.exponential(12, 40) * np.exp(-values[:, 1]))
    event = (draw.random(40) < 0.7).astype(int)
    path = cox_path(values, time, event)
    found = cross_validate(path, values, time, event, fold)
    assert path.lambdas[-1] >= path.lambdas[0] * 0.0099
    assert np.isfinite(found.mean).all()
    assert found.lambda_1se >= found.lambda_min


def test_deviance_of_tied_deaths_by_hand():
    time, event = np.array([1.0, 1.0, 2.0, 1.0]), np.array([1, 1, 1, 0])
    fitted = -2 * np.log(4.0)  # Breslow: both deaths at 1 see all four; the last sees itself
    saturated = -2 * np.log(2.0)
    found = cox_deviance(time, event, np.zeros((4, 1)))
    assert found == pytest.approx([2 * (saturated - fitted)])


def test_noise_selects_nothing():
    draw = np.random.default_rng(5)
    values, time = draw.normal(size=(60, 12)), draw.exponential(20, 60)
    event = np.ones(60, dtype=int)
    path = cox_path(values, time, event)
    found = cross_validate(path, values, time, event, np.arange(60) % 10)
    chosen = path.coefficients[:, path.lambdas == found.lambda_1se]
    assert np.count_nonzero(chosen) == 0


def test_a_path_that_does_not_converge_ends_before_it_like_glmnets():
    # A perfect predictor among few features: coefficients run to infinity along the path.
    draw = np.random.default_rng(5)
    values, time = draw.normal(size=(54, 50)), draw.exponential(20, 54)
    event = np.ones(54, dtype=int)
    path = cox_path(values, time, event)
    assert 2 <= len(path.lambdas) < 100
    eta = values @ path.coefficients
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    order = np.argsort(time)
    risk = np.exp(eta[order] - eta.max(axis=0))
    at_risk = np.cumsum(risk[::-1], axis=0)[::-1]
    residual = 1 - risk * np.cumsum(1 / at_risk, axis=0)
    gradient = scaled[order].T @ residual / len(time)
    # Karush-Kuhn-Tucker: none of the penalties that are left is unfinished.
    assert (np.abs(gradient) - path.lambdas).max() < 2e-3 * path.lambdas[0]
