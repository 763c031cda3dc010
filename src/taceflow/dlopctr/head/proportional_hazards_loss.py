"""The loss of nnet-survival under proportional hazards, the authors' layer ``PropHazards``.

Gensheimer & Narasimhan, PeerJ 2019;7:e6257. An image has one score x and an interval one baseline
logit b_j: p_ij = sigmoid(b_j) ** exp(x_i), so that the survival curves are powers of each other.
"""

import torch
from torch.nn import functional

from taceflow.dlopctr.head.fitted_head import SCORE_LIMIT

_SMALL = 1e-6
_LARGE_LOGIT = 30.0


def proportional_hazards_loss(
    score: torch.Tensor, baseline: torch.Tensor, survived: torch.Tensor, failed: torch.Tensor
) -> torch.Tensor:
    """Return each sample's loss, -sum_j [s_ij log p_ij + e_ij log(1 - p_ij)].

    With u_ij = softplus(-b_j) exp(x_i), the hazard of the interval, log p = -u and log(1 - p) =
    log(1 - exp(-u)). Where u is small that is log u - u / 2, with log u a sum of logarithms, so
    that no logit makes the loss infinite.

    Parameters
    ----------
    score : torch.Tensor of shape (..., samples, 1)
        Log hazard ratio; clipped to +-`SCORE_LIMIT`.
    baseline : torch.Tensor of shape (..., 1, intervals)
        Logit of the probability to survive an interval at score 0.
    survived, failed : torch.Tensor of shape (..., samples, intervals)
        From `survival_targets`.

    Returns
    -------
    torch.Tensor of shape (..., samples)
    """
    log_hazard = _log_interval_hazard(score, baseline)
    hazard = log_hazard.exp()
    # both branches stay finite, for a gradient flows through the one not taken, too
    large = hazard.clamp(min=_SMALL)
    log_died = torch.where(
        hazard < _SMALL, log_hazard - hazard / 2, torch.log(-torch.expm1(-large))
    )
    return (survived * hazard - failed * log_died).sum(dim=-1)


def proportional_hazards_gradient(
    score: torch.Tensor, baseline: torch.Tensor, survived: torch.Tensor, failed: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the derivatives of the sum of `proportional_hazards_loss`.

    Parameters
    ----------
    score, baseline, survived, failed
        As for `proportional_hazards_loss`; targets may carry the samples' weights.

    Returns
    -------
    by_score : torch.Tensor of shape (..., samples, 1)
    by_baseline : torch.Tensor of shape (..., 1, intervals)
    """
    hazard = _log_interval_hazard(score, baseline).exp()
    # u / (exp(u) - 1) tends to 1 - u / 2
    large = hazard.clamp(min=_SMALL)
    share = torch.where(hazard < _SMALL, 1 - hazard / 2, large / torch.expm1(large))
    by_log_hazard = survived * hazard - failed * share
    inside = (score.abs() <= SCORE_LIMIT).to(score.dtype)
    by_score = by_log_hazard.sum(dim=-1, keepdim=True) * inside
    # d log softplus(-b) / db = -sigmoid(-b) / softplus(-b), which tends to -1
    moderate = baseline.clamp(max=_LARGE_LOGIT)
    slope = torch.where(
        baseline > _LARGE_LOGIT, 1.0, torch.sigmoid(-moderate) / functional.softplus(-moderate)
    )
    return by_score, -slope * by_log_hazard.sum(dim=-2, keepdim=True)


def _log_interval_hazard(score: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
    """Return log u_ij = log softplus(-b_j) + x_i; a large b makes the first term -b."""
    moderate = baseline.clamp(max=_LARGE_LOGIT)
    log_base = torch.where(
        baseline > _LARGE_LOGIT, -baseline, torch.log(functional.softplus(-moderate))
    )
    return log_base + score.clamp(-SCORE_LIMIT, SCORE_LIMIT)
