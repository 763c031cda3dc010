"""The headers of an archive's files, read in parallel."""

import logging
import os
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pydicom

from taceflow.errors import InputError
from taceflow.files.locations import list_files, split_location
from taceflow.imaging.catalogue.header_facts import Facts, read_facts
from taceflow.wording.counts import counted

FILES_A_TASK = 250
PROGRESS_EVERY_S = 5

_LOG = logging.getLogger(__name__)


def list_archive(root: Path) -> pd.DataFrame:
    """List the files of an archive with what shows that one has changed.

    Parameters
    ----------
    root : Path
        A folder or a zip archive.

    Returns
    -------
    pandas.DataFrame
        ``location``, ``size`` in bytes, and ``stamp``: a file's time of change in ns, or the
        CRC-32 of a file in a zip archive.

    Raises
    ------
    InputError
        If the archive does not exist, or a zip archive is damaged.
    """
    if not root.exists():
        raise InputError("the archive does not exist", file=str(root), remedy="Check archive.root")
    rows, members, unnamed = [], {}, 0
    unread: Counter[str] = Counter()
    try:
        for location in list_files(root, unread):
            file, member = split_location(location)
            if not _is_text(location):
                unnamed += 1
            elif member is None:
                facts = os.stat(file)
                rows.append((location, facts.st_size, facts.st_mtime_ns))
            else:
                if file not in members:
                    with zipfile.ZipFile(file) as archive:
                        members = {file: {one.filename: one for one in archive.infolist()}}
                rows.append((location, members[file][member].file_size, members[file][member].CRC))
    except zipfile.BadZipFile as error:
        # which one is not said: its name may be a person's
        raise InputError(
            "a zip archive in archive.root is damaged", remedy="Find it with `unzip -t`"
        ) from error
    for what, count in unread.most_common():
        _LOG.warning("left out: %s (%s)", what, f"{count:,}")
    if unnamed:
        told = counted(unnamed, "file")
        _LOG.warning("left out, since the name is no UTF-8: %s. Rename", told)
    return pd.DataFrame(rows, columns=["location", "size", "stamp"])


def read_headers(locations: list[str], owners: dict[str, str], threads: int) -> pd.DataFrame:
    """Read the headers of many files, telling every few seconds how far it is.

    Parameters
    ----------
    locations : list of str
        From `list_archive`.
    owners : dict
        The study's own patient id of each DICOM PatientID.
    threads : int
        Number of processes.

    Returns
    -------
    pandas.DataFrame
        ``location`` and the `Facts` of each file.
    """
    tasks = [
        locations[start : start + FILES_A_TASK] for start in range(0, len(locations), FILES_A_TASK)
    ]
    if not tasks:
        return pd.DataFrame(columns=["location", *Facts._fields])
    parts = []
    start = logged = time.monotonic()
    read_task = partial(_read_task, owners=owners)
    with ExitStack() as stack:
        if len(tasks) == 1:  # not worth a process
            results = map(read_task, tasks)
        else:
            # pyarrow and numpy have threads by now, and a process with threads must not be forked
            pool = ProcessPoolExecutor(min(threads, len(tasks)), get_context("forkserver"))
            results = stack.enter_context(pool).map(read_task, tasks)
        for done, facts in enumerate(results, start=1):
            parts.append(pd.DataFrame(facts, columns=Facts._fields))
            now = time.monotonic()
            if now - logged >= PROGRESS_EVERY_S or done == len(tasks):
                logged = now
                _tell(min(done * FILES_A_TASK, len(locations)), len(locations), now - start)
    read = pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True)
    read = read.reindex(columns=list(Facts._fields))
    read.insert(0, "location", locations)
    return read


def _tell(done: int, total: int, seconds: float) -> None:
    _LOG.info(
        "%s of %s headers read, %s files/s, %.0f s left",
        f"{done:,}",
        f"{total:,}",
        f"{done / seconds:,.0f}",
        (total - done) * seconds / done,
    )


@contextmanager
def silence() -> Iterator[None]:
    """Keep libraries from saying anything of a header: it may repeat the header."""
    settings = pydicom.config.settings
    mode, level = settings.reading_validation_mode, logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable()
        settings.reading_validation_mode = pydicom.config.IGNORE
        try:
            yield
        finally:
            logging.disable(level)
            settings.reading_validation_mode = mode


def _read_task(locations: list[str], owners: dict[str, str]) -> list[Facts]:
    archives: dict[str, zipfile.ZipFile] = {}
    descriptions: dict[tuple[str, str], str] = {}
    read = []
    with silence(), ExitStack() as stack:
        for location in locations:
            file, member = split_location(location)
            try:
                # an archive is opened once a task: a directory of thousands of names takes its time
                if member and file not in archives:
                    archives[file] = stack.enter_context(zipfile.ZipFile(file))
                with archives[file].open(member) if member else Path(file).open("rb") as source:
                    read.append(read_facts(source, owners, descriptions))
            except (OSError, RuntimeError, zipfile.BadZipFile):
                # no permission, or a zip with a password or a compression unknown to Python
                read.append(Facts("unreadable"))
    return read


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
