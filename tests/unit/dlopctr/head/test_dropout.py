"""Dropout: the share left out, each head its own, on a CPU and as on a GPU."""

import pytest
import torch

from taceflow.dlopctr.head.dropout import DropoutMasks


def test_dropout_leaves_out_its_share_and_each_head_its_own():
    masks = DropoutMasks([1, 2], 0.25, "cpu")
    masks.new_epoch(2, 50, 33)
    batches = [torch.ones(2, 50, 33) for _ in range(2)]
    for step, batch in enumerate(batches):
        masks.apply(batch, step)
        assert batch.mean().item() * masks.scale == pytest.approx(1, abs=0.05)
    assert masks.scale == pytest.approx(4 / 3)
    assert (batches[0][0] != batches[0][1]).any()
    assert (batches[0] != batches[1]).any()
    alone = DropoutMasks([2], 0.25, "cpu")
    alone.new_epoch(2, 50, 33)
    batch = torch.ones(1, 50, 33)
    alone.apply(batch, 0)
    assert (batch[0] == batches[0][1]).all()


def test_an_epochs_masks_can_be_drawn_at_once():
    """As on a GPU, where every call costs the same."""
    masks = DropoutMasks([1, 2], 0.5, "cpu:0")
    masks.new_epoch(3, 50, 33)
    batches = [torch.ones(2, 50, 33) for _ in range(3)]
    for step, batch in enumerate(batches):
        masks.apply(batch, step)
        assert batch.mean().item() * masks.scale == pytest.approx(1, abs=0.05)
    assert (batches[0] != batches[2]).any()
    masks.keep([1])
    masks.new_epoch(1, 50, 33)
    alone = DropoutMasks([2], 0.5, "cpu:0")
    alone.new_epoch(3, 50, 33)
    again = torch.ones(1, 50, 33)
    alone.apply(again, 2)
    assert (again[0] == batches[2][1]).all()


def test_nearly_everything_may_be_left_out():
    masks = DropoutMasks([1], 0.999, "cpu")
    masks.new_epoch(1, 64, 512)
    batch = torch.ones(1, 64, 512)
    masks.apply(batch, 0)
    assert 0 < batch.mean() < 0.02
    assert masks.scale == 256
