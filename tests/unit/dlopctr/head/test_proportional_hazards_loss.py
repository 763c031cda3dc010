"""Proportional hazards: values against a direct computation, gradients, extremes, curves."""

import numpy as np
import pytest
import torch

from taceflow.dlopctr.head.fitted_head import Head
from taceflow.dlopctr.head.flexible_loss import survival_targets
from taceflow.dlopctr.head.proportional_hazards_loss import (
    proportional_hazards_gradient,
    proportional_hazards_loss,
)

BREAKS = np.array([0.0, 6.0, 14.0, 26.0, 50.0])


@pytest.fixture
def drawn():
    random = np.random.default_rng(4)
    time = random.uniform(0, 60, 40)
    targets = survival_targets(time, random.integers(0, 2, 40), BREAKS)
    score, baseline = random.normal(0, 1.5, (40, 1)), random.normal(1, 2, (1, 4))
    return (torch.from_numpy(each) for each in (score, baseline, *targets))


def test_values_equal_a_direct_computation(drawn):
    score, baseline, survived, failed = drawn
    survive = (1 / (1 + np.exp(-baseline.numpy()))) ** np.exp(score.numpy())
    direct = -(survived.numpy() * np.log(survive) + failed.numpy() * np.log(1 - survive)).sum(1)
    found = proportional_hazards_loss(score, baseline, survived, failed)
    np.testing.assert_allclose(found, direct, rtol=1e-10)


def test_gradients_equal_finite_differences(drawn):
    score, baseline, survived, failed = drawn
    by_score, by_baseline = proportional_hazards_gradient(score, baseline, survived, failed)

    def loss(x, b):
        return proportional_hazards_loss(x, b, survived, failed).sum().item()

    step = 1e-6
    for row in (0, 7, 23):
        shift = torch.zeros_like(score)
        shift[row] = step
        slope = (loss(score + shift, baseline) - loss(score - shift, baseline)) / (2 * step)
        assert by_score[row].item() == pytest.approx(slope, rel=1e-5, abs=1e-7)
    for column in range(4):
        shift = torch.zeros_like(baseline)
        shift[0, column] = step
        slope = (loss(score, baseline + shift) - loss(score, baseline - shift)) / (2 * step)
        assert by_baseline[0, column].item() == pytest.approx(slope, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("baseline", [-100.0, 0.0, 29.9, 30.1, 100.0])
@pytest.mark.parametrize("score", [-100.0, -29.0, 0.0, 29.0, 100.0])
def test_extreme_logits_stay_finite(score, baseline):
    x = torch.full((2, 1), score, requires_grad=True)
    b = torch.full((1, 3), baseline, requires_grad=True)
    survived = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    failed = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    losses = proportional_hazards_loss(x, b, survived, failed)
    losses.sum().backward()
    by_score, by_baseline = proportional_hazards_gradient(x.detach(), b.detach(), survived, failed)
    assert torch.isfinite(losses).all()
    for ours, automatic in ((by_score, x.grad), (by_baseline, b.grad)):
        assert torch.isfinite(automatic).all()
        np.testing.assert_allclose(ours, automatic, rtol=1e-4, atol=1e-6)


def test_curves_are_powers_of_each_other():
    bias = np.array([2.0, 1.0, 0.5])
    head = Head(np.array([[0.7, -0.2]]), bias, np.zeros(2), np.ones(2), "proportional_hazards")
    vectors = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 5.0]])
    curves = head.curves(vectors)
    baseline = np.cumprod(1 / (1 + np.exp(-bias)))
    np.testing.assert_allclose(curves[0], baseline)
    np.testing.assert_allclose(curves[1], baseline ** np.exp(0.7))
    np.testing.assert_allclose(curves[2], baseline ** np.exp(0.4))
    extreme = head.curves(np.array([[1e4, 0.0], [-1e4, 0.0]]))
    assert np.isfinite(extreme).all()
    assert (extreme[0] == 0).all()
    np.testing.assert_allclose(extreme[1], 1)
