"""How a head is trained: the choices of the study and those of this project, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

_TUNING = "tuning"

PROTOCOLS: dict[str, dict[str, Any]] = {
    "own": {
        "stop_on": _TUNING,
        "keep_weights": _TUNING,
        "weigh": "patients",
        "standardise": True,
        "seeds": 5,
        "views": 1,
    },
    "paper": {
        "stop_on": "validation",
        "keep_weights": "training",
        "weigh": "images",
        "standardise": False,
        "seeds": 1,
        "views": 8,
    },
}
"""What each protocol says where the configuration says nothing (``null``)."""

PRE_EXPERIMENT = "pre_experiment"
"""In place of a number: what the pre-experiment chooses."""

VARIED = ("learning_rate", "batch_size", "dropout")
"""What the pre-experiment varies, and may choose."""


@dataclass(frozen=True)
class HeadSettings:
    """Choices of the head's training: keys of the configuration, see ``config/README.md``."""

    protocol: str
    head: str
    seeds: int
    batch_size: int
    epochs: int
    learning_rate: float
    weight_decay: float
    dropout: float
    plateau_epochs: int
    stopping_epochs: int
    stop_on: str
    keep_weights: str
    weigh: str
    standardise: bool

    @property
    def needs_tuning(self) -> bool:
        """Whether patients are set aside from the training cohort."""
        return _TUNING in (self.stop_on, self.keep_weights)


def head_settings(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of the configuration's ``dlopctr`` section that train a head.

    Parameters
    ----------
    section : mapping
        The section; a key that is None is as its ``protocol`` says.

    Returns
    -------
    dict
        The arguments of `HeadSettings`, but that a rate, batch size or dropout may still be
        ``pre_experiment``.
    """
    return {field.name: protocol_value(section, field.name) for field in fields(HeadSettings)}


def protocol_value(section: Mapping[str, Any], key: str) -> Any:
    """Return a key's value, the protocol's where it is None."""
    value = section[key]
    return PROTOCOLS[section["protocol"]].get(key) if value is None else value


def with_choice(settings: Mapping[str, Any], table: pd.DataFrame | None) -> HeadSettings:
    """Put in what the pre-experiment chose.

    Parameters
    ----------
    settings : mapping
        From `head_settings`.
    table : pandas.DataFrame or None
        ``dlopctr/pre_experiment.tsv``; None if nothing is left to it.

    Returns
    -------
    HeadSettings
        With the point of the lowest loss, ties to the smaller rate, among those that agree with
        what the settings fix (among all, if none does).
    """
    left = [name for name in VARIED if settings[name] == PRE_EXPERIMENT]
    if not left:
        return HeadSettings(**settings)
    agreeing = table
    for name in set(VARIED) - set(left):
        agreeing = agreeing[agreeing[name] == settings[name]]
    rows = table if agreeing.empty else agreeing
    best = lowest_point(rows)
    kinds = {"batch_size": int}
    return HeadSettings(**settings | {name: kinds.get(name, float)(best[name]) for name in left})


def lowest_point(table: pd.DataFrame) -> pd.Series:
    """Return the row of `with_choice`'s table with the lowest loss, ties to lower rates."""
    return table.sort_values(["loss", "learning_rate", "dropout", "batch_size"]).iloc[0]
