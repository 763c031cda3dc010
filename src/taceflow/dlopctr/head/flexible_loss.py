"""The loss of nnet-survival, for discrete time.

Gensheimer & Narasimhan, PeerJ 2019;7:e6257. A logit stands for p_ij = sigmoid(logit), the
probability that patient i survives interval j given alive at its start.
"""

import numpy as np
import torch
from torch.nn import functional


def survival_targets(
    time_months: np.ndarray, event: np.ndarray, breaks_months: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mark the intervals that each patient survived and the one in which each died.

    Died at t: survived the intervals that end at or before t, failed in the first that ends
    after t. Censored at t: survived the intervals whose midpoint is at or before t. Beyond the last
    break everybody survived all intervals.

    Parameters
    ----------
    time_months : numpy.ndarray of shape (patients,)
        Follow-up.
    event : numpy.ndarray of shape (patients,)
        1 = died, 0 = censored.
    breaks_months : numpy.ndarray of shape (intervals + 1,)
        Increasing, from 0.

    Returns
    -------
    survived, failed : numpy.ndarray of shape (patients, intervals)
        float64, each 0 or 1.

    Raises
    ------
    ValueError
        If a time is negative or not finite, an event is neither 0 nor 1, or the breaks do not
        increase from 0.
    """
    time, event, breaks = (np.asarray(a, dtype=float) for a in (time_months, event, breaks_months))
    if time.ndim != 1 or event.shape != time.shape:
        raise ValueError(f"times of shape {time.shape}, events of shape {event.shape}")
    if not np.isfinite(time).all() or (time < 0).any():
        raise ValueError("times must be finite and not negative")
    if not np.isin(event, (0, 1)).all():
        raise ValueError("events must be 0 or 1")
    if breaks.ndim != 1 or len(breaks) < 2 or breaks[0] != 0 or (np.diff(breaks) <= 0).any():
        raise ValueError("breaks must increase from 0 and enclose at least one interval")
    lower, upper = breaks[:-1], breaks[1:]
    middle = lower + 0.5 * (upper - lower)
    t, died = time[:, None], event[:, None] == 1
    survived = np.where(died, t >= upper, t >= middle)
    failed = died & (t >= lower) & (t < upper)
    return survived.astype(float), failed.astype(float)


def flexible_loss(
    outputs: torch.Tensor, bias: torch.Tensor, survived: torch.Tensor, failed: torch.Tensor
) -> torch.Tensor:
    """Return each sample's loss, -sum_j [s_ij log p_ij + e_ij log(1 - p_ij)].

    Written with logarithms of sigmoids, so that logits of +-100 give finite values and gradients.
    The authors' PyTorch code sums over the batch, their Keras code averages; here the caller
    weighs.

    Parameters
    ----------
    outputs : torch.Tensor of shape (..., samples, intervals)
    bias : torch.Tensor of shape (..., 1, intervals)
        With the output it is the logit of the probability to survive an interval.
    survived, failed : torch.Tensor of shape (..., samples, intervals)
        From `survival_targets`.

    Returns
    -------
    torch.Tensor of shape (..., samples)
    """
    logits = outputs + bias
    return -(
        survived * functional.logsigmoid(logits) + failed * functional.logsigmoid(-logits)
    ).sum(dim=-1)


def flexible_gradient(
    outputs: torch.Tensor, bias: torch.Tensor, survived: torch.Tensor, failed: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the derivatives of the sum of `flexible_loss`; by the logits it is (s + e) p - s.

    Parameters
    ----------
    outputs, bias, survived, failed
        As for `flexible_loss`; targets may carry the samples' weights.

    Returns
    -------
    by_outputs : torch.Tensor of shape (..., samples, intervals)
    by_bias : torch.Tensor of shape (..., 1, intervals)
    """
    by_logits = (survived + failed) * torch.sigmoid(outputs + bias) - survived
    return by_logits, by_logits.sum(dim=-2, keepdim=True)
