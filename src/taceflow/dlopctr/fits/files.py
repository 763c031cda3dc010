"""What a fit starts from: its name, files, settings, draws. Without torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taceflow.dlopctr.head.settings import HeadSettings, with_choice
from taceflow.files.tables import read_table


@dataclass(frozen=True, kw_only=True)
class HeadFiles:
    """Files that heads are fitted to.

    Attributes
    ----------
    patients, splits, breaks : str
        ``cohort/patients.tsv``, ``dlopctr/splits.tsv`` and ``dlopctr/breaks.json``.
    embeddings : str
        ``dlopctr/embeddings.parquet``.
    backbone : str
        ``dlopctr/backbone.json``: whose embeddings they are.
    pre_experiment : str
        ``dlopctr/pre_experiment.tsv``; empty if nothing is left to it.
    """

    patients: str
    splits: str
    breaks: str
    embeddings: str
    backbone: str
    pre_experiment: str | Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a fit is done.

    Attributes
    ----------
    settings : dict
        From `head_settings`.
    seed : int
        From which each head's own is derived.
    device : str
        ``auto``, ``cpu`` or ``cuda``.
    code : str
        Digest of the code, kept with what is fitted.
    threads : int
        Stacks of heads trained at the same time on the CPU.
    """

    settings: dict[str, Any]
    seed: int
    device: str
    code: str
    threads: int = 1

    def chosen(self, files: HeadFiles) -> HeadSettings:
        """Return the settings, with what the pre-experiment chose if something is left to it."""
        asked = files.pre_experiment
        return with_choice(self.settings, read_table(asked, "pre_experiment") if asked else None)


def fit_name(left_out: int) -> str:
    """Return the name of the fit without a fold; 0 is the final fit."""
    return f"fold{left_out}" if left_out else "final"
