"""What lies in the archive of each patient, as the catalogue tells it."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from taceflow.tables import read_table

_GROUPS = {"ct": "images", "segmentation": "segmentations", "structure_set": "segmentations"}


@dataclass(frozen=True)
class Catalogue:
    """The files of each patient's CT images and masks.

    Attributes
    ----------
    by_patient : dict
        By patient: ``images`` and ``segmentations``, sorted lists of locations, and ``digest``.
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


def read_catalogue(series: str, files: str) -> Catalogue:
    """Read what the rule `catalogue` wrote.

    Parameters
    ----------
    series : str
        ``catalogue/series.tsv``.
    files : str
        ``catalogue/files.parquet``.

    Returns
    -------
    Catalogue
    """
    patients: dict[str, dict[str, Any]] = {}
    digests: dict[str, list[str]] = {}
    for row in read_table(series).itertuples():
        if row.kind in _GROUPS:
            digests.setdefault(row.patient_id, []).append(row.digest)
    for patient, parts in digests.items():
        digest = hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]
        patients[patient] = {"images": [], "segmentations": [], "digest": digest}
    table = pd.read_parquet(files, columns=["patient_id", "kind", "location"])
    table = table[table["kind"].isin(_GROUPS) & table["patient_id"].notna()]
    for patient, kind, location in table.itertuples(index=False):
        patients[patient][_GROUPS[kind]].append(location)
    return Catalogue(patients)
