"""Grad-CAM of a predicted risk (Selvaraju et al., ICCV 2017) at the last stage of the network."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from taceflow.dlopctr.head.fitted_head import SCORE_LIMIT, Head
from taceflow.survival.models.interpolation import interpolated_survival


class Risk:
    """The predicted risk, 1 - survival at the horizon, mean over heads, as torch computes it.

    Parameters
    ----------
    heads : sequence of Head
    breaks_months : numpy.ndarray of shape (intervals + 1,)
    horizon_months : float
    standardise : bool
        As for `load_images`.
    """

    def __init__(
        self,
        heads: Sequence[Head],
        breaks_months: np.ndarray,
        horizon_months: float,
        *,
        standardise: bool,
    ) -> None:
        self._standardise = standardise
        # copies in memory of torch's own: see `Bank`
        self._heads = [
            (head.kind, *map(torch.tensor, (head.weight, head.bias, head.centre, head.scale)))
            for head in heads
        ]
        # interpolation is linear in the curve: S(h) = at_zero + curve . slope
        intervals = len(breaks_months) - 1
        curves = np.vstack([np.zeros(intervals), np.eye(intervals)])
        at = interpolated_survival(curves, breaks_months, [horizon_months])[:, 0]
        self._at_zero, self._slope = at[0], torch.tensor(at[1:] - at[0])

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Return the risk of each image.

        Parameters
        ----------
        embeddings : torch.Tensor of shape (images, features)
            float64, as the convolutions give them.

        Returns
        -------
        torch.Tensor of shape (images,)
        """
        vectors = embeddings
        if self._standardise:
            squares = embeddings.square().mean(dim=1, keepdim=True)
            vectors = embeddings / squares.clamp(min=torch.finfo(embeddings.dtype).tiny).sqrt()
        survival = []
        for kind, weight, bias, centre, scale in self._heads:
            outputs = ((vectors - centre) / scale) @ weight.T
            if kind == "flexible":
                curve = torch.cumprod(torch.sigmoid(outputs + bias), dim=1)
            else:
                hazard = torch.cumsum(functional.softplus(-bias), dim=0)
                curve = torch.exp(-hazard * outputs.clamp(-SCORE_LIMIT, SCORE_LIMIT).exp())
            survival.append(self._at_zero + curve @ self._slope)
        return 1 - torch.stack(survival).mean(dim=0)


def grad_cam(maps: np.ndarray, risk: Risk) -> tuple[np.ndarray, np.ndarray]:
    """Return which places raise and which lower the risk.

    A feature's weight is the mean over places of the risk's derivative by it, and a place's value
    the weighted sum of its features. The paper cuts negative values off; here they stay: they are
    the places that speak for a lower risk. Where embeddings are divided by their length (see
    `load_images`) it says nothing, so that an image's values sum to 0: they tell its places apart,
    not its level.

    Parameters
    ----------
    maps : numpy.ndarray of shape (images, features, rows, columns)
        The last stage of the convolutions, float64.
    risk : Risk
        Or any function of embeddings.

    Returns
    -------
    risks : numpy.ndarray of shape (images,)
    seen : numpy.ndarray of shape (images, rows, columns)
        Positive where it raises the risk.
    """
    leaf = torch.tensor(maps, requires_grad=True)
    risks = risk(leaf.mean(dim=(2, 3)))
    (slope,) = torch.autograd.grad(risks.sum(), leaf)
    weights = slope.mean(dim=(2, 3), keepdim=True)
    return risks.detach().numpy(), (weights * leaf).sum(dim=1).detach().numpy()
