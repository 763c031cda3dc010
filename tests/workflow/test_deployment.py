"""Which code runs: a clone's own, or that of a git address with the package installed beside it."""

import shutil
import subprocess

import pytest

SNAKEFILE = """
configfile: "tiny.yaml"


module taceflow:
    snakefile:
        github("taceflow/taceflow", path="workflow/Snakefile", tag="{tag}")
    config:
        config


use rule * from taceflow
"""
TABLE = "results/{run}/synthetic/patients.tsv"


@pytest.fixture
def address(project, installed, tmp_path, monkeypatch):
    """A repository with a tag for each version, and a folder that points to it by an address."""
    version = project.folder / "src" / "taceflow" / "version.py"

    def git(*arguments):
        who = ("-c", "user.name=taceflow", "-c", "user.email=taceflow@localhost")
        subprocess.run(["git", *who, *arguments], cwd=project.folder, check=True)

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "as it is")
    git("tag", "v1")
    version.write_text(version.read_text().replace('VERSION = "', 'VERSION = "9.'))
    git("commit", "--quiet", "--all", "--message", "another version")
    git("tag", "v2")
    shutil.copytree(project.folder, tmp_path / "hosted" / "taceflow")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path}/hosted/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/taceflow/")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(installed))
    for path in project.folder.iterdir():
        if path.name != "tiny.yaml":
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def point_to(tag):
        (project.folder / "Snakefile").write_text(SNAKEFILE.format(tag=tag))
        return project

    return point_to


def test_rules_from_a_git_address_run_with_the_installed_package(address):
    deployed = address("v1")
    planned = deployed.snakemake("-n").planned
    assert planned["synthetic_patient"] == 29
    assert planned["report"] == 1
    deployed.snakemake(table := TABLE.format(run="tiny"))
    assert (deployed.folder / table).is_file()
    assert deployed.snakemake("-n", table).planned == {}


def test_an_installed_package_of_another_version_is_refused(address):
    told = address("v2").snakemake("-n", status=1).output
    assert "rules and installed package differ in version" in told


def test_a_clone_runs_its_own_code_whatever_is_installed(project, tmp_path, monkeypatch):
    old = tmp_path / "installed" / "taceflow"
    old.mkdir(parents=True)
    (old / "__init__.py").write_text("raise ImportError('an old version')\n")
    monkeypatch.setenv("PYTHONPATH", str(old.parent))
    project.snakemake(table := TABLE.format(run="demo"))
    assert (project.folder / table).is_file()
