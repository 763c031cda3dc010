"""The course of one head's training: its schedule, when it ends, which epoch is kept."""

from dataclasses import dataclass

import numpy as np

from taceflow.dlopctr.head.fitted_head import Head
from taceflow.dlopctr.head.settings import HeadSettings

_PLATEAU_FACTOR = 0.1


@dataclass(frozen=True)
class FittedHead:
    """A head, the epoch whose weights it has, and a row of losses for each epoch."""

    head: Head
    epoch: int
    history: list[dict[str, float]]


class Course:
    """What happened so far, and what follows from it.

    Attributes
    ----------
    learning_rate : float
        Of the next epoch: a tenth after `plateau_epochs` without a lower training loss
        (torch's ``ReduceLROnPlateau`` with threshold 0).
    kept_epoch : int
        The epoch with the lowest loss on which weights are kept.
    over : bool
        Whether the loss stopped on has not fallen for `stopping_epochs`.
    """

    def __init__(self, settings: HeadSettings) -> None:
        self._settings, self.learning_rate = settings, settings.learning_rate
        self.history: list[dict[str, float]] = []
        self.kept_epoch, self.over = 0, False
        self._lowest = self._plateau_lowest = self._stop_lowest = np.inf
        self._stop_epoch = self._bad_epochs = 0

    def record(self, losses: dict[str, float]) -> bool:
        """Take the losses after an epoch.

        Parameters
        ----------
        losses : dict
            ``training``, and ``tuning`` or ``validation`` as far as the settings ask for them.

        Returns
        -------
        bool
            Whether this epoch's weights are the ones to keep so far.
        """
        epoch = len(self.history) + 1
        self.history.append(
            {"epoch": epoch, "learning_rate": self.learning_rate}
            | {f"{name}_loss": loss for name, loss in losses.items()}
        )
        if losses["training"] < self._plateau_lowest:
            self._plateau_lowest, self._bad_epochs = losses["training"], 0
        else:
            self._bad_epochs += 1
        if self._bad_epochs >= self._settings.plateau_epochs:
            self.learning_rate, self._bad_epochs = self.learning_rate * _PLATEAU_FACTOR, 0
        if losses[self._settings.stop_on] < self._stop_lowest:
            self._stop_lowest, self._stop_epoch = losses[self._settings.stop_on], epoch
        self.over = epoch - self._stop_epoch >= self._settings.stopping_epochs
        if losses[self._settings.keep_weights] < self._lowest:
            self._lowest, self.kept_epoch = losses[self._settings.keep_weights], epoch
            return True
        return False
