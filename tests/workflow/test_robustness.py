"""A killed run resumes; two runs from scratch agree."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1500)


def test_a_killed_run_resumes_and_no_half_file_counts(project):
    project.options = ("--configfile", "tiny.yaml")
    target = "results/tiny/cohort/patients.tsv"
    command = [sys.executable, "-m", "snakemake", "--cores", "2", target, *project.options]
    with subprocess.Popen(
        command,
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        volumes = project.results / "volumes"
        deadline = time.monotonic() + 120
        while len(list(volumes.glob("*/ct.nii.gz"))) < 4 and time.monotonic() < deadline:
            assert process.poll() is None, "the run ended before it could be killed"
            time.sleep(0.02)
        # The whole process group at once, as a power cut would end it.
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    started = {file: file.stat().st_mtime_ns for file in volumes.glob("*/ct.nii.gz")}
    signed = {file.stem for file in project.results.glob("made/import_patient/patients/*.json")}
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--unlock", "--cores", "1", *project.options],
        cwd=project.folder,
        check=True,
        capture_output=True,
    )
    project.snakemake(target)
    # who was whole is not imported again
    kept = {file for file in started if file.parent.name in signed}
    assert kept
    assert {file: file.stat().st_mtime_ns for file in kept} == {
        file: started[file] for file in kept
    }
    for folder in volumes.iterdir():
        record = json.loads((folder / "import.json").read_text())
        assert (folder / "ct.nii.gz").exists() == (record["exclusion"] is None)
        assert not list(folder.glob(".writing-*"))
    assert len(list(volumes.iterdir())) == 29
    assert "Nothing to be done" in project.snakemake("-n", target).output


def test_code_that_is_edited_once_the_run_is_planned_leaves_no_result(project):
    project.options = ("--configfile", "tiny.yaml")
    target = "results/tiny/synthetic/patients.tsv"
    module = project.folder / "src" / "taceflow" / "synthetic" / "clinical.py"
    planned = module.read_text()
    # the last lines of the last rules: every digest has been taken
    last = project.folder / "workflow" / "rules" / "report.smk"
    rules = last.read_text()
    last.write_text(
        f'{rules}\n\nwith open("{module}", "a") as edited:\n    edited.write("# an edit\\n")\n'
    )
    told = project.snakemake(target, status=1).output
    assert "was changed while the run was at work: run again" in told
    assert not (project.folder / target).exists()
    last.write_text(rules)
    module.write_text(planned)
    project.snakemake(target)
    assert "Nothing to be done" in project.snakemake("-n", target).output


def test_two_runs_from_scratch_give_the_same_tables(tiny, project):
    """One has two cores, the other one: neither the clock nor the cores are in a number."""
    project.options = tiny.options
    project.snakemake("--cores", "1")
    tables = sorted(
        file.relative_to(tiny.results)
        for kind in ("tsv", "json")
        for file in tiny.results.rglob(f"*.{kind}")
        if file.relative_to(tiny.results).parts[0] not in ("logs", "benchmarks")
        # receipts tell the times of files
        and file.parent.name != "patients"
    )
    assert Path("made/resample/0.json") in tables
    assert len(tables) > 60
    tables.remove(Path("provenance.json"))
    differ = [
        str(name)
        for name in tables
        if (tiny.results / name).read_bytes() != (project.results / name).read_bytes()
    ]
    assert differ == []
