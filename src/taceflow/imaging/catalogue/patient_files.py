"""What lies in the archive of each patient, as the catalogue tells it."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from taceflow.files.stored_files import read_parquet

if TYPE_CHECKING:
    import pandas as pd

_GROUPS = {
    **dict.fromkeys(("ct", "localizer", "unplaced"), "images"),
    **dict.fromkeys(("segmentation", "structure_set"), "segmentations"),
}

_COLUMNS = ["patient_id", "kind", "modality", "location", "size", "stamp"]


def patient_files(files: str, patient: str) -> dict[str, Any]:
    """Return the CT images and masks of one patient in the archive.

    Parameters
    ----------
    files : str
        ``catalogue/files.parquet``, that the rule `catalogue` wrote. It is read once as long as it
        does not change: the Snakefile asks once a patient.
    patient : str
        The study's own id.

    Returns
    -------
    dict
        ``images``: locations of CT images of any kind; ``segmentations``: locations of DICOM-SEG
        and RTSTRUCT; ``lost``: number of files that cannot be read in folders of this patient
        alone; ``digest``: changes when one of these files does, "" for nobody.
    """
    nothing = {"images": [], "segmentations": [], "lost": 0, "digest": ""}
    return _by_patient(files, Path(files).stat().st_mtime_ns).get(patient, nothing)


@lru_cache(maxsize=1)
def _by_patient(files: str, changed_ns: int) -> dict[str, dict[str, Any]]:
    table = read_parquet(files, columns=_COLUMNS)
    # without a place in space: said, where a patient has nothing else
    is_unplaced = (table["kind"] == "other") & (table["modality"] == "CT")
    table["kind"] = table["kind"].mask(is_unplaced, "unplaced")
    lost = _count_lost(table)
    table = table[table["kind"].isin(_GROUPS) & table["patient_id"].notna()]
    found: dict[str, dict[str, Any]] = {}
    for patient, rows in table.sort_values("location").groupby("patient_id"):
        files_of = {"images": [], "segmentations": []}
        digest = hashlib.sha256()
        for _, kind, _, location, size, stamp in rows.itertuples(index=False):
            files_of[_GROUPS[kind]].append(location)
            digest.update(f"{location}\t{size}\t{stamp}\n".encode())
        if count := lost[str(patient)]:
            digest.update(f"{count}\n".encode())
        found[str(patient)] = {**files_of, "lost": count, "digest": digest.hexdigest()[:16]}
    return found


def _count_lost(table: pd.DataFrame) -> Counter[str]:
    """Count the unreadable files of each patient: by the nearest folder that holds other files."""
    is_lost = table["kind"] == "unreadable"
    lost: Counter[str] = Counter()
    if not is_lost.any():
        return lost
    folders: dict[PurePath, set[str]] = {}
    of_files = table.loc[~is_lost & ~table["kind"].isin(["no_dicom", "directory"])]
    owners = of_files["patient_id"].fillna("")
    parents = of_files["location"].map(lambda location: PurePath(location).parent)
    for parent, owner in set(zip(parents, owners, strict=True)):
        for folder in (parent, *parent.parents):
            folders.setdefault(folder, set()).add(owner)
    for location in table.loc[is_lost, "location"]:
        parents_of = PurePath(location).parents
        near = next((folders[folder] for folder in parents_of if folder in folders), set())
        if len(near) == 1:
            lost.update(near)
    return lost
