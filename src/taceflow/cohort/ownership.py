"""One scan and one mask belong to one patient."""

from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.cohort.sheets import CohortTables
from taceflow.errors import InputError
from taceflow.files.locations import split_location

_SHARED = {
    "scan": (
        "imaging",
        "another patient has the same scan, voxel for voxel",
        "One of them has the wrong files: give each patient the own scan",
    ),
    "series": (
        "imaging",
        "another patient has the same series",
        "One of them has the wrong files: give each patient the own scan",
    ),
    "masks": (
        "segmentation",
        "another patient has the same outline, voxel for voxel",
        "One of them has the wrong file: give each patient the own mask",
    ),
}
"""By what two patients share: stage, reason and remedy."""


def check_owners(tables: CohortTables, *, scans: str | None, segmentations: str | None) -> None:
    """Raise an `InputError` if the tables give one scan or one mask to two patients.

    A folder of several patients' scans is theirs in turn if each row names its series.

    Parameters
    ----------
    tables : CohortTables
        Whose files exist.
    scans, segmentations : str or None
        Paths of the tables, for the message.
    """
    named = tables.scans.reindex(columns=["patient_id", "phase", "image", "series_uid"])
    _check(named, "image", "series_uid", "scan", scans)
    named = tables.segmentations.reindex(
        columns=["patient_id", "reader", "reading", "mask", "roi"]
    ).drop_duplicates(["patient_id", "mask"])
    _check(named, "mask", None, "mask", segmentations)
    # one outline is no second reading of itself: the ICC would be 1
    again = tables.segmentations.reindex(columns=["patient_id", "phase", "mask", "roi"])
    twice = again[again.duplicated(keep="first")]
    for number, row in zip(twice.index, twice.to_dict("records"), strict=True):
        raise InputError(
            f"the mask '{row['mask']}' is given for two readings",
            patient=row["patient_id"],
            row=number,
            file=segmentations,
            remedy="A second reading is a second outline: name its file, or take the row out",
        )


def _check(
    table: pd.DataFrame, column: str, part: str | None, what: str, source: str | None
) -> None:
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    named = table[table[column].notna()]
    rows = []
    for number, row in zip(named.index, named.to_dict("records"), strict=True):
        file, member = split_location(row[column])
        path = Path(file).resolve()
        inside = member or (row[part] if part and isinstance(row[part], str) else "")
        patient, name = owners.setdefault((str(path), inside), (row["patient_id"], row[column]))
        rows.append((number, row["patient_id"], row[column], path))
        if patient != row["patient_id"]:
            same = "" if name == row[column] else f", which is '{name}',"
            raise InputError(
                f"the {what} '{row[column]}'{same} is given to patient {patient} too",
                patient=row["patient_id"],
                row=number,
                file=source,
                remedy=f"One {what} belongs to one patient: correct the row that is wrong",
            )
    for number, own, path_named, path in rows:
        for folder in path.parents:
            patient, name = owners.get((str(folder), ""), (own, ""))
            if patient != own:
                raise InputError(
                    f"the {what} '{path_named}' lies in '{name}', which is the {what} of patient "
                    f"{patient}",
                    patient=own,
                    row=number,
                    file=source,
                    remedy=f"Name for patient {patient} the folder that holds the own {what} alone",
                )


def shared_images(imports: list[dict[str, Any]]) -> dict[str, tuple[str, str, str]]:
    """Find patients who share a scan or an outline, whatever the files are called.

    Parameters
    ----------
    imports : list of dict
        Content of each ``import.json``; ``digests`` are those of the scan's voxels, of its series
        and of the outlines.

    Returns
    -------
    dict
        ``{patient_id: (stage, reason, remedy)}``: which of them is the owner cannot be known.
    """
    owners: dict[tuple[str, str], list[str]] = {}
    for record in imports:
        for kind, digests in (record.get("digests") or {}).items():
            for digest in digests:
                owners.setdefault((kind, digest), []).append(record["patient_id"])
    found: dict[str, tuple[str, str, str]] = {}
    # one reason a patient: a wrong scan before a wrong outline
    for (kind, _), sharing in sorted(
        owners.items(), key=lambda one: list(_SHARED).index(one[0][0])
    ):
        patients = sorted(set(sharing))
        stage, what, remedy = _SHARED[kind]
        for patient in patients if len(patients) > 1 else ():
            others = ", ".join(other for other in patients if other != patient)
            found.setdefault(patient, (stage, f"{what}: patient {others}", remedy))
    return found
