"""The conda environments install what the lock file says, and hold what their scripts import."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.requirements import Requirement

from taceflow.code_digest import import_closure

STAGES = ("download", "imaging", "radiomics", "dlopctr", "survival", "binomial", "report")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of_environment(root, stage):
    content = yaml.safe_load((root / "envs" / f"{stage}.yaml").read_text())
    (pip,) = [entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict)]
    return dict(entry.split(" ;")[0].split("==") for entry in pip)


def pins_of_lock(root, lock="runtime"):
    pins = {}
    for line in (root / "envs" / f"{lock}.lock").read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9_.-]+)==([^ ;\\]+)", line):
            pins.setdefault(match[1], set()).add(match[2])
    return pins


@pytest.mark.parametrize("stage", STAGES)
def test_an_environment_holds_the_locks_versions(root, stage):
    lock = pins_of_lock(root)
    pins = pins_of_environment(root, stage)
    assert len(pins) > 10
    assert {name: version for name, version in pins.items() if version not in lock[name]} == {}


@pytest.mark.parametrize("stage", STAGES)
def test_an_environment_takes_packages_of_conda_forge_alone(root, stage):
    """Without `nodefaults`, for which conda 26.7 looks as for a channel."""
    content = yaml.safe_load((root / "envs" / f"{stage}.yaml").read_text())
    assert content["channels"] == ["conda-forge"]
    *packages, _ = content["dependencies"]
    assert "conda-forge::python=3.11" in packages
    assert {package.partition("::")[0] for package in packages} == {"conda-forge"}


@pytest.fixture(scope="module")
def asked(root):
    """What pyproject.toml asks for, by stage."""
    content = tomllib.loads((root / "pyproject.toml").read_text())
    project = content["project"]
    stages = {
        stage: [*project["dependencies"], *own]
        for stage, own in project["optional-dependencies"].items()
    }
    stages["workflow"] += content["build-system"]["requires"]
    return stages | content["dependency-groups"]


def lacking(asked, pins):
    """What is asked for and not pinned, or pinned outside the range that is asked for."""
    versions = {normal(name): version for name, version in pins.items()}
    requirements = map(Requirement, asked)
    return [
        str(one)
        for one in requirements
        if not one.specifier.contains(versions.get(normal(one.name), "0"))
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_an_environment_holds_what_its_stage_asks_for(root, asked, stage):
    assert lacking(asked[stage], pins_of_environment(root, stage)) == []


def test_the_locks_hold_what_all_stages_and_the_build_ask_for(root, asked):
    assert set(asked) == {*STAGES, "workflow", "development"}
    runtime, development = (pins_of_lock(root, lock) for lock in ("runtime", "development"))
    for stage, wanted in asked.items():
        pins = development if stage == "development" else runtime
        assert lacking(wanted, {name: min(pins[name]) for name in pins}) == [], stage


def test_the_two_gpl_licences_never_meet(root, scripts_by_stage):
    for stage in STAGES:
        pins = pins_of_environment(root, stage)
        assert not {"scikit-survival", "glmstar"} <= set(pins)
    for script, _ in scripts_by_stage:
        modules = imported_modules(root / "workflow" / "scripts" / f"{script}.py")
        assert not {"sksurv", "glmnet"} <= modules, script


def imported_modules(script):
    """What a script and its modules import from other packages than the clone's own."""
    modules = set()
    for file in [script, *import_closure(script)]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.split(".")[0])
    return modules - {"taceflow"}


def test_every_script_finds_its_imports_in_its_environment(root, scripts_by_stage):
    distributions = packages_distributions()
    assert len(scripts_by_stage) > 20
    missing = {}
    for script, stage in scripts_by_stage:
        assert stage in STAGES, f"{script} has no conda environment"
        names = {normal(name) for name in pins_of_environment(root, stage)}
        for module in imported_modules(root / "workflow" / "scripts" / f"{script}.py"):
            owners = {normal(name) for name in distributions.get(module, [])}
            if owners and not owners & names:
                missing.setdefault(f"{script} ({stage})", []).append(module)
    assert missing == {}


def test_rules_are_parsed_with_what_the_workflows_list_holds(root, asked, tmp_path):
    rules = "".join(path.read_text() for path in (root / "workflow" / "rules").glob("*.smk"))
    imports = re.findall(r"^(?:from taceflow\S* )?import .+$", rules, flags=re.M)
    assert "from taceflow.code_digest import code_digest, library_versions" in imports
    (tmp_path / "imports.py").write_text("\n".join(imports))
    distributions = packages_distributions()
    modules = imported_modules(tmp_path / "imports.py")
    assert {"numpy", "pandas", "yaml"} <= modules
    owners = {normal(name) for module in modules for name in distributions.get(module, [])}
    assert owners <= {normal(Requirement(one).name) for one in asked["workflow"]}
