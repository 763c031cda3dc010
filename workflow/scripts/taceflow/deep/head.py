"""Training of the head: dropout and one linear layer on standardised embeddings."""

import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from taceflow.deep.curves import Head
from taceflow.deep.dataset import Images
from taceflow.deep.loss import nnet_survival_loss, survival_targets
from taceflow.deep.settings import HeadSettings
from taceflow.errors import CohortTooSmallError, ConvergenceError

_LOG = logging.getLogger(__name__)

_PLATEAU_FACTOR = 0.1
_SMALLEST_SPREAD = 1e-6
_LOG_EVERY_EPOCHS = 50
_CLINICAL_SPREAD = 30.0


@dataclass(frozen=True)
class FittedHead:
    """A head, the epoch whose weights it has, and a row of losses for each epoch."""

    head: Head
    epoch: int
    history: list[dict[str, float]]


@dataclass(frozen=True)
class _Batchable:
    """Images as tensors: inputs (views, images, features), targets, weights that sum to 1."""

    inputs: torch.Tensor
    survived: torch.Tensor
    failed: torch.Tensor
    weights: torch.Tensor

    def loss(self, weight: torch.Tensor, bias: torch.Tensor) -> float:
        """Return the loss of the unaugmented images, without dropout."""
        with torch.no_grad():
            logits = self.inputs[0] @ weight.T + bias
            losses = nnet_survival_loss(logits, self.survived, self.failed)
            return float((losses * self.weights).sum())


def fit_head(
    training: Images,
    watched: dict[str, Images],
    breaks_months: np.ndarray,
    settings: HeadSettings,
    seed: int,
    clinical: int = 0,
) -> FittedHead:
    """Train a head.

    An epoch shows every slice once, in one of its views drawn at random. A patient's slices share
    the patient's weight. The layer starts where it says the same for everybody, namely the
    training patients' life table: what it then learns is how patients differ. Losses of the
    history are taken after each epoch, on unaugmented images and without dropout.

    Parameters
    ----------
    training : Images
        The patients to learn from.
    watched : dict of str to Images
        ``tuning`` and ``validation``, as far as `settings` asks for them.
    breaks_months : numpy.ndarray of shape (intervals + 1,)
    settings : HeadSettings
    seed : int
        Seed of batches, views and dropout.
    clinical : int
        How many of the last features are clinical values, see `standardisation`.

    Returns
    -------
    FittedHead

    Raises
    ------
    CohortTooSmallError
        If nobody among the training patients died.
    ConvergenceError
        If the loss is not finite.
    """
    if not training.event.any():
        raise CohortTooSmallError(
            f"none of {len(training.event)} patients to learn from died: nothing to fit"
        )
    random = torch.Generator().manual_seed(seed)
    centre, scale = standardisation(training, clinical)
    learned = _batchable(training, breaks_months, centre, scale)
    sets = {"training": learned} | {
        name: _batchable(images, breaks_months, centre, scale) for name, images in watched.items()
    }
    weight = torch.zeros(len(breaks_months) - 1, len(centre), requires_grad=True)
    bias = torch.from_numpy(_life_table_logits(training, breaks_months)).requires_grad_()
    optimiser = torch.optim.Adam(
        [weight, bias], lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    schedule = ReduceLROnPlateau(
        optimiser, factor=_PLATEAU_FACTOR, patience=settings.plateau_epochs - 1, threshold=0
    )
    history, kept, lowest, stop_lowest, stop_epoch = [], (weight, bias, 0), np.inf, np.inf, 0
    for epoch in range(1, settings.epochs + 1):
        rate = optimiser.param_groups[0]["lr"]
        _one_epoch(learned, weight, bias, optimiser, settings, random)
        losses = {name: batchable.loss(weight, bias) for name, batchable in sets.items()}
        if not all(np.isfinite(loss) for loss in losses.values()):
            raise ConvergenceError(
                f"the loss is not finite at epoch {epoch} ({losses}): lower dlopctr.learning_rate"
            )
        history.append(
            {"epoch": epoch, "learning_rate": rate}
            | {f"{name}_loss": loss for name, loss in losses.items()}
        )
        schedule.step(losses["training"])
        if losses[settings.keep_weights] < lowest:
            lowest = losses[settings.keep_weights]
            kept = (weight.detach().clone(), bias.detach().clone(), epoch)
        if losses[settings.stop_on] < stop_lowest:
            stop_lowest, stop_epoch = losses[settings.stop_on], epoch
        if epoch % _LOG_EVERY_EPOCHS == 0:
            _LOG.info("epoch %d: %s", epoch, _in_words(losses))
        if epoch - stop_epoch >= settings.stopping_epochs:
            break
    head = Head(kept[0].detach().double().numpy(), kept[1].detach().double().numpy(), centre, scale)
    return FittedHead(head, kept[2], history)


def standardisation(training: Images, clinical: int) -> tuple[np.ndarray, np.ndarray]:
    """Return centre and scale of each feature, from the training images of all views.

    An image's features get mean 0 and standard deviation 1. Clinical values are few beside them
    while Adam moves every weight by about the learning rate; they get a larger spread, such that a
    step moves the logit through all of them as far as through a part of the image's features.

    Parameters
    ----------
    training : Images
    clinical : int
        How many of the last features are clinical values.

    Returns
    -------
    centre, scale : numpy.ndarray of shape (features,)
    """
    views, _, features = training.vectors.shape
    weights = np.tile(training.weights(), views) / views
    rows = training.vectors.reshape(-1, features)
    centre = weights @ rows
    spread = np.sqrt(weights @ (rows - centre) ** 2)
    # a feature that never fires stays at zero instead of blowing up rounding errors
    spread[spread < _SMALLEST_SPREAD * np.maximum(np.abs(centre), 1.0)] = np.inf
    if clinical:
        spread[features - clinical :] /= _CLINICAL_SPREAD
    return centre, spread


def _batchable(
    images: Images, breaks_months: np.ndarray, centre: np.ndarray, scale: np.ndarray
) -> _Batchable:
    survived, failed = survival_targets(images.time_months, images.event, breaks_months)
    arrays = (
        (images.vectors - centre) / scale,
        survived[images.owner],
        failed[images.owner],
        images.weights(),
    )
    return _Batchable(*(torch.from_numpy(np.ascontiguousarray(a, np.float32)) for a in arrays))


def _life_table_logits(training: Images, breaks_months: np.ndarray) -> np.ndarray:
    """Log odds to survive each interval; half a patient more on either side keeps them finite."""
    survived, failed = survival_targets(training.time_months, training.event, breaks_months)
    odds = (survived.sum(axis=0) + 0.5) / (failed.sum(axis=0) + 0.5)
    return np.log(odds).astype(np.float32)


def _one_epoch(
    data: _Batchable,
    weight: torch.Tensor,
    bias: torch.Tensor,
    optimiser: torch.optim.Optimizer,
    settings: HeadSettings,
    random: torch.Generator,
) -> None:
    views, images = data.inputs.shape[:2]
    order = torch.randperm(images, generator=random)
    view = torch.randint(views, (images,), generator=random)
    kept_part = 1 - settings.dropout
    for batch in order.split(settings.batch_size):
        inputs = data.inputs[view[batch], batch]
        if settings.dropout > 0:
            # torch's own dropout takes no generator, and the global one belongs to the caller
            mask = torch.empty_like(inputs).bernoulli_(kept_part, generator=random)
            inputs = inputs * mask / kept_part
        losses = nnet_survival_loss(
            inputs @ weight.T + bias, data.survived[batch], data.failed[batch]
        )
        # weights of all images average 1, those of a batch need not
        loss = (losses * data.weights[batch]).mean() * images
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def _in_words(losses: dict[str, float]) -> str:
    return ", ".join(f"{name} loss {loss:.4f}" for name, loss in losses.items())
