import threading
import time

import pytest
import torch

from taceflow.dlopctr.convolutions.batches import fixed_batches, read_ahead


@pytest.mark.parametrize("counts", [[3, 1, 4, 1], [9], [2, 2, 2, 2, 1], [0, 8, 0, 1]])
def test_every_batch_has_one_size_and_no_image_is_lost(counts):
    parts = torch.arange(1.0, 10.0)[:, None].split(counts)
    batches = list(fixed_batches(parts, 4))
    assert [len(batch) for batch in batches] == [4, 4, 4]
    together = torch.cat(batches)[:, 0]
    assert together.tolist() == [*range(1, 10), 0, 0, 0]


def test_full_batches_leave_nothing_over():
    assert [len(batch) for batch in fixed_batches(torch.ones(8, 2).split(3), 4)] == [4, 4]
    assert list(fixed_batches([], 4)) == []


def test_results_come_in_order_whatever_takes_longest():
    def work(item):
        time.sleep(0.02 if item % 3 == 0 else 0)
        return item, threading.get_ident()

    results = list(read_ahead(work, range(20), 3))
    assert [item for item, _ in results] == list(range(20))
    assert threading.get_ident() not in {thread for _, thread in results}


def test_reading_goes_on_while_the_taker_works_but_not_without_end():
    begun = []
    ahead = read_ahead(lambda item: begun.append(item) or item, range(100), 2)
    next(ahead)
    time.sleep(0.05)
    assert 1 < len(begun) <= 6
    ahead.close()
    assert len(begun) <= 6


def test_an_error_comes_up_in_its_place():
    def work(item):
        if item == 4:
            raise ValueError("item 4")
        return item

    results = read_ahead(work, range(10), 2)
    assert [next(results) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="item 4"):
        next(results)
