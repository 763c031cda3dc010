"""What a folder or an archive holds beside CT series: said where a scan is shorter or not there."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath

import pydicom
from pydicom.uid import UID, MediaStorageDirectoryStorage

from taceflow.files.locations import open_file, split_location
from taceflow.imaging.dicom.files import class_of, is_cut
from taceflow.wording.counts import agreeing

WHOLE_IMAGE_FILES = (".nii", ".nii.gz", ".nrrd", ".mha")
IMAGE_FILES = (*WHOLE_IMAGE_FILES, ".nhdr", ".mhd", ".img", ".hdr")
PACKED_FILES = (".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar", ".zip")

CUT, DAMAGED = "empty or cut files", "damaged DICOM files"
UNREADABLE = "files that cannot be opened"
UNREAD = "damaged or cut files beside it in the archive"
LOCALISER, UNPLACED = "localisers", "CT images without a position"
SHARED_PLACE = "CT files whose frames share one position"
_IMAGES, _PACKED = "NIfTI, NRRD or MHA files", "packed files within (tar, gz, 7z, rar, zip)"

_REMEDIES = {
    UNPLACED: "Export the original images: screen captures, dose reports and some secondary images "
    "have no place in space",
    SHARED_PLACE: "Export the scan as one file a slice, or as enhanced CT",
    LOCALISER: "The folder holds the planning images alone: export the scan itself",
    _IMAGES: "Name the image file itself in the table of scans",
    _PACKED: "Unpack them: folders and zip archives are read",
    CUT: "Copy the files again: the transfer has cut them",
    DAMAGED: "Copy the files again, or export them once more",
    "links that lead nowhere": "Copy the files themselves, or mount what the links lead to",
    "folders that cannot be opened": "Give the account that runs the workflow the right to read",
    UNREADABLE: "Give the account that runs the workflow the right to read",
    "files of a zip archive with a password": "Unpack the archive: the workflow asks for no "
    "password",
    "files of a zip archive in a compression that Python does not read": "Unpack the archive, or "
    "pack it again with usual compression",
}


@dataclass
class UnusedFiles:
    """What was met on the way to the CT series.

    Attributes
    ----------
    files : int
        All files that were looked at.
    lost : collections.Counter
        What may have held a slice and could not be read.
    other : collections.Counter
        What holds no slice.
    """

    files: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)

    @property
    def may_be_a_scan(self) -> bool:
        """Whether something of it may be a scan, were it exported, copied or packed otherwise."""
        return any(what in _REMEDIES and what != _IMAGES for what in self.lost + self.other)

    def note(self) -> str:
        """Return what was lost, "" if nothing was."""
        return f"left out, of whatever series: {_listed(self.lost)}" if self.lost else ""

    def explain(self) -> tuple[str, str | None]:
        """Return why there is no CT series, and what to do about it."""
        found = self.lost + self.other
        total = self.files + sum(
            count for what, count in self.lost.items() if what not in (CUT, DAMAGED, UNREADABLE)
        )
        if not found:
            return "no CT series: the folder or archive is empty", "Check the path"
        main = max(found, key=lambda what: (what in _REMEDIES, found[what]))
        return (
            f"no CT series among {total:,} {agreeing(total, 'file')}: {_listed(found)}",
            _REMEDIES.get(
                main, "Name the folder that holds the CT images, whole and as DICOM files"
            ),
        )

    def count_no_dicom(self, location: str) -> None:
        """Count a file that is no DICOM file."""
        name = PurePath(split_location(location)[1] or location).name.lower()
        if name.endswith(IMAGE_FILES):
            self.other[_IMAGES] += 1
        elif name.endswith(PACKED_FILES):
            self.other[_PACKED] += 1
        else:
            with open_file(location) as opened:
                cut = is_cut(opened)
            (self.lost if cut else self.other)[CUT if cut else "files that are no DICOM"] += 1

    def count_object(self, header: pydicom.Dataset) -> None:
        """Count a DICOM object that is no CT image."""
        kind = class_of(header)
        if header.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
            self.other["DICOMDIR"] += 1
        elif not kind:  # the header breaks off
            self.lost[DAMAGED] += 1
        else:
            # the standard's own names; of any other class the name could be anything
            name = UID(kind).name
            self.other["other DICOM objects" if name == kind else name] += 1


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{what} ({count:,})" for what, count in counts.most_common())
