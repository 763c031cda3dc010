"""The scans and masks that a folder or a zip archive holds, and whose they are."""

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from taceflow.errors import InputError
from taceflow.files.locations import split_location
from taceflow.files.sheets.ids import id_key
from taceflow.imaging.catalogue.header_reading import list_archive, read_headers
from taceflow.imaging.dicom.deidentification import opaque_key
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.persons import person_of
from taceflow.imaging.dicom.unused_files import IMAGE_FILES
from taceflow.program.naming import Name, id_of, read_name, stem

_DICOM = ("ct", "segmentation", "structure_set")
_NO_DICOM = ("no_dicom", "unreadable")
_NOBODY = opaque_key("")
"""The person of files whose PatientID is empty."""

_MOST_KINDS = 3
"""Folders by what they hold, such as scans and the masks of two readers."""

_REMOVED = "PatientIdentityRemoved"
_PAIRED = ".img"
"""Holds the values of a .hdr, which is what the tables name."""

_LOG = logging.getLogger(__name__)


class _Everybody(dict):
    """Takes each DICOM PatientID for a person of the study, under an opaque key."""

    def get(self, key: str, default: object = None) -> str:
        return opaque_key(key)


@dataclass(frozen=True)
class File:
    """A scan's slice, a scan or a mask.

    Attributes
    ----------
    location : str
        As `list_files` names it.
    kind : str
        ``ct``, ``segmentation`` and ``structure_set`` of DICOM, else ``image``.
    person, study : str or None
        Opaque keys of PatientID and study, of a DICOM file.
    folders : tuple of Name
        From the surveyed folder to its own.
    own : Name
        What its own name says.
    description : str
        The series', scrubbed.
    """

    location: str
    kind: str
    person: str | None
    study: str | None
    folders: tuple[Name, ...]
    own: Name
    description: str

    @property
    def is_dicom(self) -> bool:
        """Whether it is a DICOM file, whose name means nothing."""
        return self.kind != "image"

    @property
    def is_mask(self) -> bool | None:
        """Whether it is a mask, as kind and names say it; None if they do not."""
        if self.is_dicom:
            return self.kind != "ct"
        roles = [self.own.is_mask, *(one.is_mask for one in reversed(self.folders))]
        told = next((role for role in roles if role is not None), None)
        return True if told is None and (self.own.is_tumor or self.own.is_organ) else told

    @property
    def may_be_scan(self) -> bool:
        """Whether it is no mask, as far as its name tells."""
        return self.is_mask is not True

    @property
    def trail(self) -> tuple[str, ...]:
        """What may be ids, from the outermost folder on."""
        names = (*self.folders, *(() if self.is_dicom else (self.own,)))
        return tuple(name.rest for name in names if name.rest)


@dataclass
class Patient:
    """A patient's files, and what is to be known of whose they are."""

    name: str
    files: list[File]
    cohort: str = ""
    notes: list[str] = field(default_factory=list)


def survey(root: str, phase_patterns: Mapping[str, str], threads: int) -> dict[str, Patient]:
    """Find the scans and masks in a folder or a zip archive, and whose they are.

    A patient's id is the name of the own folder, or what the names of the files share. Headers
    decide only that two are not one person, and never give an id.

    Parameters
    ----------
    root : str
        A folder of any layout, or a zip archive.
    phase_patterns : mapping of str to str
        ``imaging.phase_patterns``.
    threads : int
        Reading processes.

    Returns
    -------
    dict of str to Patient
        By id, sorted.

    Raises
    ------
    InputError
        If there is no such folder, or nothing in it is a scan or a mask.
    """
    if not Path(root).exists():
        raise InputError("there is no such folder", file=root, remedy="Name the folder of scans")
    files = _list(root, phase_patterns, threads)
    if not files:
        raise InputError(
            "nothing in it is a CT or a mask in DICOM, NIfTI, NRRD or MHA",
            file=root,
            remedy="Name the folder that holds them; unpack what is packed otherwise than as zip",
        )
    files = _without_kinds(files)
    shared = _shared_folders(files)
    files = [replace(one, folders=one.folders[len(shared) :]) for one in files]
    groups = _by_name(files, shared)
    groups = _descend(groups)
    groups = _join_halves(groups)
    return _named(_by_person(groups))


def _list(root: str, phase_patterns: Mapping[str, str], threads: int) -> list[File]:
    listed_files = list_archive(Path(root))
    is_pair = listed_files["location"].str.lower().str.endswith(_PAIRED)
    listed_files = listed_files[~is_pair]
    facts = read_headers(list(listed_files["location"]), _Everybody(), threads)
    names: dict[tuple[str, bool], Name] = {}

    def named(name: str, of_file: bool) -> Name:
        if (name, of_file) not in names:
            names[name, of_file] = read_name(name, phase_patterns, of_file=of_file)
        return names[name, of_file]

    found = []
    for row in facts.itertuples():
        archive, member = split_location(row.location)
        # a small one may look like a DICOM file that is cut off
        is_image = row.kind in _NO_DICOM and row.location.lower().endswith(IMAGE_FILES)
        if row.kind not in _DICOM and not is_image:
            continue
        inside = PurePath(archive).relative_to(root).parts if Path(root).is_dir() else ()
        if member is not None:
            inside = (*inside[:-1], *(stem(one) for one in inside[-1:]), *PurePath(member).parts)
        *folders, own = inside or (PurePath(archive).name,)
        found.append(
            File(
                location=row.location,
                kind="image" if is_image else row.kind,
                person=row.patient_id if isinstance(row.patient_id, str) else None,
                study=row.study_key if isinstance(row.study_key, str) else None,
                folders=tuple(named(one, False) for one in folders),
                own=named(stem(own), True),
                description=row.description if isinstance(row.description, str) else "",
            )
        )
    _LOG.info("%s files, of which %s are scans and masks", f"{len(facts):,}", f"{len(found):,}")
    return found


def _without_kinds(files: list[File]) -> list[File]:
    """Take names such as "true masks" and "CT Bilder" for no patients', if there are few."""
    kinds = {
        name.rest
        for file in files
        for name in file.folders
        if name.rest and name.is_mask is not None and not re.search(r"\d", name.rest)
    }
    if len(kinds) > _MOST_KINDS:
        return files
    return [
        replace(
            file,
            folders=tuple(
                replace(name, rest="", others=name.rest.lower()) if name.rest in kinds else name
                for name in file.folders
            ),
        )
        for file in files
    ]


def _shared_folders(files: list[File]) -> list[Name]:
    shared = []
    for names in zip(*(one.folders for one in files), strict=False):
        if len({*names}) > 1:
            break
        shared.append(names[0])
    return shared


def _by_name(files: list[File], shared: list[Name]) -> dict[str, list[File]]:
    """Group files by the outermost name that may be an id; "" has none."""
    groups: dict[str, list[File]] = defaultdict(list)
    spelt: dict[str, str] = {}
    for file in files:
        name = file.trail[0] if file.trail else ""
        groups[spelt.setdefault(id_key(name), name)].append(file)
    lone = next((one.rest for one in reversed(shared) if one.rest), "")
    if lone and len({*groups} - {""}) < 2:
        return {lone: files}
    return groups


def _descend(groups: dict[str, list[File]]) -> dict[str, list[File]]:
    """Part what lies in one folder but is of several patients, such as a hospital's."""
    made = dict(groups)
    parts: dict[tuple[str, str], list[File]] = {}
    for name, files in groups.items():
        found: dict[str, list[File]] = defaultdict(list)
        for file in files:
            found[file.trail[1] if len(file.trail) > 1 else ""].append(file)
        if name and _are_patients(found):
            del made[name]
            parts |= {(name, part): own for part, own in found.items()}
    keys = {id_key(name): name for name in made}
    counts = Counter(id_key(part) for _, part in parts)
    for (name, part), files in parts.items():
        twin = keys.get(id_key(part))
        if part and counts[id_key(part)] == 1 and twin is None:
            made[part] = files
        elif part and counts[id_key(part)] == 1 and _may_be_one(made[twin], files):
            made[twin] = made[twin] + files
        else:
            made[f"{name}_{part}".rstrip("_")] = files
    return made


def _may_be_one(some: list[File], others: list[File]) -> bool:
    """Say whether two groups of files of one name are scans here and masks there."""
    persons, others_persons = _persons(some), _persons(others)
    if persons and others_persons:
        return persons == others_persons
    return not all(any(file.may_be_scan for file in files) for files in (some, others))


def _are_patients(parts: Mapping[str, list[File]]) -> bool:
    named = {name: files for name, files in parts.items() if name}
    if len(named) < 2:
        return False
    persons = [_persons(files) for files in named.values()]
    if all(persons):
        return sum(map(len, persons)) == len({one for some in persons for one in some})
    both = [{file.may_be_scan for file in files} == {True, False} for files in named.values()]
    return sum(both) > 1 and 2 * sum(both) >= len(both)


def _persons(files: Iterable[File]) -> set[str]:
    return {one.person for one in files if one.person} - {_NOBODY}


def _join_halves(groups: dict[str, list[File]]) -> dict[str, list[File]]:
    """Join scans and masks whose names differ by words behind the id: P7 and P7_weber."""
    made = dict(groups)
    for name in sorted(groups, key=len, reverse=True):
        before = [one for one in made if one != name and _begins(name, one)]
        shorter = max(before, key=len, default="")
        if not shorter:
            continue
        pair = made[shorter], made[name]
        has_scan = [any(file.may_be_scan for file in files) for files in pair]
        if not all(has_scan):
            made[shorter] = made[shorter] + made.pop(name)
    return made


def _begins(name: str, start: str) -> bool:
    rest = name[len(start) :]
    return bool(start) and name.lower().startswith(start.lower()) and not rest[:1].isalnum()


def _by_person(groups: dict[str, list[File]]) -> dict[str, list[list[File]]]:
    """Part each group by the persons in its headers; "" holds those without a name."""
    made = {name: _parted(files) for name, files in groups.items() if name}
    of_person = {name: _persons(files) for name, files in groups.items() if name}
    nameless: dict[str, list[File]] = defaultdict(list)
    for file in groups.get("", []):
        nameless[file.person if file.person not in (None, _NOBODY) else file.study or ""].append(
            file
        )
    for person, files in nameless.items():
        owners = [name for name, persons in of_person.items() if person in persons]
        beside = [name for name in made if _begins(files[0].own.rest, name)]
        found = next((some[0] for some in (owners, beside) if len(some) == 1), "")
        if found and len(made[found]) == 1:
            made[found][0].extend(files)
        else:
            made.setdefault("", []).append(files)
    return made


def _parted(files: list[File]) -> list[list[File]]:
    persons = sorted(_persons(files))
    if len(persons) < 2:
        return [[*files]]
    parts = [[file for file in files if file.person == person] for person in persons]
    unknown = [file for file in files if file.person not in persons]
    return [*parts, unknown] if unknown else parts


def _named(groups: dict[str, list[list[File]]]) -> dict[str, Patient]:
    """Give each group of files its id."""
    patients: dict[str, Patient] = {}
    owners: dict[str, list[str]] = defaultdict(list)
    keys = Counter(id_key(id_of(name)) for name in groups)
    number = 0
    for name, parts in sorted(groups.items()):
        for files in parts:
            own, notes = id_of(name), []
            why = _why_numbered(name, own, parts, shared=keys[id_key(own)] > 1)
            if why:
                number = next(
                    n for n in range(number + 1, 10**6) if id_key(f"P{n:03d}") not in keys
                )
                own = f"P{number:03d}"
                notes.append(f"id made up: {why}")
            patients[own] = Patient(name, files, _cohort(files), notes)
            for person in _persons(files):
                owners[person].append(own)
    # one that many share was written by a tool of de-identification
    for one, other in (pair for pair in owners.values() if len(pair) == 2):
        for own, twin in ((one, other), (other, one)):
            patients[own].notes.append(f"the DICOM PatientID is that of {twin} too: one patient?")
    return dict(sorted(patients.items()))


def _cohort(files: list[File]) -> str:
    found = {one.cohort for file in files for one in file.folders} - {""}
    return found.pop() if len(found) == 1 else ""


def _why_numbered(name: str, own: str, parts: list[list[File]], *, shared: bool) -> str:
    """Say why a patient is called by a number, "" if the name of the folder is the id."""
    if not name:
        return "no folder or file is called after the patient"
    if len(parts) > 1:
        return f"files of {len(parts)} persons lie in the folder '{own}'"
    if _is_persons(name, parts[0]):
        return "the folder bears the person's name or number, which logs repeat: rename it"
    if shared or not own:
        return f"'{name}' cannot be an id of its own (letters, digits, '.', '_', '-')"
    return ""


def _is_persons(name: str, files: list[File]) -> bool:
    """Say whether a folder's name is a person's, by the header of a file in it."""
    first = next((file for file in files if file.is_dicom), None)
    if first is None:
        return False
    tags = ["SOPClassUID", *("PatientID", "PatientName", "PatientBirthDate"), _REMOVED]
    header = read_header(first.location, tags) or {}
    person = person_of(header)
    low = name.casefold()
    # a header without a name was made anonymous, and its number is the study's own
    if not person.names or header.get(_REMOVED) == "YES":
        return False
    words = {*re.findall(r"[^\W_]+", low)}
    of_name = [one for one in person.names if len(one) > 1 and not one.isdigit()]
    inside = [one for one in (*of_name, person.number) if len(one) > 3]
    return not words.isdisjoint(of_name) or any(one in low for one in inside)
