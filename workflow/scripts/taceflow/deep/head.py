"""Training of the head: dropout and one linear layer on standardised embeddings."""

import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from taceflow.deep.curves import Head
from taceflow.deep.loss import nnet_survival_loss, survival_targets
from taceflow.deep.settings import HeadSettings
from taceflow.errors import CohortTooSmallError, ConvergenceError

_LOG = logging.getLogger(__name__)

_PLATEAU_FACTOR = 0.1
_SMALLEST_SPREAD = 1e-6


@dataclass(frozen=True)
class Images:
    """Images of some patients, with the patients' follow-up.

    Parameters
    ----------
    vectors : numpy.ndarray of shape (views, images, features)
        What goes into the head; view 0 is the image itself.
    owner : numpy.ndarray of shape (images,)
        Patient of each image, 0 to patients - 1.
    time_months, event : numpy.ndarray of shape (patients,)
    """

    vectors: np.ndarray
    owner: np.ndarray
    time_months: np.ndarray
    event: np.ndarray

    def take(self, patients: np.ndarray) -> "Images":
        """Return the images of some patients, in the order given."""
        place = np.full(len(self.time_months), -1)
        place[patients] = np.arange(len(patients))
        images = np.flatnonzero(place[self.owner] >= 0)
        return Images(
            self.vectors[:, images],
            place[self.owner[images]],
            self.time_months[patients],
            self.event[patients],
        )


def fit_head(
    training: Images,
    breaks_months: np.ndarray,
    settings: HeadSettings,
    seed: int,
    *,
    stopping: Images,
    keeping: Images | None,
    scale_mode="sqrt",
    init="life",
) -> tuple[Head, list[dict[str, float]]]:
    rng = torch.Generator().manual_seed(seed)
    weights_img = 1 / np.bincount(training.owner)[training.owner]
    weights_img /= weights_img.mean()
    centre, scale = standardise(training.vectors, weights_img)
    if scale_mode == "sqrt":
        scale = scale * np.sqrt(len(scale))
    breaks = np.asarray(breaks_months, float)

    def tens(im):
        s, f = survival_targets(im.time_months, im.event, breaks)
        w = 1 / np.bincount(im.owner)[im.owner]
        w /= w.sum()
        x = ((im.vectors - centre) / scale).astype(np.float32)
        return (
            torch.from_numpy(x),
            torch.from_numpy(s[im.owner]).float(),
            torch.from_numpy(f[im.owner]).float(),
            torch.from_numpy(w).float(),
        )

    X, S, F, W = tens(training)
    evals = {"training": (X, S, F, W), "tuning": tens(stopping)}
    J = len(breaks) - 1
    s, f = survival_targets(training.time_months, training.event, breaks)
    if init == "life":
        s1, f1 = s.sum(0) + 0.5, f.sum(0) + 0.5
        bias = torch.tensor(np.log(s1 / f1), dtype=torch.float32)
        weight = torch.zeros(J, X.shape[2])
    else:
        k = 1 / np.sqrt(X.shape[2])
        bias = (torch.rand(J, generator=rng) * 2 - 1) * k
        weight = (torch.rand(J, X.shape[2], generator=rng) * 2 - 1) * k
    bias.requires_grad_()
    weight.requires_grad_()
    opt = torch.optim.Adam(
        [weight, bias], lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    sch = ReduceLROnPlateau(opt, factor=0.1, patience=settings.plateau_epochs - 1, threshold=0)
    n = X.shape[1]
    hist = []
    best = None
    bk = np.inf
    bs = np.inf
    bs_ep = 0
    wn = W * n
    keep = 1 - settings.dropout
    for ep in range(1, settings.epochs + 1):
        perm = torch.randperm(n, generator=rng)
        view = torch.randint(X.shape[0], (n,), generator=rng)
        for i in range(0, n, settings.batch_size):
            idx = perm[i : i + settings.batch_size]
            x = X[view[idx], idx]
            if keep < 1:
                x = x * (torch.empty_like(x).bernoulli_(keep, generator=rng) / keep)
            opt.zero_grad(set_to_none=True)
            l = (nnet_survival_loss(x @ weight.T + bias, S[idx], F[idx]) * wn[idx]).mean()
            l.backward()
            opt.step()
        with torch.no_grad():
            ls = {
                k: float((nnet_survival_loss(e[0][0] @ weight.T + bias, e[1], e[2]) * e[3]).sum())
                for k, e in evals.items()
            }
        hist.append(
            dict(
                epoch=ep,
                training_loss=ls["training"],
                tuning_loss=ls["tuning"],
                learning_rate=opt.param_groups[0]["lr"],
            )
        )
        sch.step(ls["training"])
        kl = ls["tuning" if settings.keep_weights == "tuning" else "training"]
        if kl < bk:
            bk = kl
            best = (weight.detach().clone(), bias.detach().clone(), ep)
        if ls["tuning"] < bs:
            bs = ls["tuning"]
            bs_ep = ep
        elif ep - bs_ep >= settings.stopping_epochs:
            break
    return (
        Head(best[0].numpy().astype(float), best[1].numpy().astype(float), centre, scale),
        hist,
        best[2],
    )


def standardise(vectors, w):
    x = vectors.astype(float).reshape(-1, vectors.shape[2])
    ww = np.tile(w, vectors.shape[0])
    ww = ww / ww.sum()
    c = ww @ x
    s = np.sqrt(ww @ (x - c) ** 2)
    s[s < 1e-6 * max(1e-12, np.abs(c).max())] = 1
    return c, s
