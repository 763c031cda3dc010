"""A job that makes the files of several patients, one after the other.

What was made of a patient, and from what, stands in a receipt. A job that runs again leaves alone
whoever's receipt still holds, so that one job for many patients costs no more than a job for each
when one of them changes; what a killed job had finished is kept. The ledger, which Snakemake
watches, holds a digest of each patient's files: as long as it says the same, nothing that comes
after it is made again.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taceflow.errors import DiskError, OwnFaultError, TaceflowError
from taceflow.files.tables import read_json, write_json
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PatientJob:
    """What one job makes.

    Attributes
    ----------
    results : str
        The run's folder.
    files : sequence of str
        Files and folders that it makes of a patient, below `results`, with ``{patient}``.
    reads : str
        File or folder of a patient that it reads, written likewise; "" if it reads none.
    patients : sequence of str
        Whose.
    again : int
        How often files were made again because they had been deleted; it goes into the ledger.
    receipts : str
        Folder of the receipts.
    ledger : str
        JSON file to be written once all is made: ``again``, and ``made``, a digest a patient.
    last : str
        Its copy, to be written too: Snakemake deletes a ledger before its job, and leaves none
        where the job failed, so that the job is due again.
    """

    results: str
    files: Sequence[str]
    reads: str
    patients: Sequence[str]
    again: int
    receipts: str
    ledger: str
    last: str

    def path(self, patient: str, number: int = 0) -> str:
        """Return a patient's file: of those that the stage makes, the one of this number."""
        return self._place(self.files[number], patient)

    def read(self, patient: str) -> str:
        """Return the file or folder of a patient that the stage reads."""
        return self._place(self.reads, patient)

    def run(self, make: Callable[[str], None], **due: Any) -> None:
        """Make the files of those whose are due, one patient after the other.

        Parameters
        ----------
        make : callable
            Makes one patient's files.
        **due
            What decides whose are due, as for `run_together`.

        Raises
        ------
        Exception
            The first that a patient raised, once all the others have been made; a disk that is full
            is one for all, and ends the job at once.
        """

        def one_by_one(patients: Sequence[str]) -> Iterator[tuple[str, Exception | None]]:
            for number, patient in enumerate(patients, start=1):
                _LOG.info("patient %s (%d of %d)", patient, number, len(patients))
                try:
                    make(patient)
                except DiskError:
                    raise
                except Exception as error:
                    yield patient, error
                else:
                    yield patient, None

        self.run_together(one_by_one, **due)

    def run_together(
        self,
        make: Callable[[Sequence[str]], Iterable[tuple[str, Exception | None]]],
        *,
        by: Any,
        of: Mapping[str, Any] | None = None,
        after: Iterable[str] = (),
        files: Iterable[str] = (),
    ) -> None:
        """Make the files of each patient who has none, or whose were made from something else.

        Parameters
        ----------
        make : callable
            Makes the files of the patients it is given, and tells of each as soon as they are
            whole, or what kept them from being made. It is not called for nobody.
        by : JSON value
            Code and settings: what decides about all patients' files.
        of : mapping, optional
            By patient: what decides about his or hers, a JSON value.
        after : iterable of str
            Ledgers of the jobs that made what is read.
        files : iterable of str
            Files that are read for every patient.

        Raises
        ------
        Exception
            What `make` raises, at once; the first that it tells of, once it is done.
        """
        before = [read_json(ledger)["made"] for ledger in after]
        shared = [by, [content_digest(Path(file)) for file in files]]
        made: dict[str, str] = {}
        failed: dict[str, Exception] = {}
        due: dict[str, str] = {}
        for patient in self.patients:
            read = [one[patient] for one in before if patient in one]
            source = _digest([shared, (of or {}).get(patient), read])
            kept = self._kept(patient, source)
            if kept is None:
                due[patient] = source
                self._receipt(patient).unlink(missing_ok=True)
            else:
                made[patient] = kept
        for patient, error in make(list(due)) if due else ():
            if error is None:
                made[patient] = self._sign(patient, due[patient])
            else:
                # what a library says may quote a header
                ours = isinstance(error, (TaceflowError, OwnFaultError))
                words = str(error) if ours else type(error).__name__
                _LOG.error("patient %s failed: %s", patient, words)
                failed[patient] = error
        if failed:
            _LOG.error(
                "%d of %s failed; the files of the others are kept",
                len(failed),
                counted(len(self.patients), "patient"),
            )
            raise next(iter(failed.values()))
        told = {patient: made[patient] for patient in self.patients}
        for file in (self.last, self.ledger):
            write_json({"again": self.again, "made": told}, file)

    def _place(self, pattern: str, patient: str) -> str:
        return f"{self.results}/{pattern.format(patient=patient)}"

    def _receipt(self, patient: str) -> Path:
        return Path(self.receipts, f"{patient}.json")

    def _outputs(self, patient: str) -> list[Path]:
        return [Path(self.path(patient, number)) for number in range(len(self.files))]

    def _kept(self, patient: str, source: str) -> str | None:
        """Return the digest of a patient's files, if they are there and made from `source`."""
        try:
            receipt = json.loads(self._receipt(patient).read_text(encoding="utf-8"))
            if receipt["source"] != source:
                return None
            outputs = self._outputs(patient)
            # a copy of the run's folder has other times
            if _facts(outputs) == receipt["facts"] or _content(outputs) == receipt["made"]:
                return receipt["made"]
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _sign(self, patient: str, source: str) -> str:
        outputs = self._outputs(patient)
        made = _content(outputs)
        receipt = {"source": source, "made": made, "facts": _facts(outputs)}
        write_json(receipt, self._receipt(patient))
        return made


def content_digest(path: Path) -> str:
    """Return the digest of a file's content, or of a folder's: names and contents.

    Raises
    ------
    FileNotFoundError
        If there is neither.
    """
    digest = hashlib.sha256()
    for file in _files(path):
        with file.open("rb") as opened:
            own = hashlib.file_digest(opened, "sha256").hexdigest()
        digest.update(f"{file.relative_to(path.parent)}\t{own}\n".encode())
    return digest.hexdigest()[:32]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file())


def _facts(paths: Iterable[Path]) -> list[list[Any]]:
    """Return names, sizes and times of files, by which a change shows without reading them."""
    files = [(file, file.stat()) for path in paths for file in _files(path)]
    return [[str(file), facts.st_size, facts.st_mtime_ns] for file, facts in files]


def _content(paths: Iterable[Path]) -> str:
    return _digest([content_digest(path) for path in paths])


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
