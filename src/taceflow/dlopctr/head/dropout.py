"""Dropout for many heads at once: random bytes against a threshold, each head its own."""

from collections.abc import Sequence

import numpy as np
import torch

_BYTE = 256


class DropoutMasks:
    """Which features each step leaves out.

    Bytes are drawn, not numbers: torch's ``bernoulli_`` takes three times as long as the rest of a
    step. On a GPU an epoch's are drawn at once, since there every call costs the same.

    Attributes
    ----------
    scale : float
        What sums over the features that stay are multiplied by.

    Parameters
    ----------
    seeds : sequence of int
        One a head.
    dropout : float
        Share left out, rounded to 1/256, at most 255 of them.
    device : str
    """

    def __init__(self, seeds: Sequence[int], dropout: float, device: str) -> None:
        self._threshold = min(round(dropout * _BYTE), _BYTE - 1)
        self.scale = _BYTE / (_BYTE - self._threshold)
        self._on_cpu = device == "cpu"
        if self._on_cpu:
            self._random = [np.random.Generator(np.random.SFC64(seed)) for seed in seeds]
        else:
            self._random = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self._bytes = self._factor = torch.empty(0)

    def new_epoch(self, steps: int, size: int, features: int) -> None:
        """Prepare for an epoch's steps of `size` images of each head."""
        if not self._threshold:
            return
        # numpy fills whole words
        length = -(-size * features // 8) * 8
        if self._on_cpu:
            self._bytes = torch.empty(len(self._random), length, dtype=torch.uint8)
            self._factor = torch.empty(len(self._random), size, features)
            return
        drawn = [
            torch.randint(
                _BYTE, (steps, length), dtype=torch.uint8, generator=random, device=random.device
            )
            for random in self._random
        ]
        self._bytes = torch.stack(drawn, dim=1).ge_(self._threshold)

    def apply(self, batch: torch.Tensor, step: int) -> None:
        """Set the features that this step leaves out to zero, in place.

        Parameters
        ----------
        batch : torch.Tensor of shape (heads, images, features)
            Of the first heads.
        step : int
            Of this epoch.
        """
        if not self._threshold:
            return
        heads, size, features = batch.shape
        if not self._on_cpu:
            batch.mul_(self._bytes[step, :heads, : size * features].view(batch.shape))
            return
        words = self._bytes.numpy().view(np.uint64)
        for head in range(heads):
            words[head] = self._random[head].integers(
                np.iinfo(np.uint64).max, size=words.shape[1], dtype=np.uint64, endpoint=True
            )
        factor = self._factor[:heads]
        factor.copy_(self._bytes[:heads, : size * features].view(batch.shape))
        batch.mul_(factor.ge_(self._threshold))

    def keep(self, heads: Sequence[int]) -> None:
        """Go on with some heads only."""
        self._random = [self._random[head] for head in heads]
