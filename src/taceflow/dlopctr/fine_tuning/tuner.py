"""A loop that trains the last stage of the convolutions and a head on top of it."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from torch import nn

from taceflow.dlopctr.convolutions.network import FEATURES, equalised, pooled
from taceflow.dlopctr.dataset import Images, ordered_images
from taceflow.dlopctr.device import Computing
from taceflow.dlopctr.fine_tuning.stage_inputs import StageInputs
from taceflow.dlopctr.head.course import Course
from taceflow.dlopctr.head.flexible_loss import survival_targets
from taceflow.dlopctr.head.kinds import KINDS
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.dlopctr.head.standardise import life_table_logits, standardisation
from taceflow.errors import ConvergenceError

_LOG = logging.getLogger(__name__)


class Tuner:
    """The last stage, and all images that go into it.

    Attributes
    ----------
    keys : pandas.DataFrame
        patient_id, slice and view of each row.
    images : Images
        Of the cohort; its vectors are numbers of rows.

    Parameters
    ----------
    stage : torch.nn.Module
        On the device; it is changed in place.
    kept : StageInputs
    cohort : pandas.DataFrame
        As for `load_images`.
    computing : Computing
    """

    def __init__(
        self, stage: nn.Module, kept: StageInputs, cohort: pd.DataFrame, computing: Computing
    ) -> None:
        self._stage, self._computing = stage.requires_grad_(True), computing
        place = kept.keys.assign(row=np.arange(len(kept.keys)))
        ordered, self.images = ordered_images(place, cohort, "maps of the third stage")
        self.keys = ordered.drop(columns="row")
        self._row = ordered["row"].to_numpy()
        self._maps, self._scale = torch.from_numpy(kept.maps), torch.from_numpy(kept.scale)

    def embeddings(self) -> np.ndarray:
        """Return the embeddings of all rows, shape (rows, 2048), float32."""
        rows = np.arange(len(self._row))
        with torch.no_grad():
            parts = [pooled(self._stage(self._inputs(part))).cpu() for part in self._parts(rows)]
        return torch.cat(parts).numpy()

    def train(
        self,
        learned: Images,
        watched: dict[str, Images],
        breaks_months: np.ndarray,
        settings: HeadSettings,
        layer4_learning_rate: float,
        seed: int,
    ) -> Course:
        """Train stage and head; the stage then has the weights of the epoch that was kept.

        Parameters
        ----------
        learned, watched
            From `sets_of_fit`, with numbers of rows as vectors.
        breaks_months : numpy.ndarray of shape (intervals + 1,)
        settings : HeadSettings
        layer4_learning_rate : float
        seed : int

        Returns
        -------
        Course

        Raises
        ------
        ConvergenceError
            If a loss is not finite.
        """
        device, kind = self._computing.device, KINDS[settings.head]
        sets = {"training": learned} | watched
        targets = {
            name: [
                torch.from_numpy(each[images.owner]).float().to(device)
                for each in survival_targets(images.time_months, images.event, breaks_months)
            ]
            for name, images in sets.items()
        }
        start = survival_targets(learned.time_months, learned.event, breaks_months)
        bias = torch.from_numpy(life_table_logits(*start)).float().to(device)[None]
        outputs = 1 if kind.one_output else bias.shape[1]
        head = nn.Parameter(torch.zeros(outputs, FEATURES, device=device))
        bias = nn.Parameter(bias)
        self._equalise = settings.standardise
        scale = self._standardisation(learned, settings)
        optimiser = torch.optim.Adam(
            [{"params": [head, bias]}, {"params": self._stage.parameters()}],
            weight_decay=settings.weight_decay,
        )
        dropout = nn.Dropout(settings.dropout)
        random, course, best = np.random.default_rng([seed, 1]), Course(settings), {}
        weights = {
            name: torch.from_numpy(images.weights(settings.weigh)).float().to(device)
            for name, images in sets.items()
        }
        count, views = len(learned.owner), len(learned.vectors)

        def losses_of(name: str, places: np.ndarray, rows: np.ndarray) -> torch.Tensor:
            found = dropout(self._standardised(rows, scale)) @ head.T
            survived, failed = (each[places] for each in targets[name])
            return kind.loss(found, bias, survived, failed) * weights[name][places]

        # torch's own dropout takes no generator, and the global one belongs to the caller
        gpus = [torch.cuda.current_device()] if self._computing.on_gpu else []
        with torch.random.fork_rng(devices=gpus):
            torch.manual_seed(seed)
            for epoch in range(1, settings.epochs + 1):
                share = course.learning_rate / settings.learning_rate
                optimiser.param_groups[0]["lr"] = course.learning_rate
                optimiser.param_groups[1]["lr"] = layer4_learning_rate * share
                dropout.train()
                order, view = random.permutation(count), random.integers(views, size=count)
                for first in range(0, count, settings.batch_size):
                    batch = slice(first, first + settings.batch_size)
                    rows = learned.vectors[view[batch], order[batch], 0]
                    # weights of all images average 1, those of a batch need not
                    loss = losses_of("training", order[batch], rows).mean() * count
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                dropout.eval()
                with torch.no_grad():
                    losses = {
                        name: float(
                            sum(
                                losses_of(name, part, images.vectors[0, part, 0]).sum()
                                for part in self._parts(np.arange(len(images.owner)))
                            )
                        )
                        for name, images in sets.items()
                    }
                if not all(np.isfinite(loss) for loss in losses.values()):
                    raise ConvergenceError(
                        f"the loss is not finite at epoch {epoch} ({losses}): lower "
                        "dlopctr.layer4_learning_rate or dlopctr.learning_rate"
                    )
                if course.record(losses):
                    best = {k: each.clone() for k, each in self._stage.state_dict().items()}
                _LOG.info("epoch %d: training loss %.4f", epoch, losses["training"])
                if course.over:
                    break
        self._stage.load_state_dict(best)
        return course

    def _parts(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        size = self._computing.batch_images
        return (rows[first : first + size] for first in range(0, len(rows), size))

    def _inputs(self, rows: np.ndarray) -> torch.Tensor:
        chosen = self._row[rows]
        maps = self._computing.to_device(self._maps[chosen]).float()
        return maps * self._scale[chosen].to(maps.device)[:, None, None, None]

    def _standardised(
        self, rows: np.ndarray, scale: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        vectors = pooled(self._stage(self._inputs(rows)))
        return ((equalised(vectors) if self._equalise else vectors) - scale[0]) / scale[1]

    def _standardisation(
        self, learned: Images, settings: HeadSettings
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return centre and scale of the features before any tuning; they stay."""
        vectors = torch.from_numpy(self.embeddings())
        vectors = (equalised(vectors) if self._equalise else vectors).numpy()
        images = replace(learned, vectors=vectors[learned.vectors[..., 0]])
        found = standardisation(
            images, 0, weigh=settings.weigh, image_features=settings.standardise
        )
        device = self._computing.device
        centre, scale = (torch.from_numpy(each).float().to(device) for each in found)
        return centre, scale
