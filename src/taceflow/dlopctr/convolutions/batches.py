"""Images in batches of one size, and reading ahead of computing."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def fixed_batches(parts: Iterable[torch.Tensor], size: int) -> Iterator[torch.Tensor]:
    """Cut a stream of images into batches of one size, the last filled up with zeros.

    Libraries choose their kernels by the shape of a batch. With one shape alone an image's numbers
    depend neither on its place in a batch nor on who else is in it.

    Parameters
    ----------
    parts : iterable of torch.Tensor, each of shape (any number, ...)
    size : int
        Images in a batch.

    Yields
    ------
    torch.Tensor of shape (size, ...)
    """
    batch, filled = None, 0
    for part in parts:
        while len(part):
            if batch is None:
                batch = part.new_zeros((size, *part.shape[1:]))
            taken = part[: size - filled]
            batch[filled : filled + len(taken)] = taken
            filled += len(taken)
            part = part[len(taken) :]
            if filled == size:
                yield batch
                batch, filled = None, 0
    if batch is not None:
        yield batch


def read_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Call a function for each item in threads, a few items ahead of whoever takes the results.

    Parameters
    ----------
    function : callable
    items : iterable
    workers : int
        Threads; twice as many results wait at most.

    Yields
    ------
    object
        The results, in the order of the items. An error comes up in its item's place.
    """
    waiting: deque = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
