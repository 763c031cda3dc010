"""WAW-TACE: 233 patients of one centre, four-phase CT before TACE (DOI 10.5281/zenodo.12741586).

Where each fact below comes from stands in docs/public_cohorts.md.
"""

import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_table, write_table
from taceflow.public_cohorts.clinical_columns import (
    UMOL_PER_MG_BILIRUBIN,
    check_columns,
    check_count,
    check_median,
    codes,
    months,
    numbers,
    positive,
    read_published,
)
from taceflow.public_cohorts.http import RemoteFile

PATIENTS = 233
RECORD_SOURCE = RemoteFile(url="https://zenodo.org/api/records/12741586")
SHEET = "clinical_data_wawtace_v2_15_07_2024.xlsx"
MASKS = "tumor_masks_wawtace_v1_08_05_2024.zip"
SCANS = tuple(f"ct_scans_{part}_4_wawtace_09_05_24.zip" for part in range(1, 5))
PHASES = {"unenhanced": 0, "arterial": 1, "portal": 2, "delayed": 3}

_DIAMETERS = ("lesion1_diameter", "lesion2_diameter", "lesion3_diameter")
_COLUMNS = [
    *("PATPRI", "age", "gender_woman", "death", "survival_time", "lab_albumin", "lab_bilirubin"),
    *("lab_afp", "lab_alt", "lesions_number", *_DIAMETERS),
]


def write_patients(sheet: str, output: str) -> None:
    """Turn the clinical sheet into the table of patients.

    Parameters
    ----------
    sheet : str
        ``clinical_data_wawtace_v2_15_07_2024.xlsx``.
    output : str
        The table to write, see ``workflow/schemas/patients.schema.yaml``.

    Raises
    ------
    InputError
        If the sheet is not the published one: its columns, its 233 patients or its units.
    """
    table = read_published(sheet)
    check_columns(table, _COLUMNS, sheet)
    check_count(len(table), PATIENTS, "patients", sheet)
    # The sheet's own glossary calls albumin g/l; the values are g/dL
    check_median(numbers(table["lab_albumin"]), 2, 6, "g/dL", sheet)
    check_median(numbers(table["lab_bilirubin"]), 0.3, 5, "mg/dL", sheet)
    check_median(numbers(table[_DIAMETERS[0]]), 10, 200, "mm", sheet)
    write_table(patients_of(table), output, "patients")


def patients_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the sheet, one row a patient, under this project's names and units.

    Survival is in days, albumin in g/dL, bilirubin in mg/dL, diameters in mm.
    """
    diameters_mm = table[list(_DIAMETERS)].apply(positive)
    return pd.DataFrame(
        {
            "patient_id": table["PATPRI"].map(patient_id),
            "time_months": months(table["survival_time"], days_per_unit=1),
            "event": codes(table["death"], {0: 0, 1: 1}),
            "age_years": numbers(table["age"]),
            "sex": codes(table["gender_woman"], {0: "male", 1: "female"}),
            "afp_ng_ml": numbers(table["lab_afp"]),
            "alt_u_l": numbers(table["lab_alt"]),
            "albumin_g_l": positive(table["lab_albumin"]) * 10,
            "bilirubin_umol_l": positive(table["lab_bilirubin"]) * UMOL_PER_MG_BILIRUBIN,
            "tumor_number": positive(table["lesions_number"]),
            "tumor_size_cm": diameters_mm.max(axis=1) / 10,
        }
    ).astype({"event": "Int64"})


def write_scans(
    archives: Sequence[str], patients: str, phase: str, folder: str, output: str
) -> None:
    """Unpack the scans of one phase and write the table of scans.

    Parameters
    ----------
    archives : sequence of str
        The zip archives of the record.
    patients : str
        The table of patients; scans of nobody in it are left where they are.
    phase : str
        The phase that the study uses.
    folder : str
        Where the scans go; one that is already there whole is not unpacked again.
    output : str
        The table to write.
    """
    known = set(read_table(patients)["patient_id"])
    rows = []
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            for entry, number, code in members(opened, r"scan\.nii(\.gz)?"):
                if code == PHASES[phase] and patient_id(number) in known:
                    image = Path(folder) / PurePosixPath(entry.filename).name
                    unpack(opened, entry, image)
                    rows.append((patient_id(number), phase, str(image)))
    table = pd.DataFrame(rows, columns=["patient_id", "phase", "image"]).sort_values("patient_id")
    write_table(table, output, "scans")


def members(archive: zipfile.ZipFile, ending: str) -> Iterator[tuple[zipfile.ZipInfo, int, int]]:
    """Walk the files ``<patient>_<phase>_<ending>`` of an archive, in whatever folder they lie.

    `ending` is a regular expression. Yields the file, the patient's number and the code of the
    phase, see `PHASES`.
    """
    pattern = re.compile(rf"(\d+)_([0-3])_{ending}")
    for entry in sorted(archive.infolist(), key=lambda one: one.filename):
        found = pattern.fullmatch(PurePosixPath(entry.filename).name)
        if found:
            yield entry, int(found[1]), int(found[2])


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write a file of an archive, whole, unless it is already there with its full size."""
    if target.is_file() and target.stat().st_size == entry.file_size:
        return
    with (
        atomic_path(target) as temporary,
        archive.open(entry) as source,
        temporary.open("wb") as written,
    ):
        shutil.copyfileobj(source, written)


def patient_id(number: int) -> str:
    """Return a patient's id.

    >>> patient_id(7)
    'WAW_007'
    """
    return f"WAW_{int(number):03d}"
