"""Which job makes the files of which patients. Light: Snakemake asks while it plans jobs.

A job does a bucket of patients, and writes what was made of each into a ledger, the one file that
Snakemake knows of; `taceflow.files.patient_job` is the other side.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from taceflow.cohort.buckets import bucket_count, bucket_of
from taceflow.errors import InputError
from taceflow.wording.messages import nearest

PATIENT_FILES: Mapping[str, tuple[str, ...]] = {
    "synthetic_patient": ("synthetic/images/{patient}",),
    "import_patient": ("volumes/{patient}", "private/candidates/{patient}.json"),
    "resample": ("resampled/{patient}",),
    "quality_picture": (
        *("qc/{patient}.png", "qc/thumbnails/{patient}.png", "qc/{patient}.json"),
        "qc/slices/{patient}.js",
    ),
    "patch": ("patches/{patient}.nii.gz",),
    "embed": ("dlopctr/embeddings/{patient}.npz",),
    "extract_features": ("radiomics/patients/{patient}.tsv.gz",),
    "perturb_patient": ("radiomics/perturbed/{patient}.tsv.gz",),
    "patient_page": ("application/patients/{patient}.html", "application/patients/{patient}.pdf"),
}
"""The files and folders that each stage makes of a patient, below the run's folder."""


@dataclass(frozen=True)
class PatientJobs:
    """How a study's patients are shared among jobs.

    Attributes
    ----------
    results : str
        The run's folder.
    buckets : int
        Jobs of a stage, if every bucket has a patient.
    embedding_buckets : int
        Those of the stage ``embed``, whose jobs have more patients: each loads the network.
    """

    results: str
    buckets: int
    embedding_buckets: int

    @classmethod
    def of(
        cls, results: str, patients: Collection[str], each: int, each_embedding: int
    ) -> "PatientJobs":
        """Share patients among jobs of about `each` (`each_embedding`) patients or fewer."""
        counts = (bucket_count(len(patients), most) for most in (each, each_embedding))
        return cls(results, *counts)

    def ledger(self, stage: str, bucket: int | str = "{bucket}") -> str:
        """Return the ledger of a stage's job, of all its jobs as a pattern."""
        return f"{self.results}/made/{stage}/{bucket}.json"

    def ledgers(self, stage: str, patients: Collection[str]) -> list[str]:
        """Return the ledgers that tell of these patients."""
        used = sorted(self._shared(stage, patients))
        return [self.ledger(stage, bucket) for bucket in used]

    def members(self, stage: str, bucket: int | str, patients: Collection[str]) -> list[str]:
        """Return those of these patients who are in a bucket of a stage."""
        return self._shared(stage, patients).get(int(bucket), [])

    def files(self, stage: str, patients: Collection[str], number: int = 0) -> list[str]:
        """Return a file of each patient: of those that the stage makes, the one of this number."""
        pattern = f"{self.results}/{PATIENT_FILES[stage][number]}"
        return [pattern.format(patient=patient) for patient in patients]

    def told(
        self, stage: str, who: Callable[[], Collection[str]], reads: str = ""
    ) -> Callable[[Any], Any]:
        """Return a function of a job's wildcards: its `job`, of whom `who` then tells."""
        return lambda wildcards: self.job(stage, wildcards.bucket, who(), reads)

    def each(
        self, stage: str, who: Callable[[], Collection[str]], number: int = 0
    ) -> Callable[[Any], list[str]]:
        """Return a function of wildcards: `files` of those of whom `who` then tells."""
        return lambda wildcards: self.files(stage, who(), number)

    def ledger_of(self, file: str, patients: Collection[str]) -> str:
        """Return the ledger of the job that makes a patient's file, by its path below the run.

        Raises
        ------
        InputError
            If it is the file of a patient whom the tables do not have.
        """
        stage, patient = stage_and_patient(file)
        if patient not in patients:
            problem = f"no patient of the tables has the id {patient}"
            raise InputError(problem + nearest(patient, patients), file=file)
        return self.ledgers(stage, [patient])[0]

    def job(
        self, stage: str, bucket: int | str, patients: Collection[str], reads: str = ""
    ) -> dict[str, Any]:
        """Return what a job is told of itself, as `taceflow.files.patient_job.PatientJob` takes it.

        ``reads`` is the stage whose first file of a patient the job reads.
        ``again`` grows by one as soon as a file is not what the ledger tells: deleted, or made from
        something else by the job of another bucket, while patients were shared out otherwise.
        The job writes it into its ledger: so the parameter, by whose change Snakemake sees that
        there is something to do, is the same before and after the job. A copy is read, as whoever
        runs a job asks once more when Snakemake has deleted the ledger.
        """
        members = self.members(stage, bucket, patients)
        last = f"{self.results}/made/{stage}/last/{bucket}.json"
        again, known, written_ns = _read(Path(last))
        known = {patient: known[patient] for patient in members if patient in known}
        receipts = f"{self.results}/made/{stage}/patients"
        lost = not all(
            Path(self.results, pattern.format(patient=patient)).exists()
            for pattern in PATIENT_FILES[stage]
            for patient in known
        ) or not all(
            _holds(Path(receipts, f"{patient}.json"), made, written_ns)
            for patient, made in known.items()
        )
        return {
            "results": self.results,
            "files": list(PATIENT_FILES[stage]),
            "reads": PATIENT_FILES[reads][0] if reads else "",
            "patients": members,
            "again": again + lost,
            "receipts": receipts,
            "last": last,
        }

    def _shared(self, stage: str, patients: Collection[str]) -> dict[int, list[str]]:
        buckets = self.embedding_buckets if stage == "embed" else self.buckets
        return _shared(tuple(patients), buckets)


def stage_and_patient(file: str) -> tuple[str, str]:
    """Return which stage makes a patient's file, and whose it is, by its path below the run."""
    for stage, patterns in PATIENT_FILES.items():
        for pattern in patterns:
            before, after = pattern.split("{patient}")
            patient = file.removeprefix(before).removesuffix(after)
            if f"{before}{patient}{after}" == file and "/" not in patient:
                return stage, patient
    raise ValueError(f"{file} is no patient's")


@lru_cache(maxsize=8)
def _shared(patients: tuple[str, ...], buckets: int) -> dict[int, list[str]]:
    """Return the patients by bucket: asked for of every job."""
    found: dict[int, list[str]] = {}
    for patient in patients:
        found.setdefault(bucket_of(patient, buckets), []).append(patient)
    return found


def _read(ledger: Path) -> tuple[int, Mapping[str, str], int]:
    """Return how often its job has made again what was deleted, a digest a patient, and when."""
    try:
        content = json.loads(ledger.read_text(encoding="utf-8"))
        return content["again"], {**content["made"]}, ledger.stat().st_mtime_ns
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0, {}, 0


def _holds(receipt: Path, made: str, written_ns: int) -> bool:
    """Say whether a patient's files are still those of a ledger, written at that time.

    A job of another bucket may have made others, while patients were shared out otherwise.
    """
    try:
        if receipt.stat().st_mtime_ns <= written_ns:
            return True
        return json.loads(receipt.read_text(encoding="utf-8"))["made"] == made
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False
