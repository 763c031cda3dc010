"""Adam for many heads at once, each with its own rate and number of steps."""

from collections.abc import Sequence

import numpy as np
import torch

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8


class StackedAdam:
    """Kingma & Ba 2015 as torch has it, with weight decay added to the gradient.

    Attributes
    ----------
    gradient : torch.Tensor of shape (heads, parameters)
        To be filled before a step.

    Parameters
    ----------
    parameters : torch.Tensor of shape (heads, parameters)
        Moved in place.
    weight_decay : float
    """

    def __init__(self, parameters: torch.Tensor, weight_decay: float) -> None:
        self._parameters, self._weight_decay = parameters, weight_decay
        self.gradient = torch.zeros_like(parameters)
        self._mean, self._square = torch.zeros_like(parameters), torch.zeros_like(parameters)
        self._move = torch.empty_like(parameters)
        self._steps = np.zeros(len(parameters), dtype=int)
        self._rate = self._epsilon = torch.empty(0)

    def new_epoch(self, rates: np.ndarray, busy: Sequence[int], steps: int) -> None:
        """Fix the learning rates of the coming steps.

        Parameters
        ----------
        rates : numpy.ndarray of shape (heads,)
        busy : sequence of int
            Steps of each head in this epoch.
        steps : int
            The most of them.
        """
        number = self._steps + 1 + np.arange(steps)[:, None]
        first, second = (1 - beta**number for beta in _BETAS)
        # rate / first * m / (sqrt(v / second) + eps), with one root less in each step
        values = rates * np.sqrt(second) / first, _EPSILON * np.sqrt(second)
        self._rate, self._epsilon = (
            torch.from_numpy(value[:, :, None].astype(np.float32)).to(self._parameters.device)
            for value in values
        )
        self._steps += np.array(busy)

    def step(self, step: int, heads: int) -> None:
        """Move the first heads by a step of this epoch."""
        parameters, gradient = self._parameters[:heads], self.gradient[:heads]
        mean, square, move = self._mean[:heads], self._square[:heads], self._move[:heads]
        gradient.add_(parameters, alpha=self._weight_decay)
        mean.lerp_(gradient, 1 - _BETAS[0])
        square.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
        torch.sqrt(square, out=move).add_(self._epsilon[step, :heads])
        torch.div(mean, move, out=move)
        parameters.addcmul_(move, self._rate[step, :heads], value=-1)

    def keep(self, heads: Sequence[int]) -> torch.Tensor:
        """Go on with some heads only; return their parameters."""
        chosen = torch.tensor(heads, device=self._parameters.device)
        for name in ("_parameters", "gradient", "_mean", "_square", "_move"):
            setattr(self, name, getattr(self, name)[chosen])
        self._steps = self._steps[list(heads)]
        return self._parameters
