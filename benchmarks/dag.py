"""What Snakemake's planning costs by cohort size: python benchmarks/dag.py --patients 100 1000.

Makes tables of patients whose images are empty files, and the real rules plan them: nothing is
computed, first results are made up. Prints a Markdown table with CPU seconds, wall seconds and the
largest resident memory of each call of Snakemake. Options that it does not know go to Snakemake.
"""

import argparse
import csv
import io
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from taceflow.study.patient_jobs import PATIENT_FILES, PatientJobs

ROOT = Path(__file__).resolve().parents[1]
RESULTS = "results/dag"
EACH, EACH_EMBEDDING = 20, 100
"""Patients a job, and a job of the network."""
CONFIGURATION = f"""run: dag
patients_per_job: {EACH}
dlopctr: {{patients_per_job: {EACH_EMBEDDING}}}
tables: {{patients: patients.tsv, scans: scans.tsv, segmentations: segmentations.tsv}}
"""
READ_TWICE = 10
"""Every tenth patient has the readings that repeat the main one."""
REPEATED = [(1, 2), (2, 1)]
LATE = "?"
"""In place of the number of jobs of a call that was stopped."""
ONE_TARGET = "extract_features"
"""The rule of which one output is asked for alone."""


SNAKEMAKE = (
    *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow" / "Snakefile")),
    *("--workflow-profile", str(ROOT / "profiles" / "default"), "--cores", "2", "--nocolor"),
)
"""Run in the cohort's folder; options that take many words come after."""


def main() -> None:
    """Print one line a call and cohort."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--limit", type=float, default=600, help="wall seconds a call may take")
    options, passed_on = parser.parse_known_args()
    load = os.getloadavg()[0]
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}; ")
    print(f"Python {platform.python_version()}, Snakemake {version('snakemake')}\n")
    print("| patients | call | jobs | CPU s | wall s | MiB |\n|---|---|---|---|---|---|")
    for patients in options.patients:
        with tempfile.TemporaryDirectory(prefix="dag-") as folder:
            for cells in calls_of(Path(folder), patients, options.limit, passed_on):
                print(f"| {patients:,} | {' | '.join(cells)} |", flush=True)


def calls_of(
    folder: Path, patients: int, limit: float, passed_on: list[str]
) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each call for one cohort."""
    ids = write_tables(folder, patients)
    passed_on = [*passed_on, "--configfile", "dag.yaml"]

    def call(label: str, *arguments: str) -> tuple[str, ...]:
        return label, *measured(folder, limit, [*SNAKEMAKE, *arguments, *passed_on])

    def make_up(*targets: str, age: float = 0) -> list[tuple[str, str]]:
        """Make every output that is planned, so many seconds old; return paths and rules."""
        command = [*SNAKEMAKE, "--summary", *targets, *passed_on]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        rows = csv.DictReader(io.StringIO(done.stdout), dialect="excel-tab")
        outputs = [(row["output_file"], row["rule"]) for row in rows]
        for name, rule in outputs:
            make_output(folder / name, age)
            if rule in PATIENT_FILES:
                write_ledger(folder / name, rule, ids, age)
        return outputs

    yield call("dry run, cohort not known yet", "--dry-run")
    first = make_up(f"{RESULTS}/cohort/members.tsv", age=10)
    write_cohort(folder, [folder / name for name, rule in first if rule == "cohort"])
    yield call("dry run, cohort known", "--dry-run")
    target = next(name for name, rule in make_up() if rule == ONE_TARGET)
    set_age(folder / target, 30)  # older than what it is made of: it is due
    yield call(f"one target, {target.removeprefix(RESULTS + '/')}", "--dry-run", target)
    touched = call("all touched", "--touch", "--forceall")
    yield touched
    if touched[1] != LATE:
        yield call("nothing to do", "--dry-run")


def write_tables(folder: Path, patients: int) -> list[str]:
    """Write a configuration, its three tables, and an empty file for each image; return the ids."""
    ids = [f"P{number:06d}" for number in range(1, patients + 1)]
    readings = [
        (one, "arterial", reader, reading, f"images/{one}_{reader}_{reading}.nii.gz")
        for number, one in enumerate(ids)
        for reader, reading in [(1, 1), *(REPEATED if number % READ_TWICE == 0 else [])]
    ]
    tables = {
        "patients": pd.DataFrame({"patient_id": ids, "time_months": 12.0, "event": 1}),
        "scans": pd.DataFrame({"patient_id": ids, "phase": "arterial"}).assign(
            image=[f"images/{one}.nii.gz" for one in ids]
        ),
        "segmentations": pd.DataFrame(
            readings, columns=["patient_id", "phase", "reader", "reading", "mask"]
        ),
    }
    for name in (*tables["scans"]["image"], *tables["segmentations"]["mask"]):
        make_output(folder / name, 20)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
        set_age(folder / f"{name}.tsv", 20)
    (folder / "dag.yaml").write_text(CONFIGURATION)
    return ids


def write_ledger(ledger: Path, stage: str, ids: list[str], age: float) -> None:
    """Write what a job leaves: its ledger, and of its patients receipts and empty files."""
    jobs = PatientJobs.of(RESULTS, ids, EACH, EACH_EMBEDDING)
    told = jobs.job(stage, ledger.stem, ids)
    for pattern in PATIENT_FILES[stage]:
        for patient in told["patients"]:
            make_output(ledger.parents[2] / pattern.format(patient=patient), age)
    for patient in told["patients"]:
        make_output(ledger.parent / "patients" / f"{patient}.json", age)
    made = dict.fromkeys(told["patients"], "0" * 32)
    for file in (ledger, ledger.parent / "last" / ledger.name):
        make_output(file, age)
        file.write_text(json.dumps({"again": told["again"], "made": made}))
        set_age(file, age)


def write_cohort(folder: Path, outputs: list[Path]) -> None:
    """Write what planning reads of the cohort, now: all are in, a third of them for validation."""
    read = pd.read_csv(folder / "segmentations.tsv", sep="\t").drop(columns="mask")
    members = pd.DataFrame({"patient_id": read["patient_id"].unique()})
    members["cohort"] = [
        "validation" if number % 3 == 0 else "training" for number in range(len(members))
    ]
    read = read.assign(voxels=1000, volume_ml=1.0)
    nobody = pd.DataFrame(columns=["patient_id", "stage", "reason", "remedy"])
    tables = {"members": members, "readings": read, "exclusions": nobody}
    for file in outputs:
        if file.stem in tables:
            tables[file.stem].to_csv(file, sep="\t", index=False)
        set_age(file, 0)


def make_output(file: Path, age: float) -> None:
    """Make an empty file, or a folder where the name has no suffix, if it is not there."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix:
        file.touch()
    else:
        file.mkdir()
    set_age(file, age)


def set_age(file: Path, age: float) -> None:
    """Make a file so many seconds old: Snakemake compares times, with those of scripts too."""
    then = time.time() - age
    os.utime(file, (then, then))


def measured(folder: Path, limit: float, command: list[str]) -> tuple[str, str, str, str]:
    """Return jobs, CPU seconds, wall seconds and MiB of a call; jobs are `LATE` past the limit."""
    started = time.perf_counter()
    with (folder / "told.txt").open("w+") as told:
        process = subprocess.Popen(command, cwd=folder, stdout=told, stderr=subprocess.STDOUT)
        watcher = threading.Timer(limit, process.kill)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        watcher.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        words = told.read()
    late = process.returncode == -signal.SIGKILL
    if process.returncode and not late:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{words[-3000:]}")
    cpu = f"{used.ru_utime + used.ru_stime:.1f}"
    mib = f"{used.ru_maxrss / 1024:.0f}"
    clock = f"over {limit:.0f}" if late else f"{seconds:.1f}"
    return LATE if late else jobs_of(words), cpu, clock, mib


def jobs_of(words: str) -> str:
    """Return how many jobs a call planned or finished."""
    finished = re.findall(r"(?<=of )\d+(?= steps)", words)
    planned = re.findall(r"(?m)^total +(\d+)$", words)
    return f"{int([*planned[:1], *finished][-1]) if planned else 0:,}"


if __name__ == "__main__":
    main()
