"""The scans and masks among the files of a folder or a zip archive."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from taceflow.errors import ExclusionError, InputError
from taceflow.files.locations import on_disk, split_location
from taceflow.files.volumes.file import VolumeFile
from taceflow.imaging.catalogue.header_reading import list_archive, read_headers
from taceflow.imaging.dicom.deidentification import opaque_key
from taceflow.imaging.dicom.unused_files import IMAGE_FILES
from taceflow.program.naming import Name, read_name, stem
from taceflow.wording.path_hints import absence_hint

NOBODY = opaque_key("")
"""The person of files whose PatientID is empty."""

_DICOM = ("ct", "segmentation", "structure_set")
_NO_DICOM = ("no_dicom", "unreadable")
_PAIRED = ".img"
"""Holds the values of a .hdr, which is what the tables name."""

_MOST_LABELS = 20

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
    is_mask : bool or None
        Whether it is a mask, as kind, names or values say it; None if they do not.
    problem : str
        Why its values cannot be read, where no name says what it is.
    """

    location: str
    kind: str
    person: str | None
    study: str | None
    folders: tuple[Name, ...]
    own: Name
    description: str
    is_mask: bool | None
    problem: str = ""

    @property
    def is_dicom(self) -> bool:
        """Whether it is a DICOM file, whose name means nothing."""
        return self.kind != "image"

    @property
    def may_be_scan(self) -> bool:
        """Whether it is no mask, as far as is known."""
        return self.is_mask is not True

    @property
    def trail(self) -> tuple[str, ...]:
        """What may be ids, from the outermost folder on."""
        names = (*self.folders, *(() if self.is_dicom else (self.own,)))
        return tuple(name.rest for name in names if name.rest)


def find_files(
    root: str, phase_patterns: Mapping[str, str], threads: int
) -> tuple[list[File], list[str]]:
    """Find the scans and masks in a folder or a zip archive.

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
    files : list of File
        By location.
    unused : list of str
        Locations of DICOM files that are none of both, or are damaged.

    Raises
    ------
    InputError
        If there is no such folder, or nothing in it is a scan or a mask.
    """
    if not Path(root).exists():
        raise InputError("there is no such folder", file=root, remedy=absence_hint(root))
    listed_files = list_archive(Path(root))
    is_pair = listed_files["location"].str.lower().str.endswith(_PAIRED)
    listed_files = listed_files[~is_pair]
    facts = read_headers(list(listed_files["location"]), _Everybody(), threads)
    names: dict[tuple[str, bool], Name] = {}

    def named(name: str, of_file: bool) -> Name:
        if (name, of_file) not in names:
            names[name, of_file] = read_name(name, phase_patterns, of_file=of_file)
        return names[name, of_file]

    found, unused = [], []
    for row in facts.itertuples():
        archive, member = split_location(row.location)
        # a small one may look like a DICOM file that is cut off
        is_image = row.kind in _NO_DICOM and row.location.lower().endswith(IMAGE_FILES)
        if row.kind not in _DICOM and not is_image:
            unused += [row.location] * (row.kind != "no_dicom")
            continue
        inside = PurePath(archive).relative_to(root).parts if Path(root).is_dir() else ()
        if member is not None:
            inside = (*inside[:-1], *(stem(one) for one in inside[-1:]), *PurePath(member).parts)
        *places, own = inside or (PurePath(archive).name,)
        folders, name = tuple(named(one, False) for one in places), named(stem(own), True)
        is_mask, problem = row.kind != "ct", ""
        if is_image:
            is_mask, problem = _role(row.location, folders, name)
        found.append(
            File(
                location=row.location,
                kind="image" if is_image else row.kind,
                person=row.patient_id if isinstance(row.patient_id, str) else None,
                study=row.study_key if isinstance(row.study_key, str) else None,
                folders=folders,
                own=name,
                description=row.description if isinstance(row.description, str) else "",
                is_mask=is_mask,
                problem=problem,
            )
        )
    if not found:
        raise InputError(
            "nothing in it is a CT or a mask in DICOM, NIfTI, NRRD or MHA",
            file=root,
            remedy="Name the folder that holds them; unpack what has a password or is packed "
            "otherwise than as zip",
        )
    _LOG.info("%s files, of which %s are scans and masks", f"{len(facts):,}", f"{len(found):,}")
    return found, unused


def _role(location: str, folders: tuple[Name, ...], own: Name) -> tuple[bool | None, str]:
    """Say whether an image is a mask, and why that cannot be said."""
    if own.is_mask is not None:
        return own.is_mask, ""
    roles = (one.is_mask for one in reversed(folders))
    told = next((role for role in roles if role is not None), True if own.is_tumor else None)
    # images/tumor_001.nii may be a scan, and Liver.nii
    if told or (told is False and not own.is_tumor):
        return told, ""
    try:
        with on_disk(location) as path:
            return _holds_labels(path), ""
    except ExclusionError as error:
        return None, error.problem


def _holds_labels(location: str) -> bool:
    """Say whether an image holds few whole numbers and nothing below 0, slice by slice."""
    file = VolumeFile(location, {"stage": "imaging"})
    if file.dimensions != 3:
        return False
    seen: set[float] = set()
    for plane in file.slices():
        if plane.min() < 0 or len(seen | set(np.unique(plane))) > _MOST_LABELS:
            return False
        seen |= set(np.unique(plane))
    return all(float(value).is_integer() for value in seen) or max(seen) <= 1
