"""What a stack of heads learns from, as tensors; heads of the same patients share inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from taceflow.dlopctr.dataset import Images
from taceflow.dlopctr.head.flexible_loss import survival_targets
from taceflow.dlopctr.head.kinds import KINDS
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.dlopctr.head.standardise import life_table_logits, standardisation
from taceflow.errors import CohortTooSmallError
from taceflow.wording.counts import counted


@dataclass(frozen=True, eq=False)
class Task:
    """A head to fit.

    Parameters
    ----------
    name : str
        For messages.
    learned : Images
        The patients to learn from. Tasks that share the object share its memory.
    watched : dict of str to Images
        ``tuning`` and ``validation``, as far as `settings` asks for them.
    settings : HeadSettings
    seed : int
        Of batches, views and dropout.
    """

    name: str
    learned: Images
    watched: dict[str, Images]
    settings: HeadSettings
    seed: int


@dataclass(frozen=True)
class _Part:
    """A set of patients to learn from; its images of view v start at row + v * images."""

    row: int
    image: int
    views: int
    images: int
    weights: np.ndarray
    scale: tuple[np.ndarray, np.ndarray]
    start: np.ndarray


@dataclass(frozen=True)
class _Watched:
    """Images on which some heads are measured, unaugmented and without dropout."""

    name: str
    heads: list[int]
    inputs: torch.Tensor
    survived: torch.Tensor
    failed: torch.Tensor
    weights: torch.Tensor


class Bank:
    """Inputs, targets and batches of some heads.

    Attributes
    ----------
    tasks : list of Task
    inputs : torch.Tensor of shape (rows, features)
        Standardised images of all views, of each distinct set of patients.
    start : torch.Tensor of shape (heads, intervals)
        Life tables.
    scales : list of tuple of numpy.ndarray
        Centre and scale of each head's inputs.

    Parameters
    ----------
    tasks : sequence of Task
    breaks_months : numpy.ndarray of shape (intervals + 1,)
    device : str

    Raises
    ------
    CohortTooSmallError
        If nobody among the patients of a task died.
    """

    def __init__(self, tasks: Sequence[Task], breaks_months: np.ndarray, device: str) -> None:
        self.tasks, self._device, self._breaks = list(tasks), device, breaks_months
        parts: dict[int, _Part] = {}
        inputs, survived, failed = [], [], []
        for task in tasks:
            if id(task.learned) not in parts:
                part = self._part_of(task, sum(map(len, inputs)), sum(map(len, survived)))
                parts[id(task.learned)] = part
                inputs.append(self._standardised(task.learned.vectors, part.scale).flatten(0, 1))
                for targets, own in zip(
                    (survived, failed), self._targets(task.learned), strict=True
                ):
                    targets.append(own)
        self.inputs = torch.cat(inputs)
        self._survived, self._failed = torch.cat(survived), torch.cat(failed)
        self._parts = [parts[id(task.learned)] for task in tasks]
        self.scales = [part.scale for part in self._parts]
        self.start = self._tensor(np.array([part.start for part in self._parts]))
        self._random = [np.random.default_rng([task.seed, 1]) for task in tasks]
        self._watched: dict[tuple[str, int, int], _Watched] = {}
        for head, task in enumerate(tasks):
            for name, images in ({"training": task.learned} | task.watched).items():
                key = (name, id(task.learned), id(images))
                if key not in self._watched:
                    self._watched[key] = self._watch(name, images, head)
                self._watched[key].heads.append(head)

    def epoch(
        self, alive: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[int]]:
        """Draw the batches of an epoch.

        Parameters
        ----------
        alive : sequence of int
            The heads that still learn.

        Returns
        -------
        rows : torch.Tensor of shape (steps, heads, images)
            Rows of `inputs`; an incomplete batch is filled up with images that weigh nothing.
        survived, failed : torch.Tensor of shape (steps, heads, images, intervals)
            Targets times the image's weight in the mean over the batch.
        busy : list of int
            Steps that each head makes.
        """
        size = self.tasks[0].settings.batch_size
        busy = [-(-self._parts[head].images // size) for head in alive]
        rows = np.zeros((max(busy), len(alive), size), dtype=np.int64)
        images = np.zeros_like(rows)
        weights = np.zeros(rows.shape, dtype=np.float32)
        for place, head in enumerate(alive):
            part, random = self._parts[head], self._random[head]
            order = random.permutation(part.images)
            view = random.integers(part.views, size=part.images)
            step, position = np.divmod(np.arange(part.images), size)
            rows[step, place, position] = part.row + view * part.images + order
            images[step, place, position] = part.image + order
            # weights of all images average 1, those of a batch need not
            batch = np.bincount(step)[step]
            weights[step, place, position] = part.weights[order] * part.images / batch
        chosen, weigh = self._tensor(images, np.int64), self._tensor(weights)[..., None]
        survived, failed = self._survived[chosen] * weigh, self._failed[chosen] * weigh
        return self._tensor(rows, np.int64), survived, failed, busy

    def losses(
        self, alive: Sequence[int], weight: torch.Tensor, bias: torch.Tensor
    ) -> list[dict[str, float]]:
        """Measure heads.

        Parameters
        ----------
        alive : sequence of int
            Which heads.
        weight : torch.Tensor of shape (heads, outputs, features)
            Theirs.
        bias : torch.Tensor of shape (heads, 1, intervals)
            Theirs.

        Returns
        -------
        list of dict
            Loss of each set of images.
        """
        loss_of = KINDS[self.tasks[0].settings.head].loss
        place = {head: number for number, head in enumerate(alive)}
        names, found = [], []
        for watched in self._watched.values():
            here = [place[head] for head in watched.heads if head in place]
            if not here:
                continue
            chosen = torch.tensor(here, device=self._device)
            # one product for all heads of these images; weight first is twice as fast
            outputs = (weight[chosen].flatten(0, 1) @ watched.inputs.T).unflatten(
                0, (len(here), -1)
            )
            targets = (
                each.expand(len(here), -1, -1) for each in (watched.survived, watched.failed)
            )
            loss = loss_of(outputs.transpose(1, 2), bias[chosen], *targets) @ watched.weights
            names += [(number, watched.name) for number in here]
            found.append(loss)
        measured: list[dict[str, float]] = [{} for _ in alive]
        for (number, name), loss in zip(names, torch.cat(found).tolist(), strict=True):
            measured[number][name] = loss
        return measured

    def _part_of(self, task: Task, row: int, image: int) -> _Part:
        learned, settings = task.learned, task.settings
        if not learned.event.any():
            raise CohortTooSmallError(
                f"none of {counted(len(learned.event), 'patient')} that {task.name} learns from "
                "died: nothing to fit. Add patients with an event, or change dlopctr.folds"
            )
        scale = standardisation(learned, weigh=settings.weigh, image_features=settings.standardise)
        targets = survival_targets(learned.time_months, learned.event, self._breaks)
        views, images, _ = learned.vectors.shape
        weights = learned.weights(settings.weigh)
        return _Part(row, image, views, images, weights, scale, life_table_logits(*targets))

    def _watch(self, name: str, images: Images, head: int) -> _Watched:
        part, weigh = self._parts[head], self.tasks[head].settings.weigh
        if images is self.tasks[head].learned:
            inputs = self.inputs[part.row : part.row + part.images]
        else:
            inputs = self._standardised(images.vectors[0], part.scale)
        weights = self._tensor(images.weights(weigh))
        return _Watched(name, [], inputs, *self._targets(images), weights)

    def _targets(self, images: Images) -> tuple[torch.Tensor, torch.Tensor]:
        survived, failed = survival_targets(images.time_months, images.event, self._breaks)
        return self._tensor(survived[images.owner]), self._tensor(failed[images.owner])

    def _standardised(
        self, vectors: np.ndarray, scale: tuple[np.ndarray, np.ndarray]
    ) -> torch.Tensor:
        return self._tensor((vectors - scale[0]) / scale[1])

    def _tensor(self, values: np.ndarray, kind: type = np.float32) -> torch.Tensor:
        # a copy in memory of torch's own: kernels may sum in another order where an array begins
        # elsewhere within a cache line, as numpy's do from one run to the next
        return torch.tensor(np.asarray(values, kind), device=self._device)
