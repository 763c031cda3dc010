"""Fixtures that every test may use."""

import faulthandler
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "src", "workflow", "config", "profiles", "envs")
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"


CRASHES = ROOT / ".pytest_cache" / "crashes"
"""One file a run, gone when the run ends: the running test and, if the interpreter crashed, where
every thread was. On the screen the first lines, which count, are soon out of sight."""

_crash = pytest.StashKey[BinaryIO]()


def pytest_sessionstart(session) -> None:
    if "CI" in os.environ:  # the whole output is kept, but no file
        return
    CRASHES.mkdir(parents=True, exist_ok=True)
    session.config.stash[_crash] = told = (CRASHES / f"{os.getpid()}.txt").open("wb", buffering=0)
    faulthandler.enable(told)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item) -> None:
    if told := item.config.stash.get(_crash, None):
        told.seek(0)
        told.truncate()
        told.write(f"{item.nodeid}\n".encode())


def pytest_sessionfinish(session) -> None:
    if told := session.config.stash.get(_crash, None):
        faulthandler.disable()
        told.close()
        Path(told.name).unlink()


def pytest_report_header() -> list[str]:
    left = sorted(set(CRASHES.glob("*.txt")) - {CRASHES / f"{os.getpid()}.txt"})
    return [f"a run is still going, crashed or was killed: {file}" for file in left]


@dataclass
class Result:
    """How a call of snakemake ended."""

    status: int
    output: str

    @property
    def planned(self) -> dict[str, int]:
        """Jobs of each rule, from the statistics that a run begins with; none if nothing is due."""
        if "Job stats:" not in self.output:
            return {}
        lines = self.output.split("Job stats:")[1].splitlines()[3:]
        pairs = [line.split() for line in lines[: lines.index("")]]
        return {name: int(count) for name, count in pairs if name != "total"}


@dataclass
class Project:
    """A copy of the workflow."""

    folder: Path
    options: tuple[str, ...] = ()
    run: str = "tiny"

    @property
    def results(self) -> Path:
        return self.folder / "results" / self.run

    def made(self) -> dict[str, int]:
        """Every file that rules made, logs and benchmarks apart, with its time of change."""
        return {
            str(file.relative_to(self.results)): file.stat().st_mtime_ns
            for file in self.results.rglob("*")
            if file.is_file()
            and file.relative_to(self.results).parts[0] not in ("logs", "benchmarks")
            and not file.name.startswith(".")
        }

    def rebuild(self, *arguments: str) -> set[str]:
        """Run, and return the files that were made anew."""
        before = self.made()
        self.snakemake(*arguments)
        after = self.made()
        return {name for name, time in after.items() if before.get(name) != time}

    def snakemake(self, *arguments: str, status: int | None = 0) -> Result:
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nocolor"]
        done = subprocess.run(
            # --configfile takes every word that follows: options come last
            [*command, *arguments, *self.options],
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {"COLUMNS": "200"},
            check=False,
        )
        assert status is None or done.returncode == status, done.stdout[-6000:]
        return Result(done.returncode, done.stdout)


def copy_project(root: Path, target: Path, *options: str) -> Project:
    for part in PARTS:
        if (root / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / part, target / part, ignore=ignored, symlinks=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / part, target / part)
    shutil.copy(TINY, target / "tiny.yaml")
    return Project(target, options)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def installed(root, tmp_path_factory) -> Path:
    """Folder with a copy of the package, installed from this checkout."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "installed"))
    copy_project(root, source / "project")
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / file, source / "project")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    options = ["--no-build-isolation", "--target", target]
    subprocess.run([*pip, *options, source / "project"], check=True)
    return target


@pytest.fixture(scope="session")
def scripts_by_stage(root) -> list[tuple[str, str | None]]:
    """Each rule's script with the conda environment that the rule names."""
    pairs = []
    for file in sorted((root / "workflow" / "rules").glob("*.smk")):
        for rule in re.split(r"^(?:rule|checkpoint) ", file.read_text(), flags=re.M)[1:]:
            stage = re.search(r'envs/(\w+)\.yaml"', rule)
            script = re.search(r'scripts/(\w+/\w+)\.py"', rule)
            if script:
                pairs.append((script[1], stage[1] if stage else None))
    return pairs


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real cases and reference numbers beside the checkout; tests that need them skip without."""
    folder = Path(os.environ.get("TACEFLOW_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"reference data not found at {folder} (set TACEFLOW_SHARED_DATA)")
    return folder


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """An empty disk of 64 kB; where nobody may mount one the test is skipped."""
    disk = tmp_path / "small"
    disk.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(call, check=False).returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def project(root, tmp_path) -> Project:
    """A fresh copy of the workflow, nothing run."""
    return copy_project(root, tmp_path / "project")


@pytest.fixture(scope="session")
def run_study(root, tmp_path_factory):
    """Run a configuration from scratch in a copy of its own."""

    def run(name: str, *options: str) -> Project:
        made = copy_project(root, tmp_path_factory.mktemp(name) / "project", *options)
        made.run = name
        made.snakemake()
        return made

    return run


@pytest.fixture(scope="session")
def tiny(root, tmp_path_factory) -> Project:
    """A copy in which the tiny study has run from DICOM to report."""
    made = copy_project(
        root, tmp_path_factory.mktemp("tiny") / "project", "--configfile", "tiny.yaml"
    )
    made.snakemake()
    return made
