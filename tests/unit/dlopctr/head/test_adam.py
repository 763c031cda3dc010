"""Adam for many heads: each as torch's own moves one."""

import numpy as np
import torch

from taceflow.dlopctr.head.adam import StackedAdam

RATES, DECAY = [0.1, 0.003, 0.02], 0.05


def test_each_head_moves_as_torchs_own_adam_moves_it():
    """Heads with other rates and numbers of steps; one is given up after two epochs."""
    random = np.random.default_rng(0)
    start = torch.from_numpy(random.normal(size=(3, 7))).float()
    stacked = StackedAdam(start.clone(), DECAY)
    alone = [torch.nn.Parameter(row.clone()) for row in start]
    theirs = [
        torch.optim.Adam([one], lr=rate, weight_decay=DECAY)
        for one, rate in zip(alone, RATES, strict=True)
    ]
    parameters, heads, busy = stacked._parameters, [0, 1, 2], [5, 5, 2]
    for epoch in range(4):
        stacked.new_epoch(np.array([RATES[head] / (1 + epoch) for head in heads]), busy, 5)
        for step in range(5):
            count = sum(steps > step for steps in busy)
            gradients = torch.from_numpy(random.normal(size=(count, 7))).float()
            stacked.gradient[:count] = gradients
            stacked.step(step, count)
            for head, gradient in zip(heads[:count], gradients, strict=True):
                theirs[head].param_groups[0]["lr"] = RATES[head] / (1 + epoch)
                alone[head].grad = gradient.clone()
                theirs[head].step()
        for place, head in enumerate(heads):
            torch.testing.assert_close(
                parameters[place], alone[head].detach(), rtol=1e-5, atol=1e-6
            )
        if epoch == 1:
            parameters, heads, busy = stacked.keep([0, 2]), [0, 2], [5, 2]
    assert parameters.shape == (2, 7)
