"""Cox's model against statsmodels' PHReg, on tables that are hard on an implementation."""

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from taceflow.errors import SeparationError
from taceflow.survival.regression.cox import fit_cox


def hard_table(seed):
    """Return times with ties (a few distinct ones at most seeds), deaths, covariates."""
    draw = np.random.default_rng(seed)
    n, p = int(draw.integers(40, 200)), int(draw.integers(1, 5))
    x = draw.normal(size=(n, p))
    if seed % 5 == 0:
        x = np.exp(x)  # long tails, as of AFP
    level = draw.integers(0, 3, n)
    factor = np.column_stack([level == 1, level == 2]).astype(float)
    risk = x @ draw.normal(0, 0.7, p) + factor @ draw.normal(0, 0.5, 2)
    death = draw.exponential(10, n) * np.exp(-risk)
    censored = draw.exponential(15, n)
    step = (0.01, 1.0, 3.0, 6.0)[seed % 4]
    time = np.ceil(np.minimum(death, censored) / step) * step
    event = (death <= censored).astype(int)
    if seed % 3 == 0:
        event[time > np.quantile(time, 0.8)] = 0  # nobody dies late
    units = 10.0 ** draw.uniform(-6, 6, p)
    return time, event, np.column_stack([(x + 3 * draw.normal(size=p)) * units, factor])


@pytest.mark.parametrize("seed", range(24))
def test_agrees_with_phreg(seed):
    time, event, design = hard_table(seed)
    found = fit_cox(time, event, design, [f"x{j}" for j in range(design.shape[1])])
    # PHReg does not scale: with these units it would have no answer
    spread = design.std(axis=0)
    model = PHReg(time, (design - design.mean(axis=0)) / spread, status=event, ties="efron")
    other = model.fit(disp=0, maxiter=100, tol=1e-14)
    error = other.bse / spread
    assert (np.abs(found.coefficients - other.params / spread) < 1e-6 * error).all()
    assert (np.abs(found.standard_errors - error) < 1e-6 * error).all()
    assert found.log_likelihood == pytest.approx(other.llf, rel=1e-8)
    assert found.log_likelihood_null == pytest.approx(
        model.loglike(np.zeros(design.shape[1])), rel=1e-8
    )


def rare_marker(seed):
    """Return a table in which few patients have a marker, and none or all of them die first."""
    draw = np.random.default_rng(seed)
    time = np.ceil(draw.exponential(10, 40))
    event = (draw.random(40) < 0.5).astype(int)
    marker = np.zeros(40)
    if seed % 2:
        marker[np.lexsort((-event, time))[0]] = 1
        event[marker == 1] = 1
        time[marker == 1] = 0.5
    else:
        marker[draw.choice(40, 3, replace=False)] = 1
        event[marker == 1] = 0
    return time, event, np.column_stack([draw.normal(size=40), marker])


@pytest.mark.parametrize("seed", range(40))
def test_rounding_does_not_pass_for_convergence(seed):
    """Where information is lost to rounding the iteration stands still, 34 log units out."""
    time, event, design = rare_marker(seed)
    with pytest.raises(SeparationError, match=r"^marker"):
        fit_cox(time, event, design, ["noise", "marker"])
