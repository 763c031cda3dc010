"""Many heads trained at once, each as if it were alone.

A head is dropout and one linear layer on standardised embeddings. Heads that differ in their
patients, seed and learning rate are one parameter (heads, outputs, features), trained in one loop
by batched matrix products: on a GPU a step of thirty heads costs what a step of one does. Each has
its own patients, batches, dropout, schedule, early stopping and kept epoch.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace

import numpy as np
import torch

from taceflow.dlopctr.device import choose_computing, enough_gpu_memory
from taceflow.dlopctr.head.adam import StackedAdam
from taceflow.dlopctr.head.bank import Bank, Task
from taceflow.dlopctr.head.course import Course, FittedHead
from taceflow.dlopctr.head.dropout import DropoutMasks
from taceflow.dlopctr.head.fitted_head import Head
from taceflow.dlopctr.head.kinds import KINDS
from taceflow.errors import ConvergenceError

_LOG = logging.getLogger(__name__)

_HEADS_AT_ONCE_ON_A_CPU = 6
"""More no longer fit its caches: 0.20 ms a step and head with 6, 0.24 with 30 (2 cores)."""

_LOG_EVERY_S = 10.0


def fit_heads(
    tasks: Sequence[Task], breaks_months: np.ndarray, *, device: str = "cpu", threads: int = 1
) -> list[FittedHead]:
    """Train heads.

    An epoch shows every slice once, in one of its views drawn at random. The layer starts where it
    says the same for everybody, namely the life table of the patients to learn from: what it then
    learns is how patients differ. Losses of the history are taken after each epoch, on unaugmented
    images and without dropout.

    Parameters
    ----------
    tasks : sequence of Task
        What to fit; all with as many features.
    breaks_months : numpy.ndarray of shape (intervals + 1,)
    device : str
        ``auto``, ``cpu`` or ``cuda``. On the CPU a few heads are trained at a time.
    threads : int
        Stacks of heads trained at the same time on the CPU. No number depends on it.

    Returns
    -------
    list of FittedHead
        In the order of `tasks`.

    Raises
    ------
    CohortTooSmallError
        If nobody among the patients of a task died.
    ConvergenceError
        If a loss is not finite.
    """
    device = choose_computing(device, "float32").device.type
    stacks = _stacks(tasks, _HEADS_AT_ONCE_ON_A_CPU if device == "cpu" else len(tasks))
    fitted: dict[int, FittedHead] = {}

    def train(numbers: list[int]) -> None:
        heads = _train_stack([tasks[number] for number in numbers], breaks_months, device)
        fitted.update(zip(numbers, heads, strict=True))

    # each operation is small: several of its threads would only wait for each other
    pool = ThreadPoolExecutor(
        threads if device == "cpu" else 1, initializer=torch.set_num_threads, initargs=(1,)
    )
    with pool:
        list(pool.map(train, stacks))
    return [fitted[number] for number in range(len(tasks))]


def _stacks(tasks: Sequence[Task], most: int) -> list[list[int]]:
    """Return numbers of tasks that one loop can train: alike but for patients, seed and rate."""
    alike: dict[tuple, list[int]] = {}
    for number, task in enumerate(tasks):
        key = astuple(replace(task.settings, learning_rate=0.0))
        alike.setdefault(key, []).append(number)
    stacks = []
    for numbers in alike.values():
        # those with the same patients beside each other: their inputs are kept once a stack. In the
        # order of the tasks, not of addresses: a loss's last digit depends on who shares the stack
        first: dict[int, int] = {}
        for number in numbers:
            first.setdefault(id(tasks[number].learned), number)
        numbers.sort(key=lambda number: (first[id(tasks[number].learned)], number))
        stacks += [numbers[start : start + most] for start in range(0, len(numbers), most)]
    return stacks


@dataclass
class _Parameters:
    """Weights and biases of all heads in one tensor, so that one optimiser step moves both."""

    flat: torch.Tensor
    outputs: int
    features: int

    @property
    def weight(self) -> torch.Tensor:
        """Weights, shape (heads, outputs, features)."""
        return self.flat[:, : self.outputs * self.features].view(-1, self.outputs, self.features)

    @property
    def bias(self) -> torch.Tensor:
        """Biases, shape (heads, 1, intervals)."""
        return self.flat[:, None, self.outputs * self.features :]

    def first(self, heads: int) -> "_Parameters":
        """Return a view of the first heads."""
        return replace(self, flat=self.flat[:heads])


@enough_gpu_memory()
def _train_stack(tasks: Sequence[Task], breaks_months: np.ndarray, device: str) -> list[FittedHead]:
    # heads with more steps an epoch first: those that are still busy are then the first ones
    order = sorted(range(len(tasks)), key=lambda number: -len(tasks[number].learned.owner))
    bank = Bank([tasks[number] for number in order], breaks_months, device)
    settings, kind = bank.tasks[0].settings, KINDS[bank.tasks[0].settings.head]
    intervals, features = bank.start.shape[1], bank.inputs.shape[1]
    outputs = 1 if kind.one_output else intervals
    flat = torch.zeros(len(tasks), outputs * features + intervals, device=device)
    parameters = _Parameters(flat, outputs, features)
    parameters.bias.copy_(bank.start[:, None])
    kept = flat.clone()
    courses = [Course(task.settings) for task in bank.tasks]
    adam = StackedAdam(flat, settings.weight_decay)
    masks = DropoutMasks([task.seed for task in bank.tasks], settings.dropout, device)
    alive = list(range(len(tasks)))
    logged = time.monotonic()
    for epoch in range(1, settings.epochs + 1):
        rates = np.array([courses[head].learning_rate for head in alive])
        _one_epoch(bank, alive, parameters, adam, masks, rates)
        losses = bank.losses(alive, parameters.weight, parameters.bias)
        for place, head in enumerate(alive):
            if not all(np.isfinite(loss) for loss in losses[place].values()):
                raise ConvergenceError(
                    f"the loss of {bank.tasks[head].name} is not finite at epoch {epoch} "
                    f"({losses[place]}): lower dlopctr.learning_rate"
                )
            if courses[head].record(losses[place]):
                kept[head] = parameters.flat[place]
        if time.monotonic() - logged > _LOG_EVERY_S:
            logged = time.monotonic()
            _LOG.info(
                "epoch %d of at most %d, %d of %d heads still learn, mean training loss %.4f",
                epoch,
                settings.epochs,
                len(alive),
                len(tasks),
                np.mean([loss["training"] for loss in losses]),
            )
        going = [place for place, head in enumerate(alive) if not courses[head].over]
        if not going:
            break
        if len(going) < len(alive):
            alive = [alive[place] for place in going]
            parameters.flat = adam.keep(going)
            masks.keep(going)
    best = _Parameters(kept, outputs, features)
    weight, bias = (part.double().cpu().numpy() for part in (best.weight, best.bias[:, 0]))
    heads: list[FittedHead] = [None] * len(tasks)
    for place, number in enumerate(order):
        centre, scale = bank.scales[place]
        head = Head(weight[place], bias[place], centre, scale, settings.head)
        heads[number] = FittedHead(head, courses[place].kept_epoch, courses[place].history)
    return heads


def _one_epoch(
    bank: Bank,
    alive: Sequence[int],
    parameters: _Parameters,
    adam: StackedAdam,
    masks: DropoutMasks,
    rates: np.ndarray,
) -> None:
    settings = bank.tasks[0].settings
    gradient = KINDS[settings.head].gradient
    rows, survived, failed, busy = bank.epoch(alive)
    steps, heads, size = rows.shape
    adam.new_epoch(rates, busy, steps)
    masks.new_epoch(steps, size, parameters.features)
    inputs = torch.empty(heads * size, parameters.features, device=rows.device)
    start = 0
    # from one of these steps on, fewer heads are busy
    for stop in sorted(set(busy)):
        count = sum(steps_of > start for steps_of in busy)
        part, slope = (
            parameters.first(count),
            _Parameters(adam.gradient[:count], parameters.outputs, parameters.features),
        )
        weight, bias, by_weight, by_bias = part.weight, part.bias, slope.weight, slope.bias
        shown = inputs[: count * size]
        batch = shown.view(count, size, -1)
        turned = batch.transpose(1, 2)
        product = torch.empty(count, parameters.outputs, size, device=rows.device)
        outputs = product.transpose(1, 2)
        for step in range(start, stop):
            torch.index_select(bank.inputs, 0, rows[step, :count].reshape(-1), out=shown)
            masks.apply(batch, step)
            # weight before inputs: the other order takes twice as long
            torch.baddbmm(product, weight, turned, beta=0, alpha=masks.scale, out=product)
            by_outputs, by_bias[:] = gradient(
                outputs, bias, survived[step, :count], failed[step, :count]
            )
            turned_back = by_outputs.transpose(1, 2)
            torch.baddbmm(by_weight, turned_back, batch, beta=0, alpha=masks.scale, out=by_weight)
            adam.step(step, count)
        start = stop
