"""Rows of the tables of scans and masks, from the files of each patient."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import pydicom

from taceflow.errors import ExclusionError
from taceflow.files.locations import split_location
from taceflow.files.sheets.ids import id_key
from taceflow.files.volumes.file import VolumeFile
from taceflow.imaging.catalogue.header_values import referenced_series
from taceflow.imaging.dicom.candidates import list_candidates, series_answer
from taceflow.imaging.dicom.deidentification import NAMING_TAGS, scrub_description
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.phase import PhaseError, PhaseRules, choose_series
from taceflow.imaging.dicom.series import Series, list_series
from taceflow.imaging.masks.regions import UNUSABLE
from taceflow.program.naming import named_phases
from taceflow.program.survey import File, Patient
from taceflow.wording.messages import listed
from taceflow.wording.path_hints import refused_in

_TUMOR = re.compile(r"(?i)tumou?r|mass|lesion|l[äa]sion|gtv|hcc|carcinom|karzinom")
_MOST_LABELS = 20
_LOWEST_LABEL = 0
_REGION_TAGS = [
    *("SOPClassUID", "SeriesDescription", "SegmentSequence", "StructureSetROISequence"),
    *("ReferencedSeriesSequence", "ReferencedFrameOfReferenceSequence", *NAMING_TAGS),
]


@dataclass
class Tables:
    """Rows by table, ``scans``, ``segmentations`` and ``choices``, and notes by patient."""

    scans: list[dict[str, Any]] = field(default_factory=list)
    segmentations: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class _Mask:
    """A mask on its way to a row."""

    file: File
    phase: str
    reader: int | None
    reading: int | None
    called: str
    roi: str = ""
    notes: list[str] = field(default_factory=list)


def tabulate(patients: Mapping[str, Patient], rules: PhaseRules) -> Tables:
    """Return the rows that the files of each patient tell.

    Parameters
    ----------
    patients : mapping of str to Patient
        From `survey`.
    rules : PhaseRules
        How the series of the phase is found.

    Returns
    -------
    Tables
    """
    tables = Tables()
    masks: dict[str, list[_Mask]] = {}
    held = _held(patients)
    for patient, one in patients.items():
        notes = tables.notes[patient] = list(one.notes)
        series, rows, choices = _dicom_scans(patient, one.files, rules, notes, held)
        volumes, outlines = _by_role(one.files, notes)
        rows += _volume_scans(one.name, volumes, rules, notes, has_dicom=bool(rows))
        rows = [{"patient_id": patient} | row for row in rows]
        tables.scans += rows
        tables.choices += choices
        phases = [row["phase"] for row in rows]
        masks[patient] = [
            _mask_of(file, one.name, rules, phases, series)
            for file in (*outlines, *(file for file in one.files if file.is_dicom and file.is_mask))
        ]
        if not rows:
            notes.append("no scan was found")
    called = _readers(masks)
    for patient, of_patient in masks.items():
        tables.segmentations += [
            {"patient_id": patient} | row
            for row in _mask_rows(of_patient, called, tables.notes[patient])
        ]
    return tables


def _dicom_scans(
    patient: str, files: list[File], rules: PhaseRules, notes: list[str], held: Mapping[str, int]
) -> tuple[dict[str, Series], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the series of each phase, their rows, and the series to choose from."""
    locations = [file.location for file in files if file.kind == "ct"]
    if not locations:
        return {}, [], []
    found = list_series(locations)
    series, rows, choices = {}, [], []
    for phase in rules.phase_patterns:
        is_wanted = phase == rules.phase
        try:
            choice = choose_series(
                found, replace(rules, phase=phase), patient=patient, is_declared=is_wanted
            )
        except PhaseError as error:
            if is_wanted:
                notes.append(_cut(error.problem))
                volumes = [one for one in found if len(one.slices) > 1]
                choices = list_candidates(volumes, None, rules)
            continue
        series[phase] = choice.series
        image, uid = _place_of(choice.series, held)
        told = [*choice.notes]
        if PurePath(image).suffix.lower() == ".zip":
            told.append("of an archive all is read for each patient: unpacked it is faster")
        row = {"phase": phase, "image": image, "series_uid": uid, "notes": "; ".join(told)}
        if not image:
            notes.append(f"{phase}: the series lies in several zip archives: unpack them")
            continue
        if choice.doubt:
            choices = list_candidates(found, choice.series, rules)
        rows.append(row)
    rows += _to_choose(rules.phase, locations, choices) if rules.phase not in series else []
    return series, rows, [{"patient_id": patient} | row for row in choices]


def _to_choose(
    phase: str, locations: list[str], choices: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the row of a phase whose series somebody has to mark."""
    places = {split_location(one)[0] for one in locations if split_location(one)[1]}
    image = (
        next(iter(places))
        if len(places) == 1
        else os.path.commonpath([str(PurePath(split_location(one)[0]).parent) for one in locations])
    )
    note = "mark one series in the sheet choices" if choices else "no series can be the phase"
    return [{"phase": phase, "image": image, "series_uid": "", "notes": note}]


def _place_of(series: Series, held: Mapping[str, int]) -> tuple[str, str]:
    """Return the folder or zip archive of a series, and its uid where that holds others too."""
    places = {split_location(one.location) for one in series.slices}
    uid = series_answer(series)
    archives = {file for file, member in places if member is not None}
    if archives:
        return archives.pop() if len({file for file, _ in places}) == 1 else "", uid
    folder = os.path.commonpath([str(PurePath(file).parent) for file, _ in places])
    return folder, uid if held[folder] > len(places) else ""


def _held(patients: Mapping[str, Patient]) -> Counter[str]:
    """Count the CT images below each folder."""
    held: Counter[str] = Counter()
    for one in patients.values():
        for file in one.files:
            if file.kind == "ct":
                place = PurePath(split_location(file.location)[0])
                held.update(map(str, place.parents))
    return held


def _by_role(files: list[File], notes: list[str]) -> tuple[list[File], list[File]]:
    """Return the scans and the masks among image files, by name or by what they hold."""
    volumes, outlines = [], []
    # of a data set called after an organ, scans are called so too
    is_said = not any(file.own.is_organ for file in files if file.is_mask is False)
    for file in files:
        if file.is_dicom:
            continue
        name = PurePath(file.location).name
        if split_location(file.location)[1] is not None and file.is_mask is not True:
            notes.append(
                f"'{name}' lies in a zip archive, in which scans are read of DICOM alone: unpack it"
            )
            continue
        is_mask = file.is_mask
        if is_mask is None:
            try:
                is_mask = _holds_labels(file.location)
            except ExclusionError as error:
                notes.append(f"'{name}' {error.problem}")
                continue
        if is_mask and is_said and file.own.is_organ:
            notes.append(f"'{name}' is called after an organ: left out")
            continue
        (outlines if is_mask else volumes).append(file)
    return volumes, outlines


def _holds_labels(location: str) -> bool:
    """Say whether an image holds few whole numbers and nothing below 0, slice by slice."""
    file = VolumeFile(location, {"stage": "imaging"})
    if file.dimensions != 3:
        return False
    seen: set[float] = set()
    for plane in file.slices():
        if plane.min() < _LOWEST_LABEL or len(seen | set(np.unique(plane))) > _MOST_LABELS:
            return False
        seen |= set(np.unique(plane))
    return all(float(value).is_integer() for value in seen) or max(seen) <= 1


def _volume_scans(
    name: str, volumes: list[File], rules: PhaseRules, notes: list[str], *, has_dicom: bool
) -> list[dict[str, Any]]:
    rows, unknown, by_phase = [], [], defaultdict(list)
    for file in volumes:
        named = named_phases(_told(file, name), rules.phase_patterns)
        (by_phase[named.pop()] if len(named) == 1 else unknown).append(file)
    note = ""
    if len(unknown) == 1 and rules.phase not in by_phase and not has_dicom:
        by_phase[rules.phase], unknown = unknown, []
        note = f"{rules.phase}? The name does not say it"
    if unknown:
        names = listed([PurePath(one.location).name for one in unknown])
        notes.append(f"of which phase? {names}")
    for phase, files in by_phase.items():
        if len(files) > 1:
            names = listed([PurePath(one.location).name for one in files])
            notes.append(f"{len(files)} scans are called {phase}: {names}")
        elif has_dicom:
            notes.append(f"'{PurePath(files[0].location).name}' beside the DICOM series: left out")
        else:
            location = files[0].location
            told = "; ".join(filter(None, [note, refused_in(location)]))
            rows.append({"phase": phase, "image": location, "series_uid": "", "notes": told})
    return rows


def _told(file: File, name: str) -> str:
    """Return what the names around a patient's id say."""
    after = [one for one in file.folders if id_key(one.rest) != id_key(name)]
    return " ".join(
        filter(None, [*(one.words for one in after), file.own.words, _called(file, name)])
    )


def _called(file: File, name: str) -> str:
    """Return what a file is called beside the patient's id and known words."""
    rests = [rest for rest in file.trail if id_key(rest) != id_key(name)]
    rests = [rest[len(name) :] if rest.lower().startswith(name.lower()) else rest for rest in rests]
    rests += [one.others for one in file.folders]
    return " ".join(" ".join(rests).replace("_", " ").replace("-", " ").split()).lower()


def _mask_of(
    file: File, name: str, rules: PhaseRules, phases: list[str], series: Mapping[str, Series]
) -> _Mask:
    names = (*file.folders, file.own)
    mask = _Mask(
        file=file,
        phase="",
        reader=next((one.reader for one in reversed(names) if one.reader), None),
        reading=next((one.reading for one in reversed(names) if one.reading), None),
        called=_called(file, name),
    )
    text = f"{_told(file, name)} {file.description}"
    if file.is_dicom:
        _read_regions(mask, series)
    named = named_phases(text, rules.phase_patterns)
    if not mask.phase and len(named) == 1:
        mask.phase = named.pop()
    if not mask.phase:
        mask.phase = phases[0] if len({*phases}) == 1 else rules.phase
        if len({*phases}) > 1:
            mask.notes.append(f"drawn on the {mask.phase} phase? No name says it")
    mask.notes += filter(None, [refused_in(file.location)])
    return mask


def _read_regions(mask: _Mask, series: Mapping[str, Series]) -> None:
    """Fill in which region a DICOM mask holds and on which series it was drawn."""
    try:
        header = read_header(mask.file.location, _REGION_TAGS) or pydicom.Dataset()
        named = {str(item.get("SeriesInstanceUID") or "") for item in referenced_series(header)}
        regions = [
            (str(item.get("SegmentNumber")), str(item.get("SegmentLabel") or ""))
            for item in header.get("SegmentSequence") or []
        ]
        regions += [
            (str(item.get("ROINumber")), str(item.get("ROIName") or ""))
            for item in header.get("StructureSetROISequence") or []
        ]
    except UNUSABLE as error:
        mask.notes.append(f"its header cannot be read ({type(error).__name__})")
        return
    mask.phase = next((phase for phase, one in series.items() if one.uid in named), "")
    if named - {""} and series and not mask.phase:
        mask.notes.append("it names another series than the scans of this table")
    if len(regions) < 2:
        return
    tumors = [region for region in regions if _TUMOR.search(region[1])]
    persons = [str(header.get(tag) or "") for tag in NAMING_TAGS]
    shown = listed([f"{number} {scrub_description(label, persons)}" for number, label in regions])
    if len(tumors) == 1:
        mask.roi = tumors[0][0]
        mask.notes.append(f"region {mask.roi} by its name, of: {shown}")
    else:
        mask.notes.append(f"which region, or several as 1;2? It holds: {shown}")


def _readers(masks: Mapping[str, list[_Mask]]) -> dict[str, int]:
    """Number the words by which masks of one patient differ, most frequent first."""
    counts: Counter[str] = Counter()
    for of_patient in masks.values():
        open_ones = [
            one.called for one in of_patient if one.reader is None and not one.file.is_dicom
        ]
        if len({*open_ones}) > 1:
            counts.update({*open_ones} - {""})
    if not counts:
        return {}
    least = min(2, len(masks))
    words = [word for word, count in counts.items() if count >= least]
    words.sort(key=lambda word: (-counts[word], word))
    # where one file has no such word, it is the first reader's
    is_first = any("" in [one.called for one in some] and len(some) > 1 for some in masks.values())
    return {word: place for place, word in enumerate(words, start=2 if is_first else 1)}


def _mask_rows(
    masks: list[_Mask], called: Mapping[str, int], notes: list[str]
) -> list[dict[str, Any]]:
    """Return the rows of a patient's masks; two of one reading are one too many."""
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for mask in sorted(
        masks, key=lambda one: (one.reader or 1, one.reading or 1, one.file.location)
    ):
        location = mask.file.location
        reader = mask.reader or called.get(mask.called, 1)
        if mask.reader is None and mask.called in called:
            mask.notes.append(f"reader {reader} is taken to be '{mask.called}'")
        key = reader, mask.reading or 1
        if key in rows:
            notes.append(
                f"left out: '{location}', a second mask of reader {key[0]}, reading {key[1]}: "
                "another reader or reading? Parts of one tumour belong into one file"
            )
            continue
        rows[key] = {
            "phase": mask.phase,
            "reader": key[0],
            "reading": key[1],
            "mask": location,
            "roi": mask.roi,
            "notes": "; ".join(mask.notes),
        }
    if not rows:
        notes.append("no mask was found")
    return list(rows.values())


def _cut(text: str, most: int = 300) -> str:
    return text if len(text) <= most else f"{text[:most]} ..."
