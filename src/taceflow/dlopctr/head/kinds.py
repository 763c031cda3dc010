"""The two kinds of head, as the stack of heads needs them: outputs to losses and gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from taceflow.dlopctr.head.flexible_loss import flexible_gradient, flexible_loss
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
        (outputs, bias, survived, failed) to the loss of each image.
    gradient : callable
        The same to the derivatives by outputs and by bias.
    """

    one_output: bool
    loss: Callable[..., torch.Tensor]
    gradient: Callable[..., tuple[torch.Tensor, torch.Tensor]]


KINDS = {
    "flexible": Kind(False, flexible_loss, flexible_gradient),
    "proportional_hazards": Kind(True, proportional_hazards_loss, proportional_hazards_gradient),
}
