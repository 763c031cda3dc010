"""What lies in the archive of each patient, as the catalogue tells it."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from taceflow.stored import read_parquet

_GROUPS = {"ct": "images", "segmentation": "segmentations", "structure_set": "segmentations"}


@dataclass(frozen=True)
class Catalogue:
    """The files of each patient's CT images and masks.

    Attributes
    ----------
    by_patient : dict
        By patient, as `patient` returns them.
    """

    by_patient: dict[str, dict[str, Any]] = field(repr=False)

    def patient(self, patient_id: str) -> dict[str, Any]:
        """Return the files of one patient, none for somebody who is not in the archive.

        Parameters
        ----------
        patient_id : str
            The study's own id.

        Returns
        -------
        dict
            ``images``: locations of CT images, localisers apart; ``segmentations``: locations of
            DICOM-SEG and RTSTRUCT; ``digest``: changes when one of these files does, "" for
            nobody.
        """
        nothing = {"images": [], "segmentations": [], "digest": ""}
        return self.by_patient.get(patient_id, nothing)


def read_catalogue(files: str) -> Catalogue:
    """Read the table of files that the rule `catalogue` wrote.

    Parameters
    ----------
    files : str
        ``catalogue/files.parquet``.

    Returns
    -------
    Catalogue
        The same as long as the file does not change: the Snakefile asks once a patient.
    """
    return _read(files, Path(files).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(files: str, changed_ns: int) -> Catalogue:
    table = read_parquet(files, columns=["patient_id", "kind", "location", "size", "stamp"])
    table = table[table["kind"].isin(_GROUPS) & table["patient_id"].notna()]
    found: dict[str, dict[str, Any]] = {}
    for patient, rows in table.sort_values("location").groupby("patient_id"):
        files_of = {"images": [], "segmentations": []}
        digest = hashlib.sha256()
        for _, kind, location, size, stamp in rows.itertuples(index=False):
            files_of[_GROUPS[kind]].append(location)
            digest.update(f"{location}\t{size}\t{stamp}\n".encode())
        found[str(patient)] = {**files_of, "digest": digest.hexdigest()[:16]}
    return Catalogue(found)
