"""The catalogue of an archive: whose files they are, which series there are, what they look like.

A file is read again only if it, or what decides whose it is, has changed: the table of files that
a run leaves is what the next one starts from. So it holds nothing that identifies a person but
where the files lie: UIDs as `opaque_key`, days counted from the patient's first study.
"""

import hashlib
import logging
import shutil
from pathlib import Path

import pandas as pd

from taceflow.errors import DamagedFileError, InputError
from taceflow.files.atomic import atomic_path
from taceflow.files.sheets.ids import check_known, first_rows
from taceflow.files.sheets.read import read_sheet
from taceflow.files.stored_files import read_parquet
from taceflow.files.tables import write_table
from taceflow.imaging.catalogue.header_facts import Facts
from taceflow.imaging.catalogue.header_reading import list_archive, read_headers
from taceflow.imaging.catalogue.series_table import tabulate_series
from taceflow.wording.counts import agreeing

_LOG = logging.getLogger(__name__)

_FILE = ["location", "size", "stamp"]
_NO_SERIES = ("no_dicom", "directory", "unreadable")


READ = "read.parquet"
"""What the last run has read."""


def build_catalogue(
    *,
    root: str,
    ids: str | None,
    patients: list[str],
    code: str,
    threads: int,
    series: str,
    files: str,
) -> dict[str, int]:
    """Walk an archive and write one row a series and one row a file.

    Parameters
    ----------
    root : str
        A folder of any layout or a zip archive.
    ids : str or None
        Table of ``dicom_patient_id`` and ``patient_id``; None: the DICOM files carry the study's
        own ids.
    patients : list of str
        The study's ids; files of anybody else are counted and left out.
    code : str
        Digest of the code: what other code read of a header is read again.
    threads : int
        Number of reading processes.
    series : str
        ``catalogue/series.tsv``, to be written.
    files : str
        ``catalogue/files.parquet``, to be written, with a copy beside it (`READ`): what that holds
        of unchanged files is kept, since Snakemake deletes its own before each run.

    Returns
    -------
    dict
        Numbers of files ``found``, ``read``, ``no_dicom``, ``unreadable``, of ``strangers``, and of
        ``series``.

    Raises
    ------
    InputError
        If the archive or the table of ids cannot be used, or no file is a patient's.
    """
    owners = read_owners(ids, patients)
    versions = _versions(code, ids, patients)
    found = list_archive(Path(root))
    read = str(Path(files).with_name(READ))
    known = _still_valid(_previous(read), found, versions, patients)
    is_new = ~found["location"].isin(known["location"])
    _LOG.info("%s files, %s of them new or changed", f"{len(found):,}", f"{is_new.sum():,}")
    new = read_headers(list(found.loc[is_new, "location"]), owners, threads)
    new = found.merge(new, on="location")
    again = _anchors(new, known)
    anchors = read_headers(again, owners, threads)
    table = _with_relative_days(new, known, anchors).sort_values("location", ignore_index=True)
    table["read_with"] = _version_of(table, versions)
    write_table(table, read, "catalogue_files")
    of_study = table[table["series_key"].notna()]
    described = tabulate_series(of_study)
    counts = {
        "found": len(found),
        "read": len(new) + len(again),
        **{kind: int((table["kind"] == kind).sum()) for kind in ("no_dicom", "unreadable")},
        "strangers": int((table["series_key"].isna() & ~table["kind"].isin(_NO_SERIES)).sum()),
        "series": len(described),
    }
    _tell(table, described, patients, counts)
    if not len(described):
        raise InputError(
            f"none of {len(found):,} {agreeing(len(found), 'file')} is a DICOM file of a patient "
            "of the study",
            file=root,
            remedy="Check archive.root, and archive.ids if the files carry a hospital's numbers",
        )
    write_table(described, series, "catalogue")
    with atomic_path(files) as copy:
        shutil.copyfile(read, copy)
    return counts


def read_owners(ids: str | None, patients: list[str]) -> dict[str, str]:
    """Return the study's own id of each DICOM PatientID.

    Parameters
    ----------
    ids : str or None
        Table of ids; None: both are the same.
    patients : list of str
        The study's ids.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the table cannot be used.
    """
    if ids is None:
        return {patient: patient for patient in patients}
    table = read_sheet(ids, "ids")
    originals = table["dicom_patient_id"]
    if originals.duplicated().any():
        # named by the study's ids: the other ones are never written
        shared = table.loc[originals.duplicated(keep=False), "patient_id"]
        raise InputError(
            f"patients {', '.join(shared.head(10))} share a dicom_patient_id",
            file=ids,
            remedy="Each dicom_patient_id stands for one patient",
        )
    check_known(first_rows(table), patients, ids)
    known = table["patient_id"].isin(patients)
    if not known.all():
        # counted, never named: the columns may have been mixed up
        _LOG.warning(
            "rows of the table of ids whose patient_id is not in the table of patients: %d",
            (~known).sum(),
        )
    return dict(zip(originals[known], table.loc[known, "patient_id"], strict=True))


def _versions(code: str, ids: str | None, patients: list[str]) -> dict[str, str]:
    """Return what a row rests on: the code, the table of ids and, of a stranger, who is no patient.

    The table of ids counts by its time and size: a digest of a short table could be guessed.
    """
    table = ""
    if ids is not None:
        facts = Path(ids).stat()
        table = f"{facts.st_size} {facts.st_mtime_ns}"
    sheet = "\n".join(sorted(patients))
    return {
        name: hashlib.sha256("\t".join(parts).encode()).hexdigest()[:16]
        for name, parts in {"owned": (code, table), "other": (code, table, sheet)}.items()
    }


def _version_of(table: pd.DataFrame, versions: dict[str, str]) -> pd.Series:
    return table["patient_id"].notna().map({True: versions["owned"], False: versions["other"]})


def _previous(files: str) -> pd.DataFrame:
    """Return the table of files of the last run, empty at the first."""
    columns = [*_FILE, *Facts._fields, "read_with"]
    if not Path(files).exists():
        return pd.DataFrame(columns=columns)
    try:
        return read_parquet(files, columns=columns)
    except DamagedFileError as error:  # another version's, or half a file
        _LOG.warning("The last run's table of files cannot be used (%s)", type(error).__name__)
        return pd.DataFrame(columns=columns)


def _still_valid(
    previous: pd.DataFrame, listed: pd.DataFrame, versions: dict[str, str], patients: list[str]
) -> pd.DataFrame:
    """Return the rows of unchanged files; those of a patient who has left the study are none."""
    is_valid = previous["read_with"] == _version_of(previous, versions)
    owner = previous["patient_id"]
    valid = previous[is_valid & (owner.isna() | owner.isin(patients))]
    return valid.astype({"size": "int64", "stamp": "int64"}).merge(listed, on=_FILE)


def _anchors(new: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    """Return a known file of each patient who has new ones: its date places them in time."""
    dated = known[known["study_day"].notna() & known["patient_id"].isin(new["patient_id"].dropna())]
    return list(dated.groupby("patient_id")["location"].first())


def _with_relative_days(
    new: pd.DataFrame, known: pd.DataFrame, anchors: pd.DataFrame
) -> pd.DataFrame:
    """Return all files with their days counted from the patient's first study."""
    new, known = new.copy(), known.drop(columns="read_with")
    read = anchors.set_index("location")["study_day"].astype(float)
    placed = known[known["location"].isin(read.index)].set_index("patient_id")
    new["study_day"] = new["study_day"].astype(float)
    first_day = new.groupby("patient_id")["study_day"].min()
    first_day.update(placed["location"].map(read) - placed["study_day"])
    new["study_day"] -= new["patient_id"].map(first_day)
    table = pd.concat([part for part in (known, new) if len(part)], ignore_index=True)
    # a new file may belong to an earlier study
    first_day = table.groupby("patient_id")["study_day"].transform("min")
    return table.assign(study_day=table["study_day"] - first_day)


def _tell(
    table: pd.DataFrame, described: pd.DataFrame, patients: list[str], counts: dict[str, int]
) -> None:
    _LOG.info("%d series of %d patients", len(described), described["patient_id"].nunique())
    if counts["no_dicom"]:
        _LOG.info("left out: %s files that are no DICOM files", f"{counts['no_dicom']:,}")
    if counts["unreadable"]:
        _LOG.warning("left out: %s damaged or incomplete files", f"{counts['unreadable']:,}")
    if counts["strangers"]:
        strangers = table[table["series_key"].isna() & ~table["kind"].isin(_NO_SERIES)]
        _LOG.warning(
            "left out: %s files of persons who are not in the table of patients (studies: %d)",
            f"{len(strangers):,}",
            strangers["study_key"].nunique(),
        )
    absent = len(set(patients) - set(described["patient_id"]))
    if absent:
        _LOG.warning("patients without any file in the archive: %d", absent)
