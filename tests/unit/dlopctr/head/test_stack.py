"""Heads trained together: as alone, and as torch's own optimiser trains one."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from taceflow.dlopctr.head import stack
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.flexible_loss import flexible_loss, survival_targets
from taceflow.dlopctr.head.stack import _stacks, fit_heads
from taceflow.dlopctr.head.standardise import life_table_logits, standardisation
from taceflow.errors import CohortTooSmallError, ConvergenceError

BREAKS = np.array([0.0, 6.0, 14.0, 26.0, 50.0])


@pytest.mark.parametrize("head", ["flexible", "proportional_hazards"])
def test_heads_trained_together_are_those_trained_alone(chosen, head, draw_images):
    chosen = replace(chosen, head=head, stopping_epochs=4, plateau_epochs=2, learning_rate=0.03)
    tuning = draw_images(20, 9)
    tasks = [
        Task(f"head {seed}", draw_images(patients, patients), {"tuning": tuning}, own, seed)
        for seed, (patients, own) in enumerate(
            [(30, chosen), (41, chosen), (25, replace(chosen, learning_rate=0.1)), (37, chosen)]
        )
    ]
    tasks.append(replace(tasks[1], seed=12))
    together = fit_heads(tasks, BREAKS, threads=2)
    lengths = {len(fit.history) for fit in together}
    assert len(lengths) > 1  # some stopped while others went on
    for task, fit in zip(tasks, together, strict=True):
        alone = fit_heads([task], BREAKS)[0]
        assert (alone.epoch, len(alone.history)) == (fit.epoch, len(fit.history))
        np.testing.assert_allclose(fit.head.weight, alone.head.weight, atol=1e-6)
        np.testing.assert_allclose(fit.head.bias, alone.head.bias, atol=1e-6)
        for ours, theirs in zip(fit.history, alone.history, strict=True):
            assert ours == pytest.approx(theirs, abs=1e-6)
    assert not np.allclose(together[1].head.weight, together[4].head.weight)


def test_a_head_is_what_torch_trains(chosen, draw_images):
    """One batch an epoch and no dropout: nothing is drawn, so torch's own Adam must agree."""
    learned, tuning = draw_images(30, 1, views=1), draw_images(20, 2, views=1)
    chosen = replace(
        chosen,
        batch_size=1000,
        dropout=0.0,
        epochs=60,
        stopping_epochs=60,
        plateau_epochs=3,
        learning_rate=2.0,
        keep_weights="training",
    )
    found = fit_heads([Task("it", learned, {"tuning": tuning}, chosen, 0)], BREAKS)[0]
    centre, scale = standardisation(learned)
    targets = survival_targets(learned.time_months, learned.event, BREAKS)
    survived, failed = (torch.from_numpy(each[learned.owner]) for each in targets)
    inputs = torch.from_numpy((learned.vectors[0] - centre) / scale)
    weights = torch.from_numpy(learned.weights())
    weight = torch.zeros(4, 24, dtype=torch.float64, requires_grad=True)
    bias = torch.from_numpy(life_table_logits(*targets)).requires_grad_()
    adam = torch.optim.Adam([weight, bias], lr=2.0, weight_decay=chosen.weight_decay)
    schedule = ReduceLROnPlateau(adam, factor=0.1, patience=2, threshold=0)

    def loss():
        return flexible_loss(inputs @ weight.T, bias, survived, failed) @ weights

    for row in found.history:
        assert row["learning_rate"] == pytest.approx(adam.param_groups[0]["lr"])
        adam.zero_grad()
        loss().backward()
        adam.step()
        assert row["training_loss"] == pytest.approx(loss().item(), rel=1e-4)
        schedule.step(loss().item())
    assert found.history[-1]["learning_rate"] < 2.0


def test_patients_learned_from_can_be_watched_too(chosen, draw_images):
    learned = draw_images(30, 1)
    task = Task("it", learned, {"tuning": learned}, replace(chosen, epochs=3), 0)
    for row in fit_heads([task], BREAKS)[0].history:
        assert row["tuning_loss"] == pytest.approx(row["training_loss"], abs=1e-6)


def test_a_loss_without_end_is_an_error(chosen, draw_images):
    task = Task(
        "seed1.final",
        draw_images(30, 1),
        {"tuning": draw_images(30, 2)},
        replace(chosen, learning_rate=1e38),
        0,
    )
    with pytest.raises(ConvergenceError, match=r"the loss of seed1.final is not finite at epoch"):
        fit_heads([task], BREAKS)


def test_nobody_died(chosen, draw_images):
    images = draw_images(30, 1)
    alive = images.take(images.event == 0)
    task = Task("seed1.fold2", alive, {"tuning": images}, chosen, 0)
    with pytest.raises(CohortTooSmallError, match=r"patients that seed1.fold2 learns from died"):
        fit_heads([task], BREAKS)


def test_heads_share_a_stack_by_their_order_not_by_addresses(chosen, draw_images):
    images = [draw_images(12, seed) for seed in range(8)]
    for order in (images, images[::-1]):
        tasks = [Task(f"{k}", order[k % 8], {}, chosen, k) for k in range(16)]
        assert _stacks(tasks, 4) == [[0, 8, 1, 9], [2, 10, 3, 11], [4, 12, 5, 13], [6, 14, 7, 15]]


def test_every_stack_is_trained_by_one_thread(chosen, monkeypatch, draw_images):
    """However many cores the job has: with more, sums would depend on it."""
    seen = []

    def watch(*given):
        seen.append(torch.get_num_threads())
        return train(*given)

    train = stack._train_stack
    monkeypatch.setattr(stack, "_train_stack", watch)
    learned = draw_images(20, 1)
    tasks = [Task(f"head {seed}", learned, {"tuning": learned}, chosen, seed) for seed in range(8)]
    torch.set_num_threads(4)
    fit_heads(tasks, BREAKS, threads=2)
    assert seen == [1, 1]
