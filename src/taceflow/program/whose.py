"""Whose files they are: patients by the names of folders and files, told apart by headers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from taceflow.files.locations import split_location
from taceflow.files.sheets.ids import id_key
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.persons import person_of
from taceflow.program.found_files import NOBODY, File
from taceflow.program.naming import FIRST_CHANNEL, Name, id_of, may_be_id

_MOST_KINDS = 3
"""Folders by what they hold, such as scans and the masks of two readers."""

_MOST_SERIES = 12
"""Folders that may be those of one study's series."""

_CHANNEL = re.compile(r".+_000[1-9]")
_REMOVED = "PatientIdentityRemoved"


@dataclass
class Patient:
    """A patient's files, and what is to be known of whose they are."""

    name: str
    files: list[File]
    cohort: str = ""
    notes: list[str] = field(default_factory=list)


def patients_of(files: list[File], root: str) -> dict[str, Patient]:
    """Group files by patient.

    A patient's id is the name of the own folder, or what the names of the files share. Headers
    decide only that two are not one person, and never give an id.

    Parameters
    ----------
    files : list of File
        From `find_files`.
    root : str
        Name of the folder in which they were found.

    Returns
    -------
    dict of str to Patient
        By id, sorted.
    """
    root = root if may_be_id(root) else ""
    named = {name for file in files for name in file.trail}
    files = _with_numbered_folders(_without_kinds(files))
    shared = _shared_folders(files)
    files = [replace(one, folders=one.folders[len(shared) :]) for one in files]
    # the scan's way to write an id goes before the mask's
    files.sort(key=lambda file: not file.may_be_scan)
    groups = _join_halves(_descend(_by_name(files, shared, root)))
    patients = _named(_by_person(groups))
    if root in patients and root not in named:
        patients[root].notes.append(
            f"id: the name of the folder '{root}' itself, since none in it is a patient's"
        )
    return patients


def _without_kinds(files: list[File]) -> list[File]:
    """Take names such as "true masks" and "CT Bilder" for no patients', if there are few."""
    held: dict[str, set[bool]] = defaultdict(set)
    for file in files:
        for name in file.folders:
            if name.rest and name.is_mask is not None and not re.search(r"\d", name.rest):
                held[name.rest].add(file.may_be_scan)
    # what holds a scan and a mask is a patient's
    kinds = {name for name, roles in held.items() if len(roles) == 1}
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


def _with_numbered_folders(files: list[File]) -> list[File]:
    """Take names such as "liver_001" for patients', if several folders so called hold both.

    Scan and mask, that is, in files that nothing else gives to a patient.
    """
    held: dict[tuple[int, str], set[bool]] = defaultdict(set)
    nameless = [not (file.trail or file.person) for file in files]
    for file, is_nameless in zip(files, nameless, strict=True):
        for depth, name in enumerate(file.folders):
            if is_nameless and re.search(r"\d", name.words):
                held[depth, name.words].add(file.may_be_scan)
    depths = Counter(depth for (depth, _), roles in held.items() if len(roles) > 1)
    depth = min((depth for depth, count in depths.items() if count > 1), default=None)
    if depth is None:
        return files
    return [
        replace(
            file,
            folders=tuple(
                replace(name, rest=name.words.replace(" ", "_"), words="")
                if is_nameless and (place, name.words) in held and place == depth
                else name
                for place, name in enumerate(file.folders)
            ),
        )
        for file, is_nameless in zip(files, nameless, strict=True)
    ]


def _shared_folders(files: list[File]) -> list[Name]:
    shared = []
    for names in zip(*(one.folders for one in files), strict=False):
        if len({*names}) > 1:
            break
        shared.append(names[0])
    return shared


def _by_name(files: list[File], shared: list[Name], root: str) -> dict[str, list[File]]:
    """Group files by the outermost name that may be an id; "" has none."""
    groups: dict[str, list[File]] = defaultdict(list)
    spelt: dict[str, str] = {}
    for file in files:
        name = file.trail[0] if file.trail else ""
        groups[spelt.setdefault(id_key(name), name)].append(file)
    lone = next((one for one in _inside_out(shared) if one), "")
    has_one_scan = sum(file.may_be_scan for file in files) == 1
    if lone and (len({*groups} - {""}) < 2 or has_one_scan):
        return {lone: files}
    is_one = _are_of_one_study(groups, files) or (
        {*groups} == {""} and len(_persons(files)) == 1 and len(_studies(files)) < 2
    )
    return {lone or root: files} if is_one else groups


def _inside_out(shared: list[Name]) -> list[str]:
    """Return what may be the only patient's id, innermost first, S3 and PA0 of a disc at last."""
    names = [one.rest for one in reversed(shared)]
    return sorted(names, key=lambda name: bool(re.fullmatch(r"(?i)(?:s|pat?)\d+", name)))


def _are_of_one_study(groups: Mapping[str, list[File]], files: list[File]) -> bool:
    """Say whether what seem to be patients are series of one study.

    Many patients share a number that a tool of de-identification wrote, but not a study.
    """
    images = [file for file in files if file.kind == "ct"]
    places = {(file.person, file.study) for file in images}
    holders = sum(any(file.kind == "ct" for file in own) for own in groups.values())
    return len(places) == 1 and bool(_persons(images)) and 1 < holders <= _MOST_SERIES


def _descend(groups: dict[str, list[File]]) -> dict[str, list[File]]:
    """Part what lies in one folder but is of several patients, such as a hospital's."""
    made = dict(groups)
    parts: dict[tuple[str, str], list[File]] = {}
    inside = {name: _by_second_name(files) for name, files in groups.items() if name}
    parted = [name for name, found in inside.items() if _are_patients(found)]
    keys = {id_key(name) for name in inside}
    keys |= {id_key(part) for name in parted for part in inside[name] if part}
    # patients that have folders of their own elsewhere too: here are a reader's masks
    parted += [name for name in inside if keys.issuperset(map(id_key, inside[name]))]
    for name in dict.fromkeys(parted):
        del made[name]
        parts |= {(name, part): own for part, own in inside[name].items()}
    spelt = {id_key(name): name for name in made}
    counts = Counter(id_key(part) for _, part in parts)
    with_scan = Counter(
        id_key(part)
        for (_, part), files in parts.items()
        if any(file.may_be_scan for file in files)
    )
    for (name, part), files in parts.items():
        twin = spelt.get(id_key(part))
        if twin and _may_be_one(made[twin], files):
            made[twin] = made[twin] + files
        elif part and not twin and (counts[id_key(part)] == 1 or with_scan[id_key(part)] == 1):
            made[part] = made.get(part, []) + files
        else:
            made[f"{name}_{part}".rstrip("_")] = files
    return made


def _by_second_name(files: list[File]) -> dict[str, list[File]]:
    """Group a folder's files by the next name that may be an id; "" has none."""
    found: dict[str, list[File]] = defaultdict(list)
    for file in files:
        found[file.trail[1] if len(file.trail) > 1 else ""].append(file)
    return found


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
    return {one.person for one in files if one.person} - {NOBODY}


def _studies(files: Iterable[File]) -> set[str]:
    return {one.study for one in files if one.kind == "ct" and one.study}


def _join_halves(groups: dict[str, list[File]]) -> dict[str, list[File]]:
    """Join scans and masks whose names differ by words behind the id: P7 and P7_weber."""
    made = dict(groups)
    roles = {name: {file.may_be_scan for file in files} for name, files in groups.items()}
    for name in sorted(groups, key=len, reverse=True):
        before = [one for one in made if one != name and _begins(name, one)]
        shorter = max(before, key=len, default="")
        if shorter and (
            roles[name] == {False} or (roles[shorter], roles[name]) == ({False}, {True})
        ):
            made[shorter] = made[shorter] + made.pop(name)
    for name in [one for one in made if one.isdigit() and roles[one] == {False}]:
        # label0001 beside PANCREAS_0001
        ending = re.compile(rf".*\D0*{int(name)}")
        numbered = [one for one in made if ending.fullmatch(one)]
        if len(numbered) == 1 and roles[numbered[0]] == {True}:
            made[numbered[0]] = made[numbered[0]] + made.pop(name)
    for name in groups:
        # of nnU-Net's channels the first alone is known by its name
        first = name[: -len(FIRST_CHANNEL) - 1]
        if _CHANNEL.fullmatch(name) and any(
            FIRST_CHANNEL in file.own.words.split() for file in made.get(first, [])
        ):
            made[first] = made[first] + made.pop(name)
    return made


def _begins(name: str, start: str) -> bool:
    rest = name[len(start) :]
    return bool(start) and name.lower().startswith(start.lower()) and not rest[:1].isalnum()


def _by_person(groups: dict[str, list[File]]) -> dict[str, list[list[File]]]:
    """Part each group by the persons in its headers; "" holds those without a name."""
    made = {name: _parted(files) for name, files in groups.items() if name}
    of_person = {name: _persons(files) for name, files in groups.items() if name}
    nameless: dict[str, list[File]] = defaultdict(list)
    studies = Counter(file.study for file in groups.get("", []) if file.kind == "ct")
    # a tool of de-identification may write a study for each image, which then tells nothing
    told = {study for study, count in studies.items() if count > 1}
    for file in groups.get("", []):
        is_person = file.person not in (None, NOBODY)
        key = file.person if is_person else file.study if file.study in told else ""
        nameless[key or ""].append(file)
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
            if not name and len(_persons(files)) == 1 and len(_studies(files)) > 1:
                notes.append(
                    f"{len(_studies(files))} studies share one DICOM PatientID, which a tool of "
                    "de-identification may have given to several patients: a folder for each tells"
                )
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
        return f"files of {len(parts)} persons lie in folders called '{own}'"
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


def folder_of(one: Patient) -> Path | None:
    """Return the folder that bears a patient's name, None if none does outside an archive."""
    for file in one.files:
        path, member = split_location(file.location)
        for depth, name in enumerate(reversed(file.folders)):
            if member is None and id_key(name.rest) == id_key(one.name):
                return Path(path).parents[depth]
    return None


def folders_without_use(patients: Mapping[str, Patient], unused: Iterable[str]) -> list[str]:
    """Return the folders beside those of patients in which no file can be used.

    Parameters
    ----------
    patients : mapping of str to Patient
        From `patients_of`.
    unused : iterable of str
        Locations of files that are no scan and no mask.
    """
    own = {folder for one in patients.values() if (folder := folder_of(one))}
    beside = {folder.parent for folder in own}
    found = set()
    for location in unused:
        parents = Path(split_location(location)[0]).parents
        found |= {inner for inner, outer in pairwise(parents) if outer in beside}
    return sorted(map(str, found - own))


def words_around(file: File, name: str) -> str:
    """Return what the names around a patient's id say, without the id."""
    after = [one for one in file.folders if id_key(one.rest) != id_key(name)]
    told = [*(one.words for one in after), file.own.words, words_beside(file, name)]
    return " ".join(filter(None, told))


def words_above(file: File, name: str) -> str:
    """Return what the folders above the patient's are called, such as a reader; "" without one."""
    rests = [id_key(one.rest) for one in file.folders]
    if id_key(name) in rests:
        above = file.folders[: rests.index(id_key(name))]
    else:
        above = file.folders if id_key(file.own.rest) == id_key(name) else ()
    return words_beside(replace(file, folders=above, own=Name("")), name)


def words_beside(file: File, name: str) -> str:
    """Return what a file is called beside the patient's id, known words and numbers."""
    rests = [rest for rest in file.trail if id_key(rest) != id_key(name)]
    rests = [rest[len(name) :] if rest.lower().startswith(name.lower()) else rest for rest in rests]
    rests += [one.others for one in file.folders]
    words = re.findall(r"[^\W_]+", " ".join(rests).lower())
    return " ".join(word for word in words if not word.isdigit())
