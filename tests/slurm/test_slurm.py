"""The small study through `profiles/slurm` on a real Slurm, with what goes wrong on one."""

import os
import subprocess
import sys
import threading
import time

import pytest

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(5400)]

TINY = ("--configfile", "tiny.yaml")
SLURM = ("--profile", "profiles/slurm", "--max-threads", "2", "--keep-going")
BROKEN = """
        with open("worked.txt", "a") as told:
            told.write("once\\n")
        from taceflow.errors import InputError

        raise InputError("the column 'event' holds a 7", file="patients.tsv", remedy="Mend it")
"""


def submit(project, *options, status=0):
    """Run Snakemake as a user of a cluster does; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--nocolor", *SLURM, *options, *TINY],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == status, done.stdout[-6000:]
    return done.stdout


def sent(told, rule):
    """How many jobs of a rule Slurm was given."""
    lines = told.splitlines()
    return sum("has been submitted" in line and f"/rule_{rule}/" in line for line in lines)


def edit(project, name, old, new):
    file = project.folder / "workflow" / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.fixture
def cancelled(cluster):
    """Cancel the first job of a rule that runs, as an administrator may; the list of its number."""
    found, done = [], threading.Event()

    def watch():
        while not done.wait(1):
            for line in cluster.jobs("%i %T %k"):
                number, state, comment = line.split()
                if state == "RUNNING" and comment == "rule_pre_experiment" and not found:
                    time.sleep(3)
                    cluster.call("scancel", number)
                    found.append(number)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield found
    done.set()
    watcher.join()


def test_a_job_that_no_node_can_hold_is_told_before_any_is_sent(project, cluster):
    told = submit(project, "--max-threads", "8", status=1)
    cores = os.cpu_count()
    if cores >= 8:
        pytest.skip(f"this node has {cores} processors")
    assert f"no node of this cluster has more than {cores} processors" in told
    assert "selection_frequency" in told
    assert cluster.jobs() == []


def test_a_study_comes_to_its_report_whatever_befalls_its_jobs(project, cluster, cancelled):
    edit(project, "rules/dlopctr_backbone.smk", "memory_mb(2000)", "memory_mb(500)")
    edit(project, "scripts/survival/table_1.py", "params.code):\n", f"params.code):{BROKEN}")
    first = submit(project, status=1)
    assert sent(first, "dlopctr_backbone") == 2  # killed, then with twice the memory
    assert len(cancelled) == 1
    assert sent(first, "pre_experiment") == 2
    assert sent(first, "table_1") == 2
    assert "Not attempted again: InputError: the column 'event' holds a 7" in first
    assert (project.folder / "worked.txt").read_text() == "once\n"
    assert not (project.results / "report.html").exists()

    edit(project, "scripts/survival/table_1.py", BROKEN, "\n")
    second = submit(project)
    assert "Error in rule" not in second
    assert sent(second, "dlopctr_backbone") == 0
    assert (project.results / "report.html").is_file()
    assert not list((project.folder / ".snakemake" / "locks").glob("*"))
