"""Who is in the study once the images were read. Light: Snakemake asks while it plans jobs."""

from dataclasses import dataclass
from typing import Any

from taceflow.cohort.buckets import bucket_of
from taceflow.cohort.training import is_training
from taceflow.files.tables import read_table
from taceflow.readings import MAIN_READING

_REPEATED = {"reader1-2", "reader2-1"}
"""Readings that repeat the main one: by the same reader, and by another."""


@dataclass(frozen=True)
class Members:
    """The included patients.

    Attributes
    ----------
    patients : list of str
        Their ids.
    can_train : bool
        Whether any is of the training cohort.
    readings : list of tuple of str
        Usable readings, as ``(patient, "reader1-1")``.
    """

    patients: list[str]
    can_train: bool
    readings: list[tuple[str, str]]

    def with_reading(self, name: str) -> list[str]:
        """Return the patients who have a reading."""
        return [patient for patient, own in self.readings if own == name]

    @property
    def repeated(self) -> list[str]:
        """The main reading, and of those that repeat it the ones that anybody has."""
        return sorted({MAIN_READING} | _REPEATED & {name for _, name in self.readings})

    def buckets(self, count: int) -> list[int]:
        """Return the buckets of embeddings that have patients."""
        return sorted({bucket_of(patient, count) for patient in self.patients})

    def of_bucket(self, bucket: int, count: int) -> list[str]:
        """Return the patients of a bucket of embeddings; nobody ever changes it."""
        return [patient for patient in self.patients if bucket_of(patient, count) == bucket]


def read_members(cohort: Any) -> Members:
    """Read what the checkpoint `cohort` wrote.

    Parameters
    ----------
    cohort : named tuple of paths
        With ``members`` and ``readings``, paths of tables.

    Returns
    -------
    Members
    """
    table, read = read_table(cohort.members), read_table(cohort.readings)
    return Members(
        patients=list(table["patient_id"]),
        can_train=bool(is_training(table).any()),
        readings=[
            (row.patient_id, f"reader{row.reader}-{row.reading}") for row in read.itertuples()
        ],
    )
