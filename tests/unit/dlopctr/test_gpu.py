"""What a GPU computes against what the CPU does; skipped where there is no GPU."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from taceflow.dlopctr.convolutions.embeddings import embed
from taceflow.dlopctr.dataset import Images
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.dlopctr.head.stack import fit_heads

BREAKS = np.array([0.0, 6.0, 14.0, 26.0, 50.0])

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


@pytest.fixture
def task(settings):
    random = np.random.default_rng(0)
    time, event = random.exponential(20, 40).clip(0.1, 70), np.arange(40) % 3 > 0
    owner = np.repeat(np.arange(40), 1 + np.arange(40) % 4)
    vectors = random.normal(size=(2, len(owner), 24)).astype(np.float32)
    images = Images(
        np.array([f"P{number}" for number in range(40)]), time, event.astype(int), vectors, owner
    )
    chosen = HeadSettings(**settings | {"batch_size": 8})
    return Task("seed1.final", images, {"tuning": images.take(np.arange(40) % 2 == 0)}, chosen, 3)


@pytest.mark.parametrize("head", ["flexible", "proportional_hazards"])
def test_without_dropout_a_head_is_the_cpus(task, head):
    task = replace(task, settings=replace(task.settings, head=head, dropout=0.0))
    here, there = (fit_heads([task], BREAKS, device=device)[0] for device in ("cpu", "cuda"))
    assert here.epoch == there.epoch
    np.testing.assert_allclose(there.head.weight, here.head.weight, atol=1e-5)
    np.testing.assert_allclose(there.head.bias, here.head.bias, atol=1e-5)


def test_with_dropout_a_head_can_be_repeated(task):
    one, two = (fit_heads([task], BREAKS, device="cuda")[0] for _ in range(2))
    np.testing.assert_array_equal(one.head.weight, two.head.weight)
    assert one.history == two.history


def test_embeddings_are_the_cpus(convolutions):
    grey = torch.rand(5, 1, 224, 224, generator=torch.Generator().manual_seed(1))
    found = []
    for device in ("cpu", "cuda"):
        found.append(embed(replace(convolutions, device=device).load(), [grey]))
    assert np.abs(found[1] - found[0]).max() <= 1e-4 * np.abs(found[0]).max()
