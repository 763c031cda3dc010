"""What a user brings: three tables, checked together before any job starts."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from taceflow.cohort.dates import with_months
from taceflow.errors import InputError, all_of
from taceflow.files.locations import split_location
from taceflow.files.schemas import validate_table
from taceflow.files.sheets.ids import check_alike, check_known, first_rows
from taceflow.files.sheets.read import read_sheet
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.path_hints import absence_hint, refused_in

FOLLOW_UP = ("time_months", "event")
NOTES = "notes"

_EMPTY = {
    "scans": pd.DataFrame(columns=["patient_id", "phase", "image"]),
    "segmentations": pd.DataFrame(columns=["patient_id", "phase", "reader", "reading", "mask"]),
}


@dataclass(frozen=True)
class CohortTables:
    """The three tables of a cohort.

    Attributes
    ----------
    patients : pandas.DataFrame
        One row a patient, see ``workflow/schemas/patients.schema.yaml``.
    scans : pandas.DataFrame
        One row a scan: ``patient_id``, ``phase``, ``image``, ``series_uid``.
    segmentations : pandas.DataFrame
        One row a mask: ``patient_id``, ``phase``, ``reader``, ``reading``, ``mask``, ``roi``.
    """

    patients: pd.DataFrame
    scans: pd.DataFrame
    segmentations: pd.DataFrame


def read_patients_sheet(path: str, *, is_fitted: bool = True) -> pd.DataFrame:
    """Read the table of patients, with months in place of dates.

    Parameters
    ----------
    path : str
        The user's.
    is_fitted : bool
        Whether models are fitted, which asks for ``time_months`` and ``event``; else these columns
        are empty where the table lacks them.

    Raises
    ------
    InputError
        If the table breaks its schema.
    """
    sheet = read_sheet(
        path, "patients", optional=() if is_fitted else FOLLOW_UP, prepare=with_months
    )
    # of the user's alone, as it may say anything of a patient
    sheet = sheet.drop(columns=NOTES, errors="ignore")
    for name in FOLLOW_UP:
        if name not in sheet:
            sheet[name] = np.nan
    return sheet


def read_cohort_tables(
    patients: str,
    scans: str | None = None,
    segmentations: str | None = None,
    *,
    is_fitted: bool = True,
) -> CohortTables:
    """Read the tables of a cohort.

    Parameters
    ----------
    patients : str
        Path of the table (``.tsv``, ``.csv`` or ``.xlsx``).
    scans, segmentations : str, optional
        Likewise; without them an archive is searched, and the tables are empty.
    is_fitted : bool
        As for `read_patients_sheet`.

    Returns
    -------
    CohortTables

    Raises
    ------
    InputError
        If a table breaks its schema.
    """

    def read_patients() -> pd.DataFrame:
        sheet = read_patients_sheet(patients, is_fitted=is_fitted)
        check_alike(first_rows(sheet), patients)
        return sheet

    def read(path: str | None, name: str) -> pd.DataFrame:
        return read_sheet(path, name) if path else _EMPTY[name]

    return CohortTables(
        *all_of(
            [
                read_patients,
                partial(read, scans, "scans"),
                partial(read, segmentations, "segmentations"),
            ]
        )
    )


def check_tables(tables: CohortTables, source: str) -> None:
    """Check tables that are not files yet, as `read_cohort_tables` checks files.

    Raises
    ------
    InputError
        If a table breaks its schema, or names an unknown patient.
    """
    validate_table(tables.patients, "patients", source=source)
    validate_table(tables.scans, "scans", source=source)
    validate_table(tables.segmentations, "segmentations", source=source)
    check_references(tables, scans=source, segmentations=source)


def check_references(tables: CohortTables, *, scans: str | None, segmentations: str | None) -> None:
    """Raise an `InputError` if a scan or a mask belongs to no patient of the sheet."""
    known = set(tables.patients["patient_id"])
    for frame, source in ((tables.scans, scans), (tables.segmentations, segmentations)):
        rows = first_rows(frame)
        check_known(rows, known, str(source))
        strangers = [patient for patient in rows if patient not in known]
        if strangers:
            others = len(strangers) - 1
            nor = f" (nor {agreeing(others, 'is', 'are')} {counted(others, 'other')})"
            raise InputError(
                f"is not in the table of patients{nor if others else ''}",
                patient=strangers[0],
                row=rows[strangers[0]],
                file=source,
                remedy="Add the patient there, or take the row out here",
            )


def check_files(tables: CohortTables, *, scans: str | None, segmentations: str | None) -> None:
    """Raise an `InputError` if an image or a mask that a table names cannot be a rule's input."""
    for frame, column, source in (
        (tables.scans.reindex(columns=["patient_id", "image"]), "image", scans),
        (tables.segmentations, "mask", segmentations),
    ):
        absent = []
        for row, patient, name in zip(frame.index, frame["patient_id"], frame[column], strict=True):
            if not isinstance(name, str):
                # A scan without a file names a series of the archive.
                continue
            # a member of a zip archive is no input of a rule
            file = split_location(name)[0]
            if refused := refused_in(file):
                raise InputError(
                    f"the {column} '{name}' {refused}",
                    patient=patient,
                    row=row,
                    file=source,
                    remedy="Rename the file or folder, and write its new name here",
                )
            if Path(file).exists() and not (Path(file).is_file() or Path(file).is_dir()):
                raise InputError(
                    f"the {column} '{name}' is neither a file nor a folder",
                    patient=patient,
                    row=row,
                    file=source,
                    remedy="Pipes and devices have no end: name a file or a folder",
                )
            if not Path(file).exists():
                absent.append((patient, row, name))
        if absent:
            patient, row, name = absent[0]
            more = len(absent) - 1
            nor = (
                f" (nor {agreeing(more, 'does that', 'do those')} of {counted(more, 'other row')})"
            )
            raise InputError(
                f"the {column} '{name}' does not exist{nor if more else ''}",
                patient=patient,
                row=row,
                file=source,
                remedy=absence_hint(name),
            )


def sheet_exclusions(
    tables: CohortTables,
    phase: str,
    *,
    has_archive: bool = False,
    featured: Collection[str] | None = None,
    is_fitted: bool = True,
) -> dict[str, tuple[str, str, str]]:
    """Find the patients who drop out before any image is opened.

    Parameters
    ----------
    tables : CohortTables
        The checked tables.
    phase : str
        The phase that the model uses.
    has_archive : bool
        Whether scans and masks that the tables do not name are looked for in an archive.
    featured : collection of str, optional
        Patients of a ready table of features, which needs no scans and masks.
    is_fitted : bool
        Whether models are fitted, which needs a follow-up.

    Returns
    -------
    dict
        ``{patient_id: (stage, reason, remedy)}``.
    """
    has_image = tables.scans.get("image", pd.Series(index=tables.scans.index)).notna()
    scanned = set(tables.scans.loc[(tables.scans["phase"] == phase) & has_image, "patient_id"])
    outlined = set(tables.segmentations["patient_id"])
    exclusions = {}
    followed = tables.patients["time_months"].notna() & tables.patients["event"].notna()
    for patient, has_follow_up in zip(tables.patients["patient_id"], followed, strict=True):
        if is_fitted and not has_follow_up:
            exclusions[patient] = (
                "follow-up",
                "survival time or event is missing",
                "Fill in time_months, or both dates, and event",
            )
        elif featured is not None:
            if patient not in featured:
                exclusions[patient] = (
                    "features",
                    "no values in the table of features",
                    "Add the patient's row there, or correct the id",
                )
        elif has_archive:
            continue
        elif patient not in scanned:
            exclusions[patient] = (
                "imaging",
                f"no {phase} scan in the table of scans",
                "Add a row of this phase there",
            )
        elif patient not in outlined:
            exclusions[patient] = (
                "segmentation",
                "no mask in the table of segmentations",
                "Add the patient's mask there",
            )
    return exclusions
