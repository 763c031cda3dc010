"""Every solution along the Cox path is optimal, and the path ends where R's glmnet ends it."""

import numpy as np
import pytest

from taceflow.errors import ConvergenceError
from taceflow.radscore.cox_path import cox_path
from taceflow.radscore.folds import stratified_folds
from taceflow.radscore.lasso_cox import cross_validate


def patients(kind, seed, n, p):
    """Return features, time and event of a random cohort."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(n, p))
    death = draw.exponential(20, n) * np.exp(-values[:, 0])
    censoring = draw.uniform(5, 60, n)
    time, event = np.minimum(death, censoring) + 0.05, (death <= censoring).astype(int)
    if kind == "half_years":
        time = np.ceil(time / 6) * 6
    elif kind == "months":
        time = np.ceil(time)
    elif kind == "few_deaths":
        event[np.flatnonzero(event)[12:]] = 0
    elif kind == "scales":
        values *= 10.0 ** draw.uniform(-6, 6, p)
    elif kind == "offset":
        values[:, 1:] = 1e6 + values[:, 1:]
    elif kind == "copies":
        values[:, 2], values[:, 3], values[:, 4] = values[:, 0], -values[:, 0], 7.3
    elif kind == "tails":
        values = np.exp(2 * values)
    return values, time, event


def violation(path, values, time, event):
    """Return by how much of the penalty each solution misses the Karush-Kuhn-Tucker conditions.

    The gradient of the Breslow log likelihood is written as a sum over deaths, patient by patient.
    """
    varies = np.ptp(values, axis=0) > 0
    scaled = values[:, varies] - values[:, varies].mean(axis=0)
    scale = scaled.std(axis=0)
    scaled /= scale
    weights = path.coefficients[varies] * scale[:, None]
    risk = np.exp(scaled @ weights - (scaled @ weights).max(axis=0))
    gradient = np.zeros_like(weights)
    for death in np.flatnonzero(event):
        at_risk = time >= time[death]
        mean = scaled[at_risk].T @ risk[at_risk] / risk[at_risk].sum(axis=0)
        gradient += (scaled[death][:, None] - mean) / len(time)
    short = np.where(weights != 0, gradient * np.sign(weights) - path.lambdas, 0.0)
    excess = np.maximum(np.abs(gradient) - path.lambdas, 0.0)
    return np.max((np.abs(short) + excess) / path.lambdas, axis=0)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("kind", "n", "p"),
    [
        ("plain", 150, 20),
        ("half_years", 150, 40),
        ("months", 150, 40),
        ("few_deaths", 80, 25),
        ("scales", 120, 30),
        ("offset", 100, 15),
        ("copies", 100, 15),
        ("tails", 100, 20),
        ("wide", 40, 700),
        ("square", 60, 60),
    ],
)
def test_each_solution_is_optimal(kind, seed, n, p):
    values, time, event = patients(kind, seed, n, p)
    path = cox_path(values, time, event, tolerance=1e-17, most=40)
    assert len(path.lambdas) > 30
    assert np.count_nonzero(path.coefficients[:, -1]) > 2
    assert violation(path, values, time, event).max() < 1e-6


BY_R = {
    ("plain", 1, 150, 20): (53, 0.111842798138156, 0.235418369171643, 0.097630547126),
    ("half_years", 1, 150, 40): (59, 0.0854446144868221, 0.216633241583152, 0.238264639764),
    ("half_years", 2, 150, 40): (59, 0.0670812085744842, 0.204856318131396, 0.239853660332),
    ("months", 1, 150, 40): (59, 0.0966975918899262, 0.24516364091771, 0.15814690396),
    ("months", 2, 300, 40): (58, 0.0612920416949739, 0.225455406071387, 0.144410625528),
    ("square", 1, 60, 60): (89, 0.230412687952008, 0.334289358495521, 0.990142714368),
    ("square", 2, 60, 60): (88, 0.149481851463088, 0.286692776680976, 0.990654795687),
    ("wide", 1, 60, 700): (100, 0.263726440949798, 0.400840740311043, 0.910413535018),
}
"""glmnet 4.1-6 on the same numbers and folds: how many penalties, `lambda.min`, `lambda.1se`, and
the share of the deviance explained at the last penalty."""


@pytest.mark.parametrize(("kind", "seed", "n", "p"), BY_R)
def test_the_path_ends_and_the_penalties_are_chosen_as_in_r(kind, seed, n, p):
    values, time, event = patients(kind, seed, n, p)
    path = cox_path(values, time, event)
    found = cross_validate(path, values, time, event, stratified_folds(event, 10, seed))
    steps, smallest, one_error, explained = BY_R[kind, seed, n, p]
    assert len(path.lambdas) == steps
    assert found.lambda_min == pytest.approx(smallest, rel=1e-8)
    assert found.lambda_1se == pytest.approx(one_error, rel=1e-8)
    assert path.deviance_ratio[-1] == pytest.approx(explained, abs=1e-5)


@pytest.mark.parametrize("event", [np.zeros(20, int), np.ones(20, int)])
def test_deaths_that_nobody_outlived_are_refused(event):
    values = np.random.default_rng(3).normal(size=(20, 4))
    with pytest.raises(ConvergenceError, match=f"none among {event.sum()} deaths of 20 patients"):
        cox_path(values, np.full(20, 12.0), event)
