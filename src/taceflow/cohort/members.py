"""Who is in the study once the images were read. Light: Snakemake asks while it plans jobs."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_table
from taceflow.readings import MAIN_READING

_REPEATED = {"reader1-2", "reader2-1"}
"""Readings that repeat the main one: by the same reader, and by another."""


@dataclass(frozen=True)
class Members:
    """The included patients.

    Attributes
    ----------
    patients, training : tuple of str
        Ids of all, and of those of the training cohort.
    readings : list of tuple of str
        Usable readings, as ``(patient, "reader1-1")``.
    reviewed_out : tuple of str
        Ids of those whom a reader left out by what the pictures show.
    """

    patients: tuple[str, ...]
    training: tuple[str, ...]
    readings: list[tuple[str, str]]
    reviewed_out: tuple[str, ...]

    @property
    def can_train(self) -> bool:
        """Whether anybody is of the training cohort."""
        return bool(self.training)

    def with_reading(self, name: str) -> list[str]:
        """Return the patients who have a reading."""
        return [patient for patient, own in self.readings if own == name]

    @property
    def repeated(self) -> list[str]:
        """The main reading, and of those that repeat it the ones that anybody has."""
        return sorted({MAIN_READING} | _REPEATED & {name for _, name in self.readings})


def read_members(members: str, readings: str, exclusions: str) -> Members:
    """Read what the checkpoint `cohort` wrote: once, as long as it does not change.

    Parameters
    ----------
    members, readings, exclusions : str
        The tables.

    Returns
    -------
    Members
    """
    names = (members, readings, exclusions)
    return _read_once(*names, tuple(Path(name).stat().st_mtime_ns for name in names))


@lru_cache(maxsize=1)
def _read_once(
    members: str, readings: str, exclusions: str, changed_ns: tuple[int, ...]
) -> Members:
    table, read, left = map(read_table, (members, readings, exclusions))
    return Members(
        patients=tuple(table["patient_id"]),
        training=tuple(training_patients(table)["patient_id"]),
        readings=[
            (row.patient_id, f"reader{row.reader}-{row.reading}") for row in read.itertuples()
        ],
        reviewed_out=tuple(left.loc[left["stage"] == "review", "patient_id"]),
    )
