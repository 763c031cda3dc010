"""The digest of a script's code: follows what it imports, and nothing else."""

import re
import sys
from importlib import metadata

import pytest
import yaml

from taceflow.code_digest import (
    BENEATH,
    LIBRARIES,
    _imported_names,
    _version,
    code_digest,
    import_closure,
    is_script,
    library_versions,
)
from taceflow.log import logging_to

SCRIPTS = "workflow/scripts"


@pytest.fixture
def project(tmp_path):
    for name, text in {
        "src/taceflow/__init__.py": "",
        "src/taceflow/tables.py": "X = 1\n",
        "src/taceflow/cox.py": "from taceflow.tables import X\n",
        "src/taceflow/figures/__init__.py": "",
        "src/taceflow/figures/forest.py": "from taceflow import cox\n",
        "src/taceflow/figures/roc.py": "import numpy\n",
        "workflow/scripts/figures/forest.py": "from taceflow.figures.forest import draw\n",
        "workflow/scripts/figures/roc.py": "from taceflow.figures.roc import draw\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "src" / "taceflow" / "workflow").symlink_to(tmp_path / "workflow")
    return tmp_path


def test_the_closure_holds_direct_and_indirect_imports(project):
    closure = import_closure(project / SCRIPTS / "figures" / "forest.py", project / "src")
    assert {str(path.relative_to(project / "src")) for path in closure} == {
        "taceflow/__init__.py",
        "taceflow/figures/__init__.py",
        "taceflow/figures/forest.py",
        "taceflow/cox.py",
        "taceflow/tables.py",
    }


def test_an_edit_changes_the_digest_of_its_users_only(project):
    before = {name: code_digest(f"figures/{name}", project / "src") for name in ("forest", "roc")}
    (project / "src" / "taceflow" / "tables.py").write_text("X = 2\n")
    _imported_names.cache_clear()
    after = {name: code_digest(f"figures/{name}", project / "src") for name in ("forest", "roc")}
    assert after["forest"] != before["forest"]
    assert after["roc"] == before["roc"]


@pytest.mark.parametrize("script", ["survival_models", "performance", "optimism", "model_curves"])
def test_the_list_of_a_runs_files_reruns_no_model(root, script):
    closure = import_closure(root / SCRIPTS / "survival" / f"{script}.py")
    assert root / "src" / "taceflow" / "files" / "tables.py" in closure
    assert root / "src" / "taceflow" / "study" / "targets.py" not in closure


@pytest.fixture
def installed(monkeypatch):
    """Set what version of a library is installed."""
    real = metadata.version

    def set_version(name, version):
        def look_up(asked):
            if asked == name and version is None:
                raise metadata.PackageNotFoundError(name)
            return version if asked == name else real(asked)

        monkeypatch.setattr(metadata, "version", look_up)
        _version.cache_clear()

    yield set_version
    _version.cache_clear()


def test_another_version_of_a_library_changes_the_digest_of_its_users_only(installed):
    names = (
        "radscore/radscore_fit_cox",
        "radscore/radscore_fit_binomial",
        "survival/survival_models",
        "radiomics/extract_features",
    )
    before = {name: code_digest(name) for name in (*names, "imaging/patch", "figures/figure_km")}
    installed("scikit-survival", "99.0")
    after = {name: code_digest(name) for name in before}
    changed = {name for name in before if before[name] != after[name]}
    assert "radscore/radscore_fit_cox" in changed
    assert not changed & {
        "radscore/radscore_fit_binomial",
        "radiomics/extract_features",
        "imaging/patch",
    }
    # the modules are what they were
    assert all(before[name].split("-")[0] == after[name].split("-")[0] for name in before)
    installed("pyradiomics-bhklab", "99.0")
    assert code_digest("radiomics/extract_features") != before["radiomics/extract_features"]
    assert code_digest("imaging/resample") == code_digest("imaging/resample", pinned=True)
    extracted = code_digest("radiomics/extract_features")
    installed("pywavelets", "99.0")
    assert code_digest("radiomics/extract_features") != extracted


def test_environments_of_conda_count_by_their_files_and_a_build_is_its_version(installed, root):
    pins = yaml.safe_load((root / "envs" / "survival.yaml").read_text())["dependencies"][-1]["pip"]
    (pin,) = (pin for pin in pins if pin.startswith("scipy=="))
    of_files = pin.split("==")[1].split(" ")[0]
    before = code_digest("survival/survival_models", pinned=True)
    installed("scipy", "99.0")
    assert library_versions(pinned=True)["scipy"] == of_files
    assert library_versions()["scipy"] == "99.0"
    assert code_digest("survival/survival_models", pinned=True) == before
    # where it is not installed, jobs have environments of their own
    installed("scipy", None)
    assert library_versions()["scipy"] == of_files
    installed("torch", "2.15.0+cpu")
    assert library_versions()["torch"] == "2.15.0"


def test_every_library_is_one_that_an_environment_holds(root):
    owners = metadata.packages_distributions()
    pins = "".join(path.read_text() for path in (root / "envs").glob("*.yaml"))
    for module, name in LIBRARIES.items():
        if module != "snakemake":
            assert f'"{name}==' in pins, name
        assert name in {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners[module]}
    assert all(f'"{name}==' in pins for name in BENEATH.values())
    for path in [*(root / "src").rglob("*.py"), *(root / SCRIPTS).rglob("*.py")]:
        for module in {name.split(".")[0] for name in _imported_names(path)}:
            # what makes no number: tables' files and schemas, documents, downloads
            known = {"taceflow", "PIL", "docx", "idc_index_data", "jinja2", "jsonschema"}
            known |= {
                "markupsafe",
                "openpyxl",
                "safetensors",
                "yaml",
                "pyarrow",
                *sys.stdlib_module_names,
            }
            assert module in known | set(LIBRARIES), f"{module} in {path.name}"


def test_code_that_was_changed_after_the_plan_stops_the_job(project, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("taceflow.code_digest.SOURCE", project / "src")
    planned = code_digest("figures/forest", project / "src")
    log, script = str(tmp_path / "job.log"), str(project / SCRIPTS / "figures" / "forest.py")
    with logging_to(log, script, planned):
        pass
    (project / "src" / "taceflow" / "tables.py").write_text("X = 2\n")
    with pytest.raises(SystemExit), logging_to(log, script, planned):
        pytest.fail("the job went on")
    told = capfd.readouterr().err
    assert "was changed while the run was at work: run again" in told
    assert "Traceback" not in told
    # another library alone, as on another machine of a cluster, stops no job
    (project / "src" / "taceflow" / "tables.py").write_text("X = 1\n")
    with logging_to(log, script, planned.split("-")[0] + "-00000000"):
        pass


def test_every_script_checks_its_code(root):
    for script in (root / SCRIPTS).rglob("*.py"):
        assert "logging_to(snakemake.log[0], __file__, snakemake.params.code)" in script.read_text()


def test_every_rule_names_its_own_script(root):
    for file in (root / "workflow" / "rules").glob("*.smk"):
        for rule in re.split(r"^ *(?:rule|checkpoint) ", file.read_text(), flags=re.M)[1:]:
            script = re.search(r'scripts/(\w+/\w+)\.py"', rule)
            if script:
                assert f'code=code_digest("{script[1]}"),' in rule


def test_a_script_is_known_by_its_name():
    assert is_script("imaging/resample")
    assert not is_script("imaging/nothing")
