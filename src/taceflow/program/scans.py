"""Rows of the table of scans, from a patient's files."""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from taceflow.errors import ExclusionError
from taceflow.files.locations import split_location
from taceflow.imaging.dicom.candidates import list_candidates, series_answer
from taceflow.imaging.dicom.phase import PhaseError, PhaseRules, choose_series
from taceflow.imaging.dicom.series import Series, check_series, list_series
from taceflow.imaging.dicom.unused_files import WHOLE_IMAGE_FILES, UnusedFiles
from taceflow.program.found_files import File
from taceflow.program.grids import Grid, grid_of_file, grid_of_series
from taceflow.program.naming import named_phases
from taceflow.program.whose import Patient, folder_of, words_around
from taceflow.wording.messages import listed
from taceflow.wording.path_hints import refused_in

MARK_ONE = "mark one series in the sheet choices"
_LONGEST_NOTE = 300


@dataclass(frozen=True)
class Image:
    """A scan on which a mask may be drawn: its series' UID, "" of a file, and its grid."""

    uid: str
    grid: Grid | None


@dataclass
class Scans:
    """A patient's scans: images by phase, rows, series to choose from, and notes."""

    images: dict[str, Image] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scans_of(patient: str, one: Patient, rules: PhaseRules, held: Mapping[str, int]) -> Scans:
    """Return what the files of a patient tell of scans.

    Parameters
    ----------
    patient : str
        The id.
    one : Patient
        The files.
    rules : PhaseRules
        How the series of the phase is found.
    held : mapping of str to int
        CT images below each folder, of all patients.

    Returns
    -------
    Scans
    """
    scans = Scans()
    locations = [file.location for file in one.files if file.kind == "ct"]
    if locations:
        _add_series(scans, patient, locations, rules, held, _declared(one, rules))
    _add_volumes(scans, one, rules)
    if not (scans.rows or scans.notes):
        scans.notes.append(_why_none(one))
    return scans


def _why_none(one: Patient) -> str:
    """Say why a patient has no scan, if a folder of the patient's own tells it."""
    told = "no scan was found"
    folder, unused = folder_of(one), UnusedFiles()
    if folder and not list_series(folder, unused) and unused.may_be_a_scan:
        told += f": {_sentences(*unused.explain())}"
    return told


def _sentences(*parts: str | None) -> str:
    return ". ".join(filter(None, parts))


def _declared(one: Patient, rules: PhaseRules) -> str:
    """Return the one phase that folders name, else the phase that is wanted."""
    files = [file for file in one.files if file.kind == "ct"]
    named = {*()}.union(
        *(named_phases(words_around(file, one.name), rules.phase_patterns) for file in files)
    )
    return named.pop() if len(named) == 1 else rules.phase


def _add_series(
    scans: Scans,
    patient: str,
    locations: list[str],
    rules: PhaseRules,
    held: Mapping[str, int],
    declared: str,
) -> None:
    found = list_series(locations, unused := UnusedFiles())
    try:
        check_series(found, unused, "", None, {"stage": "imaging", "patient": patient})
    except ExclusionError as error:
        scans.notes.append(_sentences(error.problem, error.remedy))
        return
    volumes = [one for one in found if len(one.slices) > 1]
    if len(volumes) != 1:
        # of several, the folder of one says nothing of the others
        declared = rules.phase
    for phase in rules.phase_patterns:
        is_wanted = phase == rules.phase
        try:
            choice = choose_series(
                found, replace(rules, phase=phase), patient=patient, is_declared=phase == declared
            )
        except PhaseError as error:
            if is_wanted and phase != declared:
                scans.notes.append(f"no {phase} scan: the only one lies in a folder of {declared}")
            elif is_wanted:
                scans.notes.append(error.problem[:_LONGEST_NOTE])
                scans.choices = list_candidates(volumes, None, rules)
            continue
        scans.images[phase] = Image(choice.series.uid, grid_of_series(choice.series))
        if choice.doubt:
            scans.choices = list_candidates(found, choice.series, rules)
        image, uid = _place_of(choice.series, held)
        if not image:
            scans.notes.append(f"{phase}: the series lies in several zip archives: unpack them")
            continue
        told = [*choice.series.notes, *choice.notes, refused_in(image)]
        if image.lower().endswith(".zip"):
            told.append("of an archive all is read for each patient: unpacked it is faster")
        scans.rows.append(_row(phase, image, uid, told))
    if scans.choices and rules.phase not in scans.images:
        _add_open_row(scans, rules.phase, locations, held)
    scans.choices = [{"patient_id": patient} | row for row in scans.choices]


def _add_open_row(scans: Scans, phase: str, locations: list[str], held: Mapping[str, int]) -> None:
    """Add the row of a phase whose series somebody has to mark in the sheet of choices."""
    if not any(split_location(one)[1] for one in locations):
        folder = os.path.commonpath([str(PurePath(one).parent) for one in locations])
        if held[folder] == len(locations):
            scans.rows.append(_row(phase, folder, "", [MARK_ONE]))
            return
    scans.notes.append(
        f"add a row of the {phase} phase to scans with the series_uid of one in the sheet choices: "
        "the folder or archive holds others' scans too"
    )


def _row(phase: str, image: str, uid: str, notes: list[str]) -> dict[str, Any]:
    told = "; ".join(filter(None, notes))
    return {"phase": phase, "image": image, "series_uid": uid, "notes": told}


def _place_of(series: Series, held: Mapping[str, int]) -> tuple[str, str]:
    """Return the folder or zip archive of a series, and its uid where that holds others too."""
    places = {split_location(one.location) for one in series.slices}
    uid = series_answer(series)
    archives = {file for file, member in places if member is not None}
    if archives:
        return archives.pop() if len({file for file, _ in places}) == 1 else "", uid
    folder = os.path.commonpath([str(PurePath(file).parent) for file, _ in places])
    return folder, uid if held[folder] > len(places) else ""


def _add_volumes(scans: Scans, one: Patient, rules: PhaseRules) -> None:
    """Add the rows of image files."""
    unknown, by_phase = [], defaultdict(list)
    for file in one.files:
        if file.is_dicom or file.is_mask:
            continue
        name = PurePath(file.location).name
        if file.problem:
            scans.notes.append(f"'{name}' {file.problem}")
        elif split_location(file.location)[1] and not name.lower().endswith(WHOLE_IMAGE_FILES):
            scans.notes.append(f"'{name}' has its values in another file of the archive: unpack it")
        else:
            named = named_phases(words_around(file, one.name), rules.phase_patterns)
            (by_phase[named.pop()] if len(named) == 1 else unknown).append(file)
    note = ""
    if len(unknown) == 1 and rules.phase not in by_phase and not scans.rows:
        by_phase[rules.phase], unknown = unknown, []
        note = f"{rules.phase}? The name does not say it"
    if unknown:
        scans.notes.append(f"of which phase? {_located(unknown)}")
    has_series = bool(scans.rows)
    for phase, files in by_phase.items():
        if len(files) > 1:
            scans.notes.append(f"{len(files)} scans are called {phase}: {_located(files)}")
        elif has_series:
            scans.notes.append(f"beside the DICOM series and left out: {_located(files)}")
        else:
            location = files[0].location
            scans.images[phase] = Image("", grid_of_file(location))
            scans.rows.append(_row(phase, location, "", [note, refused_in(location)]))


def _located(files: list[File]) -> str:
    return listed([f"'{file.location}'" for file in files])
