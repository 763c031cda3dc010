"""The two kinds of head, as the stack of heads needs them: outputs to losses and gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from taceflow.dlopctr.head.flexible_loss import nnet_survival_gradient, nnet_survival_loss
from taceflow.dlopctr.head.proportional_hazards_loss import (
    proportional_hazards_gradient,
    proportional_hazards_loss,
)


@dataclass(frozen=True)
class Kind:
    """A kind of head.

    Attributes
    ----------
    one_output : bool
        Whether the layer has one output an image; else one an interval.
    loss : callable
        (outputs, bias, survived, failed) to the loss of each image. Shapes: outputs (..., images,
        outputs), bias (..., 1, intervals), targets (..., images, intervals).
    gradient : callable
        The same to the derivatives by outputs and by bias.
    """

    one_output: bool
    loss: Callable[..., torch.Tensor]
    gradient: Callable[..., tuple[torch.Tensor, torch.Tensor]]


def _flexible_loss(
    outputs: torch.Tensor, bias: torch.Tensor, survived: torch.Tensor, failed: torch.Tensor
) -> torch.Tensor:
    return nnet_survival_loss(outputs + bias, survived, failed)


def _flexible_gradient(
    outputs: torch.Tensor, bias: torch.Tensor, survived: torch.Tensor, failed: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    by_logits = nnet_survival_gradient(outputs + bias, survived, failed)
    return by_logits, by_logits.sum(dim=-2, keepdim=True)


KINDS = {
    "flexible": Kind(False, _flexible_loss, _flexible_gradient),
    "proportional_hazards": Kind(True, proportional_hazards_loss, proportional_hazards_gradient),
}
