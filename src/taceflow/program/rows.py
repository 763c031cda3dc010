"""Rows of the tables of scans and masks, from the files of each patient."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import PurePath
from typing import Any

from taceflow.files.locations import split_location
from taceflow.imaging.catalogue.header_reading import (
    FILES_A_TASK,
    PROGRESS_EVERY_S,
    silence,
)
from taceflow.imaging.dicom.phase_rules import PhaseRules
from taceflow.program.masks import Mask, mask_rows, masks_of, number_readers
from taceflow.program.scans import Scans, scans_of
from taceflow.program.whose import Patient

_LOG = logging.getLogger(__name__)


@dataclass
class Tables:
    """Rows by table, ``scans``, ``segmentations`` and ``choices``, and notes by patient."""

    scans: list[dict[str, Any]] = field(default_factory=list)
    segmentations: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)


def tabulate(patients: Mapping[str, Patient], rules: PhaseRules, threads: int) -> Tables:
    """Return the rows that the files of each patient tell.

    Parameters
    ----------
    patients : mapping of str to Patient
        From `patients_of`.
    rules : PhaseRules
        How the series of the phase is found.
    threads : int
        Reading processes.

    Returns
    -------
    Tables
    """
    tables = Tables()
    masks, told = {}, time.monotonic()
    read = partial(_read, rules=rules, held=_held(patients))
    with ExitStack() as stack:
        if sum(len(one.files) for one in patients.values()) <= FILES_A_TASK:  # not worth a process
            found = map(read, patients.items())
        else:
            pool = ProcessPoolExecutor(min(threads, len(patients)), get_context("forkserver"))
            found = stack.enter_context(pool).map(read, patients.items())
        for place, (patient, (scans, masks[patient])) in enumerate(
            zip(patients, found, strict=True)
        ):
            tables.notes[patient] = scans.notes
            tables.scans += [{"patient_id": patient} | row for row in scans.rows]
            tables.choices += scans.choices
            if time.monotonic() - told >= PROGRESS_EVERY_S:
                told = time.monotonic()
                _LOG.info("series of %d of %d patients are chosen", place + 1, len(patients))
    called = number_readers(masks)
    for patient, own in masks.items():
        rows = mask_rows(own, called, rules.phase, tables.notes[patient])
        tables.segmentations += [{"patient_id": patient} | row for row in rows]
    return tables


def _read(
    owned: tuple[str, Patient], rules: PhaseRules, held: Mapping[str, int]
) -> tuple[Scans, list[Mask]]:
    patient, one = owned
    with silence():
        scans = scans_of(patient, one, rules, held)
        scans.notes = [*one.notes, *scans.notes]
        return scans, masks_of(one, scans, rules, scans.notes)


def _held(patients: Mapping[str, Patient]) -> Counter[str]:
    """Count the CT images below each folder."""
    held: Counter[str] = Counter()
    for one in patients.values():
        for file in one.files:
            if file.kind == "ct":
                place = PurePath(split_location(file.location)[0])
                held.update(map(str, place.parents))
    return held
