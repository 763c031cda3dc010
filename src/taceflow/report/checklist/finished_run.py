"""A finished run as the checklists ask about it, and the form of an answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pandas as pd

from taceflow.cohort.training import COHORTS
from taceflow.wording.counts import counted


@dataclass(frozen=True)
class Run:
    """What a run left.

    Attributes
    ----------
    config, panel : mapping
        The checked configuration, and the panel of features (a PyRadiomics parameter file).
    total : int
        Patients of the sheet.
    screening : sequence of (str, int)
        Who was left out before: each reason with the number of patients.
    is_synthetic : bool
        Whether the workflow made the patients itself.
    tables : mapping of str to DataFrame
        ``patients``, ``exclusions``, ``icc``, ``table_1``, ``performance``; with images
        ``acquisition``.
    described : mapping of str to mapping
        ``radscore``, ``clinical_variables``, ``models``; with images ``network`` and ``backbone``.
    versions : mapping of str to str
        Locked version of each package.
    """

    config: Mapping[str, Any]
    panel: Mapping[str, Any]
    total: int
    screening: Sequence[tuple[str, int]]
    is_synthetic: bool
    tables: Mapping[str, pd.DataFrame]
    described: Mapping[str, Mapping[str, Any]]
    versions: Mapping[str, str]

    @property
    def has_images(self) -> bool:
        """Whether the run starts from images, not from a ready table of features."""
        return "network" in self.described

    @property
    def has_lasso(self) -> bool:
        """Whether the Radscore was fitted here."""
        return self.config["radscore"]["family"] != "published"

    def cohorts(self) -> dict[str, pd.DataFrame]:
        """Return the patients of each cohort, training first."""
        patients = self.tables["patients"]
        found = {name: patients[patients["cohort"] == name] for name in COHORTS}
        return {name: rows for name, rows in found.items() if len(rows)}


@dataclass(frozen=True)
class Answer:
    """What the run says of an item.

    Attributes
    ----------
    text : str
        The answer.
    where : str
        The run's files that hold it.
    author : str
        What the author must add; empty if nothing.
    """

    text: str
    where: str = ""
    author: str = ""


Asked = Callable[[Run], Answer]
"""What answers an item."""


def of_images(otherwise: Answer) -> Callable[[Asked], Asked]:
    """Give another answer where a run starts from a ready table of features."""

    def for_both(answer: Asked) -> Asked:
        @wraps(answer)
        def asked(run: Run) -> Answer:
            return answer(run) if run.has_images else otherwise

        return asked

    return for_both


def sizes(patients: pd.DataFrame) -> str:
    """Return ``52 patients, 36 deaths``."""
    return f"{counted(len(patients), 'patient')}, {counted(int(patients['event'].sum()), 'death')}"
