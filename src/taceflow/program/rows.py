"""Rows of the tables of scans and masks, from the files of each patient."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from taceflow.files.locations import split_location
from taceflow.imaging.catalogue.header_reading import PROGRESS_EVERY_S
from taceflow.imaging.dicom.phase_rules import PhaseRules
from taceflow.program.masks import mask_rows, masks_of, number_readers
from taceflow.program.scans import scans_of
from taceflow.program.whose import Patient

_LOG = logging.getLogger(__name__)


@dataclass
class Tables:
    """Rows by table, ``scans``, ``segmentations`` and ``choices``, and notes by patient."""

    scans: list[dict[str, Any]] = field(default_factory=list)
    segmentations: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)


def tabulate(patients: Mapping[str, Patient], rules: PhaseRules) -> Tables:
    """Return the rows that the files of each patient tell.

    Parameters
    ----------
    patients : mapping of str to Patient
        From `patients_of`.
    rules : PhaseRules
        How the series of the phase is found.

    Returns
    -------
    Tables
    """
    tables = Tables()
    held, masks, told = _held(patients), {}, time.monotonic()
    for place, (patient, one) in enumerate(patients.items()):
        if time.monotonic() - told >= PROGRESS_EVERY_S:
            told = time.monotonic()
            _LOG.info("series of %d of %d patients are chosen", place, len(patients))
        scans = scans_of(patient, one, rules, held)
        notes = tables.notes[patient] = [*one.notes, *scans.notes]
        tables.scans += [{"patient_id": patient} | row for row in scans.rows]
        tables.choices += scans.choices
        masks[patient] = masks_of(one, scans, rules, notes)
    called = number_readers(masks)
    for patient, own in masks.items():
        rows = mask_rows(own, called, rules.phase, tables.notes[patient])
        tables.segmentations += [{"patient_id": patient} | row for row in rows]
    return tables


def _held(patients: Mapping[str, Patient]) -> Counter[str]:
    """Count the CT images below each folder."""
    held: Counter[str] = Counter()
    for one in patients.values():
        for file in one.files:
            if file.kind == "ct":
                place = PurePath(split_location(file.location)[0])
                held.update(map(str, place.parents))
    return held
