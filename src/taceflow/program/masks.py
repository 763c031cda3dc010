"""Rows of the table of masks, from the files of all patients."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pydicom
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.locations import open_file, size_of
from taceflow.imaging.catalogue.header_values import referenced_series
from taceflow.imaging.dicom.deidentification import NAMING_TAGS, opaque_key, scrub_description
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.phase_rules import PhaseRules
from taceflow.imaging.masks.label_image import list_regions
from taceflow.imaging.masks.mask_file import MaskFile, ReferenceCT
from taceflow.imaging.masks.regions import UNUSABLE, Region
from taceflow.program.found_files import File
from taceflow.program.grids import difference, grid_of_file
from taceflow.program.naming import named_phases, stem
from taceflow.program.scans import MARK_ONE, Image, Scans
from taceflow.program.whose import Patient, words_above, words_around, words_beside
from taceflow.wording.messages import listed
from taceflow.wording.path_hints import refused_in

_TUMOR = re.compile(r"(?i)tumou?r|mass|lesion|l[äa]sion|gtv|hcc|carcinom|karzinom")
_COPY = re.compile(r"\b(copy|kopie|copie|copia|kopia|kopya|of|von|de)\b|\(\d+\)|[\W_]")
_REGION_TAGS = [
    *("SOPClassUID", "SeriesDescription", "SegmentSequence", "StructureSetROISequence"),
    *("ReferencedSeriesSequence", "ReferencedFrameOfReferenceSequence", *NAMING_TAGS),
]


@dataclass
class Mask:
    """A mask on its way to a row."""

    file: File
    phase: str
    reader: int | None
    reading: int | None
    called: str
    roi: str = ""
    drawn_on: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def masks_of(one: Patient, scans: Scans, rules: PhaseRules, notes: list[str]) -> list[Mask]:
    """Return a patient's masks, those of organs left out.

    Parameters
    ----------
    one : Patient
        The files.
    scans : Scans
        From `scans_of`.
    rules : PhaseRules
        How phases are named.
    notes : list of str
        Lengthened by what is left out.

    Returns
    -------
    list of Mask
    """
    # of a data set called after an organ, scans are called so too
    is_said = not any(file.own.is_organ for file in one.files if file.is_mask is False)
    masks = []
    for file in one.files:
        if file.is_mask and is_said and file.own.is_organ and not file.is_dicom:
            notes.append(f"called after an organ and left out: '{PurePath(file.location).name}'")
        elif file.is_mask:
            masks.append(_mask_of(file, one.name, rules, scans))
    masks = _without_copies(masks, one.name, notes)
    _mark_series(masks, scans, rules)
    return masks


def _without_copies(masks: list[Mask], name: str, notes: list[str]) -> list[Mask]:
    """Leave out files that hold what another one holds; a copy has the longer name."""
    kept: dict[tuple[Any, ...], Mask] = {}
    sizes = Counter(size_of(one.file.location) for one in masks)
    for one in sorted(masks, key=lambda one: (len(one.file.location), one.file.location)):
        location = one.file.location
        size, content = size_of(location), b""
        if sizes[size] > 1:
            with open_file(location) as opened:
                content = hashlib.sha256(opened.read()).digest()
        # what names call another reader's, reading or part is one, be it a copy
        called = "" if one.file.is_dicom else stem(PurePath(location).name).lower()
        words = " ".join(_COPY.sub(" ", called).split())
        key = one.reader, one.reading, words_above(one.file, name), words, size, content
        first = kept.setdefault(key, one)
        if first is not one:
            notes.append(f"left out: '{location}', a copy of '{first.file.location}'")
    return list(kept.values())


def _mark_series(masks: list[Mask], scans: Scans, rules: PhaseRules) -> None:
    """Mark in the sheet choices the series on which all masks were drawn, if no rule took one."""
    keys = {opaque_key(uid) for one in masks for uid in one.drawn_on}
    rows = [row for row in scans.choices if row["series_uid"].partition("/")[0] in keys]
    if rules.phase in scans.images or len(rows) != 1:
        return
    if rules.phase in (rows[0]["named"] or rules.phase).split("; "):
        rows[0]["use"] = "x"
        for one in scans.rows:
            if one["phase"] == rules.phase and one["notes"] == MARK_ONE:
                one["notes"] = "in the sheet choices the series is marked that the mask names: look"


def _mask_of(file: File, name: str, rules: PhaseRules, scans: Scans) -> Mask:
    names = (*file.folders, file.own)
    mask = Mask(
        file=file,
        phase="",
        reader=next((one.reader for one in reversed(names) if one.reader), None),
        reading=next((one.reading for one in reversed(names) if one.reading), None),
        called=words_above(file, name) if file.is_dicom else words_beside(file, name),
    )
    text = f"{words_around(file, name)} {file.description}"
    grid = None if file.is_dicom else grid_of_file(file.location)
    differences = {
        phase: difference(grid, image.grid)
        for phase, image in scans.images.items()
        if grid and image.grid
    }
    if file.is_dicom:
        _read_header(mask, scans.images)
    else:
        _read_labels(mask)
    named = named_phases(text, rules.phase_patterns)
    if not mask.phase and len(named) == 1:
        mask.phase = named.pop()
    if not mask.phase:
        _guess_phase(mask, scans, rules, [one for one, why in differences.items() if not why])
    if file.own.is_organ and not file.is_dicom:
        mask.notes.append("called after an organ: does it outline the tumour?")
    mask.notes += filter(None, [differences.get(mask.phase), refused_in(file.location)])
    return mask


def _guess_phase(mask: Mask, scans: Scans, rules: PhaseRules, fitting: list[str]) -> None:
    """Fill in the phase that no name tells: the only one, or the only one on the mask's grid."""
    phases = {row["phase"] for row in scans.rows}
    mask.phase = min(phases) if len(phases) == 1 else rules.phase
    if len(phases) > 1 and len(fitting) == 1:
        mask.phase = fitting[0]
        mask.notes.append(f"{mask.phase}: by its grid, which no other scan has")
    elif len(phases) > 1:
        mask.notes.append(f"drawn on the {mask.phase} phase? No name says it")


def _read_header(mask: Mask, images: Mapping[str, Image]) -> None:
    """Fill in which region a DICOM mask holds and on which series it was drawn."""
    try:
        header = read_header(mask.file.location, _REGION_TAGS) or pydicom.Dataset()
        named = {str(item.get("SeriesInstanceUID") or "") for item in referenced_series(header)}
        regions = [
            Region(item.get("SegmentNumber"), str(item.get("SegmentLabel") or ""))
            for item in header.get("SegmentSequence") or []
        ]
        regions += [
            Region(item.get("ROINumber"), str(item.get("ROIName") or ""))
            for item in header.get("StructureSetROISequence") or []
        ]
    except UNUSABLE as error:
        mask.notes.append(f"its header cannot be read ({type(error).__name__})")
        return
    mask.drawn_on = named - {""}
    mask.phase = next((phase for phase, one in images.items() if one.uid in named), "")
    if mask.drawn_on and images and not mask.phase:
        mask.notes.append("it names another series than the scans of this table")
    _choose_region(mask, regions, [str(header.get(tag) or "") for tag in NAMING_TAGS])


def _read_labels(mask: Mask) -> None:
    """Fill in which region a label image holds."""
    location = mask.file.location
    no_ct = ReferenceCT(sitk.Image(1, 1, 1, sitk.sitkUInt8))
    try:
        regions = list_regions(MaskFile(location, "", no_ct, {"stage": "segmentation"}))
    except ExclusionError as error:
        mask.notes.append(error.problem)
    else:
        _choose_region(mask, regions, [])


def _choose_region(mask: Mask, regions: list[Region], persons: list[str]) -> None:
    """Take the only region that is called a tumour, and say which there are."""
    if len(regions) < 2:
        return
    tumors = [region for region in regions if _TUMOR.search(region.name)]
    shown = listed(
        [f"{one.number} {scrub_description(one.name, persons)}".strip() for one in regions]
    )
    if len(tumors) == 1:
        mask.roi = str(tumors[0].number)
        mask.notes.append(f"region {mask.roi} by its name, of: {shown}")
    else:
        mask.notes.append(f"which region, or several as 1;2? It holds: {shown}")


def number_readers(masks: Mapping[str, list[Mask]]) -> dict[str, int]:
    """Number the words by which masks of one patient differ, most frequent first.

    Parameters
    ----------
    masks : mapping of str to list of Mask
        By patient.

    Returns
    -------
    dict of str to int
    """
    by_patient = [{one.called for one in some if one.reader is None} for some in masks.values()]
    several = [words for words in by_patient if len(words) > 1]
    # beside a file without such a word it may be a copy: of two patients it is a reader
    beside = Counter(word for words in several if "" in words for word in words - {""})
    found = {word for words in several if "" not in words for word in words}
    found |= {word for word, count in beside.items() if count > 1}
    counts = Counter(word for words in by_patient for word in words & found)
    ranked = sorted(found, key=lambda word: (-counts[word], word))
    # a file without is then the first reader's
    first = 2 if any("" in words and words & found for words in several) else 1
    return {word: place for place, word in enumerate(ranked, start=first)}


def mask_rows(
    masks: list[Mask], called: Mapping[str, int], phase: str, notes: list[str]
) -> list[dict[str, Any]]:
    """Return the rows of a patient's masks; of two of one reading one is too many.

    Parameters
    ----------
    masks : list of Mask
        From `masks_of`.
    called : mapping of str to int
        From `number_readers`.
    phase : str
        Whose masks go before others.
    notes : list of str
        Lengthened by what is left out.

    Returns
    -------
    list of dict
    """

    def order(mask: Mask) -> tuple[Any, ...]:
        place = mask.reader or 1, mask.reading or 1
        return *place, mask.phase != phase, len(mask.called), mask.file.location

    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for mask in sorted(masks, key=order):
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
    return [rows[key] for key in sorted(rows)]
