"""What a fit starts from: files, settings, draws. Without torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taceflow.dlopctr.head.settings import HeadSettings, with_choice
from taceflow.files.tables import read_table


@dataclass(frozen=True, kw_only=True)
class FitFiles:
    """Files of what is fixed before a fit.

    Attributes
    ----------
    patients, splits, breaks : str
        ``cohort/patients.tsv``, ``dlopctr/splits.tsv`` and ``dlopctr/breaks.json``.
    pre_experiment : str or None
        ``dlopctr/pre_experiment.tsv`` if something is left to it.
    """

    patients: str
    splits: str
    breaks: str
    pre_experiment: str | None = None


@dataclass(frozen=True, kw_only=True)
class HeadFiles(FitFiles):
    """Files that heads are fitted to.

    Attributes
    ----------
    embeddings : str
        ``dlopctr/embeddings.parquet``, by the frozen convolutions.
    tuned : sequence of str
        Embeddings by the last stage as each fit tuned it, see `images_of_fits`.
    backbone : str
        ``dlopctr/backbone.json``: whose embeddings they are.
    """

    embeddings: str
    backbone: str
    tuned: Sequence[str] = ()


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

    def chosen(self, files: FitFiles) -> HeadSettings:
        """Return the settings, with what the pre-experiment chose if something is left to it."""
        table = None
        if files.pre_experiment:
            table = read_table(files.pre_experiment, "pre_experiment")
        return with_choice(self.settings, table)
