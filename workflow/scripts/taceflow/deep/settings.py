"""How a head is trained: the choices of the study and those of this project, as values."""

from dataclasses import dataclass
from typing import Any

from taceflow.errors import ConfigurationError

_TUNING = "tuning"


@dataclass(frozen=True)
class HeadSettings:
    """Choices of the head's training, under the names of the configuration.

    Parameters
    ----------
    batch_size : int
        Images a step.
    epochs : int
        The most epochs.
    learning_rate, weight_decay, dropout : float
        Of Adam, and of the layer before the logits.
    plateau_epochs : int
        The learning rate falls to a tenth when the training loss has not fallen for as many epochs.
    stopping_epochs : int
        Training ends when the loss stopped on has not fallen for as many epochs.
    stop_on : str
        ``tuning`` (patients set aside from the training cohort) or ``validation`` (the study's way:
        the cohort on which it reports).
    keep_weights : str
        ``tuning`` or ``training``: the weights of the epoch with the lowest such loss are kept. The
        study kept those of the lowest training loss.
    """

    batch_size: int
    epochs: int
    learning_rate: float
    weight_decay: float
    dropout: float
    plateau_epochs: int
    stopping_epochs: int
    stop_on: str
    keep_weights: str

    def __post_init__(self) -> None:
        if self.stop_on not in (_TUNING, "validation"):
            raise ConfigurationError(
                f"dlopctr.stop_on is '{self.stop_on}', expected tuning or validation"
            )
        if self.keep_weights not in (_TUNING, "training"):
            raise ConfigurationError(
                f"dlopctr.keep_weights is '{self.keep_weights}', expected tuning or training"
            )

    @property
    def needs_tuning(self) -> bool:
        """Whether patients are set aside from the training cohort."""
        return _TUNING in (self.stop_on, self.keep_weights)


def head_settings(section: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of the configuration's ``dlopctr`` section that train a head.

    Parameters
    ----------
    section : dict
        The section.

    Returns
    -------
    dict
        The arguments of `HeadSettings`.
    """
    return {name: section[name] for name in HeadSettings.__dataclass_fields__}
