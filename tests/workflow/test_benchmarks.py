"""Every benchmark runs; its numbers, on next to nothing, mean nothing here."""

import os
import subprocess
import sys

import pytest

SMALL = {
    "catalogue": "--files 40 --threads 1",
    "dag": "--patients 30",
    "dlopctr": "--device cpu --small",
    "import": "--patients 1 --slices 12",
    "radiomics": "--sizes 20 --readings 1 --columns 64",
    "radscore": "--patients 60 --features 20 --folds 3 --bootstraps 2 --threads 1",
    "stages": "{run} --gantt {run}/gantt.svg",
}
LAST_WORDS = {
    "catalogue": "100 new",
    "dag": "| 30 | nothing to do | 0 |",
    "dlopctr": "times. Start of a process",
    "import": "taceflow, read",
    "radiomics": "times without start-up",
    "radscore": "frequency  ",
    "stages": "sum over 2 jobs: 3 s wall, 2 s CPU, largest 50 MiB\n"
    "from the first job's start to the last one's end: 4 s; one after the other\n"
    "     0.0 s  resample 0 (1.0 s)\n     2.0 s  resample 1 (2.0 s)\n",
}


@pytest.fixture
def finished_run(tmp_path):
    """What two jobs of a run left."""
    rows = "s\tcpu_time\tmax_rss\n{}\t1.0\t{}\n"
    for number, seconds in enumerate((1.0, 2.0)):
        folder = tmp_path / "run" / "benchmarks" / "resample"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{number}.tsv"
        file.write_text(rows.format(seconds, 40 + 10 * number))
        os.utime(file, (1e9, 1e9 + 3 * number))
    return tmp_path / "run"


def test_each_benchmark_is_started_here(root):
    assert {file.stem for file in (root / "benchmarks").glob("*.py")} == set(SMALL)


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_benchmark_runs_to_its_end(root, finished_run, name):
    options = SMALL[name].format(run=finished_run).split()
    done = subprocess.run(
        [sys.executable, root / "benchmarks" / f"{name}.py", *options],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert LAST_WORDS[name] in done.stdout
