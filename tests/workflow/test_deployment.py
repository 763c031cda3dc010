"""Which code runs: a clone's own, or that of a git address with the package installed beside it."""

import shutil
import subprocess

import pytest

SNAKEFILE = """
configfile: "tiny.yaml"


module taceflow:
    snakefile:
        {where}, path="workflow/Snakefile", tag="{tag}")
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

    def point_to(tag, where='github("taceflow/taceflow"'):
        where = where.format(hosted=tmp_path / "hosted")
        (project.folder / "Snakefile").write_text(SNAKEFILE.format(where=where, tag=tag))
        return project

    return point_to


@pytest.mark.parametrize(
    "where",
    ['github("taceflow/taceflow"', 'gitfile("{hosted}/taceflow"'],
    ids=["github", "gitfile"],
)
def test_rules_from_a_git_address_run_with_the_installed_package(address, where):
    """The second is git+file: a clone on a disk, or a share of the hospital without a network."""
    deployed = address("v1", where)
    planned = deployed.snakemake("-n").planned
    assert planned["synthetic_patient"] == 4
    assert planned["report"] == 1
    deployed.snakemake(table := TABLE.format(run="tiny"))
    assert (deployed.folder / table).is_file()
    assert deployed.snakemake("-n", table).planned == {}


def test_what_snakedeploy_writes_plans_the_demo(root, address):
    """Version 0.17: the Snakefile in a folder of its own, copies of config and profiles."""
    deployed = address("v1")
    for name in ("config", "profiles"):
        shutil.copytree(root / name, deployed.folder / name)
    own = deployed.folder / "workflow" / "Snakefile"
    own.parent.mkdir()
    own.write_text((deployed.folder / "Snakefile").read_text().replace("tiny", "config/config"))
    (deployed.folder / "Snakefile").unlink()
    assert deployed.snakemake("-n").planned["synthetic_patient"] == 8


@pytest.mark.skipif(not shutil.which("snakedeploy"), reason="pip install snakedeploy")
def test_what_snakedeploy_itself_writes_plans_the_demo(address, tmp_path):
    deployed = address("v1")
    deployed.folder = tmp_path / "study"
    deployed.folder.mkdir()
    source = ("https://github.com/taceflow/taceflow", deployed.folder, "--tag", "v1")
    subprocess.run(["snakedeploy", "deploy-workflow", *source], check=True)
    assert deployed.snakemake("-n").planned["synthetic_patient"] == 8


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


def test_a_parent_names_the_rules_and_takes_the_defaults_of_a_clone_elsewhere(project, tmp_path):
    parent = tmp_path / "parent"
    parent.mkdir()
    (parent / "Snakefile").write_text(f"""
configfile: "{project.folder}/config/config.yaml"


module taceflow:
    snakefile:
        "{project.folder}/workflow/Snakefile"
    config:
        config


use rule * from taceflow as liver_*
""")
    project.folder = parent
    assert project.snakemake("-n", "liver_all").planned["liver_radscore_fit"] == 1


def test_rules_never_run_with_the_code_of_another_clone(project, tmp_path):
    copy = shutil.copytree(project.folder, tmp_path / "copy", symlinks=True)
    modules = [
        f"""
module {name}:
    snakefile:
        "{folder}/workflow/Snakefile"
    config:
        dict(config, run="{name}")


use rule * from {name} as {name}_*
"""
        for name, folder in (("here", project.folder), ("there", copy))
    ]
    parent = project.folder / "parent.smk"
    parent.write_text('configfile: "config/config.yaml"\n' + "".join(modules))
    told = project.snakemake("-n", "-s", str(parent), status=1).output
    assert f"the rules of {copy} would run with the code of {project.folder}" in told
    parent.write_text(parent.read_text().replace(str(copy), str(project.folder)))
    planned = project.snakemake("-n", "-s", str(parent), "here_all", "there_all").planned
    assert planned["here_radscore_fit"] == planned["there_radscore_fit"] == 1


def test_an_archive_unpacked_without_its_links_says_so(project):
    link = project.folder / "src" / "taceflow" / "workflow"
    link.unlink()
    link.write_text("../../workflow")
    assert "files in place of links" in project.snakemake("-n", status=1).output
