"""What the download rules do: fetch, check, and leave a receipt.

Snakemake deletes a rule's output when the job fails or runs again. The data are therefore no
output: a receipt is. A job that runs again finds what is already there and fetches the rest.
"""

import logging
from pathlib import Path

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.public_cohorts.http import RemoteFile, download_file, md5_of
from taceflow.public_cohorts.s3 import download_series
from taceflow.public_cohorts.zenodo import find_file

_LOG = logging.getLogger(__name__)


def fetch_file(source: RemoteFile, target: str, receipt: str) -> None:
    """Fetch a file from a web server.

    Parameters
    ----------
    source : RemoteFile
        Where it lies, its size and digest if they are known.
    target : str
        The file to write.
    receipt : str
        The table to write: address, file, size and digest.

    Raises
    ------
    InputError
        If the file cannot be had, or is not the one that was announced.
    """
    path = Path(target)
    download_file(source, path)
    row = {
        "source": source.url,
        "file": target,
        "files": 1,
        "size_bytes": path.stat().st_size,
        "md5": source.md5 or md5_of(path),
    }
    write_table(pd.DataFrame([row]), receipt, "receipt")


def fetch_zenodo_file(record: str, name: str, target: str, receipt: str) -> None:
    """Fetch a file of a Zenodo record, with the size and the digest that the record gives.

    Parameters
    ----------
    record : str
        JSON file: the record as Zenodo's interface describes it.
    name : str
        The file's name in the record.
    target, receipt : str
        As for `fetch_file`.

    Raises
    ------
    InputError
        If the record has no such file, or the file is not the one that the record announces.
    """
    fetch_file(find_file(read_json(record), name), target, receipt)


def fetch_patient(series: str, patient: str, folder: str, receipt: str) -> None:
    """Fetch the planned series of one patient from the Imaging Data Commons.

    Parameters
    ----------
    series : str
        The table of planned series.
    patient : str
        Whose series are fetched.
    folder : str
        Each series goes into a folder of its own below, named by its UID.
    receipt : str
        The table to write, one row a series.

    Raises
    ------
    InputError
        If no series is planned, or one has not arrived whole.
    """
    planned = read_table(series, "idc_series")
    rows = planned[planned["patient_id"] == patient]
    if rows.empty:
        raise InputError("no series is planned", patient=patient, file=series)
    received = download_series(rows, Path(folder), patient=patient)
    _LOG.info(
        "%s: %d series, %d files, %.1f MB",
        patient,
        len(received),
        received["files"].sum(),
        received["size_bytes"].sum() / 1e6,
    )
    write_table(received, receipt, "receipt")
