"""Where each patient's files lie, as the tables name them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.cohort.choices import read_choices, with_choices
from taceflow.cohort.sheets import CohortTables
from taceflow.files.cells import records
from taceflow.files.locations import split_location
from taceflow.readings import MAIN_READING
from taceflow.study.source_fingerprint import fingerprint

NO_SCAN = {"image": "", "series_uid": ""}
"""A patient whose scan the archive holds."""


@dataclass(frozen=True)
class FileIndex:
    """Scans, masks and their files, indexed by patient.

    Attributes
    ----------
    readings : tuple of str
        All readings of the tables, as ``reader1-1``.
    scans : dict
        By patient: ``{"image": path, "series_uid": uid}`` of the phase that the model uses; "" is
        left to the archive.
    masks : dict
        By patient: list of ``{"reading", "phase", "mask", "roi"}``.
    sources : dict
        By patient: the files and folders whose change makes a new import necessary.
    """

    readings: tuple[str, ...]
    scans: dict[str, dict[str, str]] = field(repr=False)
    masks: dict[str, list[dict[str, str]]] = field(repr=False)
    sources: dict[str, list[str]] = field(repr=False)

    def sources_of(self, patient: str) -> dict[str, Any]:
        """Return what the tables name of a patient, scan and readings, and the digest of these."""
        return {
            "scan": self.scans[patient],
            "masks": self.masks[patient],
            "digest": fingerprint(self.sources[patient]),
        }


def index_files(
    tables: CohortTables,
    phase: str,
    to_import: Collection[str],
    *,
    choices: str | None = None,
    made_in: str | None = None,
) -> FileIndex:
    """Find the files of the patients whose images are read.

    Parameters
    ----------
    tables : CohortTables
        Checked.
    phase : str
        The phase that the models use.
    to_import : collection of str
        These patients.
    choices : str, optional
        The user's table of chosen series, which goes before the table of scans.
    made_in : str, optional
        Folder in which the workflow makes a folder a patient, with all files; without it the files
        are the user's.

    Returns
    -------
    FileIndex

    Raises
    ------
    InputError
        If the table of chosen series cannot be used.
    """
    scans = _scans_by_patient(tables.scans, phase)
    if choices:
        chosen = read_choices(choices, tuple(tables.patients["patient_id"]))
        scans = with_choices(scans, chosen, NO_SCAN, choices)
    masks = _masks_by_patient(tables.segmentations)
    readings = {row["reading"] for rows in masks.values() for row in rows} | {MAIN_READING}
    scans = {patient: scans.get(patient, NO_SCAN) for patient in to_import}
    masks = {patient: masks.get(patient, []) for patient in to_import}
    sources = {
        patient: [f"{made_in}/{patient}"] if made_in else _files_of(scans[patient], masks[patient])
        for patient in to_import
    }
    return FileIndex(tuple(sorted(readings)), scans, masks, sources)


def _files_of(scan: dict[str, str], masks: list[dict[str, str]]) -> list[str]:
    """Return the files and folders of a patient; a member of a zip archive is none."""
    named = [split_location(name)[0] for name in (scan["image"], *(row["mask"] for row in masks))]
    return list(dict.fromkeys(str(Path(name)) for name in named if name))


def _scans_by_patient(scans: pd.DataFrame, phase: str) -> dict[str, dict[str, str]]:
    return {
        row["patient_id"]: {name: row.get(name, "") for name in NO_SCAN}
        for row in records(scans[scans["phase"] == phase])
    }


def _masks_by_patient(segmentations: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    masks: dict[str, list[dict[str, str]]] = {}
    for row in records(segmentations):
        masks.setdefault(row["patient_id"], []).append(
            {
                "reading": f"reader{row['reader']}-{row['reading']}",
                "phase": row["phase"],
                "mask": row["mask"],
                "roi": str(row.get("roi", "")),
            }
        )
    return masks
