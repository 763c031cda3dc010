"""What a release states of itself is one and true."""

import json
import re
import runpy
import shutil
import subprocess
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from taceflow.version import VERSION

FILES = ("CITATION.cff", "CHANGELOG.md", "ro-crate-metadata.json")


@pytest.fixture(scope="module")
def release(root):
    return runpy.run_path(str(root / ".ci" / "release.py"))


@pytest.fixture(scope="module")
def crate(root):
    graph = json.loads((root / "ro-crate-metadata.json").read_text())["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)
    return {entity["@id"]: entity for entity in graph}


@pytest.fixture
def ready(root, tmp_path):
    """A repository that may be released."""
    for name in FILES:
        shutil.copy(root / name, tmp_path)
    changes = tmp_path / "CHANGELOG.md"
    day = re.search(r'"datePublished": "(.*)"', (root / FILES[2]).read_text())[1]
    said = re.sub(r"^## .*", f"## {VERSION} ({day})", changes.read_text(), count=1, flags=re.M)
    changes.write_text(said)
    git = ["git", "-c", "user.name=taceflow", "-c", "user.email=taceflow@localhost"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    return tmp_path


def test_each_file_states_the_packages_version(root, release):
    assert set(release["stated"](root).values()) == {VERSION}


def test_a_repository_that_is_ready_lacks_nothing(ready, release):
    assert release["missing"](ready) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("CITATION.cff", f"version: {VERSION}", "version: 9.9.9", "CITATION.cff states 9.9.9"),
        ("CHANGELOG.md", f"## {VERSION}", "## 9.9.9", "CHANGELOG.md states 9.9.9"),
        ("CHANGELOG.md", r"\(\d[\d-]*\)", "(unreleased)", "CHANGELOG.md has no line"),
        ("CHANGELOG.md", r"\(\d{4}", "(1999", "CHANGELOG.md states 1999"),
        ("ro-crate-metadata.json", VERSION, "9.9.9", "ro-crate-metadata.json states 9.9.9"),
    ],
)
def test_what_is_not_ready_is_told(ready, release, file, old, new, told):
    text, found = re.subn(old, new, (ready / file).read_text(), count=1)
    assert found == 1
    (ready / file).write_text(text)
    problems = release["missing"](ready)
    assert any(problem.startswith(told) for problem in problems)
    assert f"not committed: {file}" in problems


def test_a_version_is_released_once(ready, release):
    subprocess.run(["git", "tag", f"v{VERSION}"], cwd=ready, check=True)
    (problem,) = release["missing"](ready)
    assert problem.startswith(f"the tag v{VERSION} is there already")


def test_the_crate_has_what_its_profile_asks_for(crate):
    """Workflow RO-Crate 1.0, which WorkflowHub reads."""
    descriptor, root_entity = crate["ro-crate-metadata.json"], crate["./"]
    assert descriptor["about"] == {"@id": "./"}
    assert {one["@id"] for one in descriptor["conformsTo"]} == {
        "https://w3id.org/ro/crate/1.1",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
    }
    assert {"name", "description", "license", "datePublished", "hasPart"} <= set(root_entity)
    workflow = crate[root_entity["mainEntity"]["@id"]]
    assert set(workflow["@type"]) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    language = crate[workflow["programmingLanguage"]["@id"]]
    assert (language["@type"], language["name"]) == ("ComputerLanguage", "Snakemake")
    assert crate[workflow["image"]["@id"]]["@type"] == ["File", "ImageObject"]
    assert crate["README.md"]["about"] == {"@id": "./"}


def types(entity):
    return {entity["@type"]} if isinstance(entity["@type"], str) else set(entity["@type"])


def references(value):
    """Yield the id of each entity that a value refers to."""
    if isinstance(value, dict):
        yield from [value["@id"]] if set(value) == {"@id"} else ()
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from references(one)


def test_what_the_crate_names_is_there(root, crate):
    parts = {one["@id"] for one in crate["./"]["hasPart"]}
    data = {name for name, entity in crate.items() if {"File", "Dataset"} & types(entity)}
    assert data - {"./"} == parts
    assert [name for name in parts if not (root / name).exists()] == []
    named = {name for entity in crate.values() for name in references(entity)}
    assert [name for name in named - set(crate) if not name.startswith("https://")] == []


def test_the_crates_snakemake_is_the_one_that_is_installed(root, crate):
    language = crate["https://w3id.org/workflowhub/workflow-ro-crate#snakemake"]
    asked = (root / "pyproject.toml").read_text()
    assert f"snakemake[reports]=={language['version']}" in asked


def test_the_workflow_catalog_finds_what_it_looks_for(root):
    """Standardised usage: entry, instructions, and the keys that the catalog knows."""
    usage = yaml.safe_load((root / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}
    deployment = usage["software-stack-deployment"]
    assert set(deployment) == {"conda", "apptainer", "apptainer+conda"}
    assert deployment["conda"] is True
    for file in ("workflow/Snakefile", "config/README.md", "config/config.yaml"):
        assert (root / file).is_file()


def test_continuous_integration_runs_all_checks(root):
    content = yaml.safe_load((root / ".github" / "workflows" / "ci.yml").read_text())
    (job,) = content["jobs"].values()
    chromium, checks = (step["run"] for step in job["steps"] if "run" in step)
    assert chromium.endswith(".venv/bin/playwright install --with-deps chromium")
    assert checks == ".ci/run"
    (python,) = [step["with"]["python-version"] for step in job["steps"] if "python" in str(step)]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert python in SpecifierSet(project["requires-python"])
    assert (root / ".ci" / "run").stat().st_mode & 0o111


def test_the_changelog_of_a_release_is_read_in_one_go(root):
    """The pile of all changes came back with a merge once."""
    releases = re.split(r"^## ", (root / "CHANGELOG.md").read_text(), flags=re.M)[1:]
    assert [one.splitlines()[0] for one in releases if len(one.splitlines()) > 70] == []
