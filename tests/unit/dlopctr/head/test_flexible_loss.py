import json

import numpy as np
import pytest
import torch

from taceflow.dlopctr.head.flexible_loss import (
    flexible_gradient,
    flexible_loss,
    survival_targets,
)


@pytest.fixture(scope="module")
def case(shared_data):
    """Values and gradients of the loss authors' own code."""
    path = shared_data / "stat" / "nnet_survival" / "nnet_survival_reference.json"
    return json.loads(path.read_text())["cases"]["edge_cases"]


def test_targets_equal_the_authors(case):
    survived, failed = survival_targets(*(np.array(case[k]) for k in ("time", "event", "breaks")))
    np.testing.assert_array_equal(survived, case["target_survived"])
    np.testing.assert_array_equal(failed, case["target_failed"])


def test_values_and_gradients_equal_the_authors(case):
    logits = torch.tensor(case["logits"], dtype=torch.float64, requires_grad=True)
    survived, failed = survival_targets(*(np.array(case[k]) for k in ("time", "event", "breaks")))
    losses = flexible_loss(logits, 0, torch.from_numpy(survived), torch.from_numpy(failed))
    np.testing.assert_allclose(losses.detach(), case["loss_per_sample"], rtol=0, atol=1e-10)
    assert losses.mean().item() == pytest.approx(case["loss_mean"], abs=1e-10)
    losses.sum().backward()
    np.testing.assert_allclose(logits.grad, case["grad_logits_of_sum"], rtol=0, atol=1e-10)
    # training takes the gradient from its formula
    targets = (torch.from_numpy(survived), torch.from_numpy(failed))
    for bias in (torch.zeros(1, logits.shape[1]), torch.linspace(-1, 1, logits.shape[1])[None]):
        by_outputs, by_bias = flexible_gradient(logits.detach() - bias, bias, *targets)
        np.testing.assert_allclose(by_outputs, case["grad_logits_of_sum"], rtol=0, atol=1e-10)
        np.testing.assert_allclose(by_bias[0], by_outputs.sum(dim=0))


def test_targets_at_the_edges():
    # breaks 0, 6, 12: died at a break, censored at a midpoint, beyond the last break
    survived, failed = survival_targets(
        np.array([6.0, 3.0, 2.9, 12.0, 0.0]), np.array([1, 0, 0, 1, 1]), np.array([0.0, 6.0, 12.0])
    )
    np.testing.assert_array_equal(survived, [[1, 0], [1, 0], [0, 0], [1, 1], [0, 0]])
    np.testing.assert_array_equal(failed, [[0, 1], [0, 0], [0, 0], [0, 0], [1, 0]])


@pytest.mark.parametrize("extreme", [100.0, -100.0])
def test_extreme_logits_stay_finite(extreme):
    logits = torch.full((2, 3), extreme, requires_grad=True)
    survived = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    failed = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    losses = flexible_loss(logits, 0, survived, failed)
    losses.sum().backward()
    assert torch.isfinite(losses).all()
    assert torch.isfinite(logits.grad).all()
    assert losses.max() >= 100


@pytest.mark.parametrize(
    ("time", "event", "breaks", "message"),
    [
        ([-1.0], [1], [0, 6], "not negative"),
        ([np.nan], [1], [0, 6], "finite"),
        ([1.0], [2], [0, 6], "0 or 1"),
        ([1.0], [1], [1, 6], "from 0"),
        ([1.0], [1], [0, 6, 6], "increase"),
        ([1.0, 2.0], [1], [0, 6], "shape"),
    ],
)
def test_targets_refuse_what_is_no_follow_up(time, event, breaks, message):
    with pytest.raises(ValueError, match=message):
        survival_targets(np.array(time), np.array(event), np.array(breaks))


def test_the_gradient_is_that_of_the_loss():
    random = np.random.default_rng(4)
    breaks = np.array([0.0, 6.0, 14.0, 26.0, 50.0])
    targets = survival_targets(random.uniform(0, 60, 40), random.integers(0, 2, 40), breaks)
    survived, failed = (torch.from_numpy(each) for each in targets)
    outputs = torch.linspace(-6, 6, 160, dtype=torch.float64).reshape(40, 4).requires_grad_()
    bias = torch.tensor([[0.5, -0.2, 1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    flexible_loss(outputs, bias, survived, failed).sum().backward()
    by_outputs, by_bias = flexible_gradient(outputs.detach(), bias.detach(), survived, failed)
    np.testing.assert_allclose(by_outputs, outputs.grad, atol=1e-12)
    np.testing.assert_allclose(by_bias, bias.grad, atol=1e-12)
