"""What a stack of heads is shown: batches, their weights, and the losses measured on them."""

import numpy as np
import pytest
import torch

from taceflow.dlopctr.head.bank import Bank, Task
from taceflow.dlopctr.head.fitted_head import Head

BREAKS = np.array([0.0, 6.0, 14.0, 26.0, 50.0])


def test_inputs_begin_where_torchs_own_memory_does(chosen, draw_images):
    """Numpy's begin anywhere within a cache line, and sums may follow where they begin."""
    learned, tuning = draw_images(20, 1, views=1), draw_images(9, 2, views=1)
    bank = Bank([Task("it", learned, {"tuning": tuning}, chosen, 0)], BREAKS, "cpu")
    used = [
        part for watched in bank._watched.values() for part in (watched.inputs, watched.weights)
    ]
    assert len(used) == 4
    assert [tensor.data_ptr() % 64 for tensor in [bank.inputs, *used]] == [0] * 5


def test_an_epoch_shows_every_image_once_and_fillers_weigh_nothing(chosen, draw_images):
    small, large = draw_images(12, 1), draw_images(31, 2)
    tasks = [Task(f"{k}", images, {}, chosen, k) for k, images in enumerate((small, large, small))]
    rows, survived, failed, busy = Bank(tasks, BREAKS, "cpu").epoch([0, 1, 2])
    counts = [len(task.learned.owner) for task in tasks]
    assert busy == [-(-count // 8) for count in counts]
    # heads of the same patients share rows; those of the others follow, both views of each image
    for head, first in enumerate((0, 2 * counts[0], 0)):
        shown = rows[:, head].flatten()[: counts[head]].numpy() - first
        assert sorted(shown % counts[head]) == list(range(counts[head]))
        assert set(shown // counts[head]) == {0, 1}
        assert not (survived + failed)[:, head].flatten(0, 1)[counts[head] :].any()
    assert (rows[:, 0] != rows[:, 2]).any()
    # a patient who died counts as one, however many images show the patient and in which batches
    of_images = [min(8, counts[1] - 8 * step) for step in range(busy[1])]
    deaths = failed[: busy[1], 1].sum(dim=(1, 2)).numpy() @ of_images / counts[1]
    known = (large.event == 1) & (large.time_months < BREAKS[-1])
    assert deaths == pytest.approx(known.mean(), rel=1e-5)


def test_a_loss_is_the_mean_over_patients_of_their_log_likelihood(chosen, draw_images):
    learned, tuning = draw_images(20, 1), draw_images(9, 2)
    bank = Bank([Task("it", learned, {"tuning": tuning}, chosen, 0)], BREAKS, "cpu")
    random = np.random.default_rng(0)
    weight, bias = random.normal(0, 0.1, (4, 24)), random.normal(1, 0.5, 4)
    given = (torch.from_numpy(each).float() for each in (weight[None], bias[None, None]))
    found = bank.losses([0], *given)[0]
    for name, images in (("training", learned), ("tuning", tuning)):
        curves = Head(weight, bias, *bank.scales[0]).curves(images.vectors[0])
        alive = np.column_stack([np.ones(len(curves)), curves])
        of_patients = [[] for _ in images.patients]
        for curve, owner in zip(alive, images.owner, strict=True):
            time = images.time_months[owner]
            if images.event[owner] and time < BREAKS[-1]:
                interval = np.searchsorted(BREAKS, time, side="right")
                likelihood = curve[interval - 1] - curve[interval]
            elif images.event[owner]:
                likelihood = curve[-1]
            else:  # alive at the end of each interval whose middle was reached
                likelihood = curve[(time >= (BREAKS[1:] + BREAKS[:-1]) / 2).sum()]
            of_patients[owner].append(-np.log(likelihood))
        expected = np.mean([np.mean(each) for each in of_patients])
        assert found[name] == pytest.approx(expected, rel=1e-4)
