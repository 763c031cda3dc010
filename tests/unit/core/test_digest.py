"""The digest of a script's code: follows what it imports, and nothing else."""

import pytest

from taceflow.digest import SCRIPTS, _imported_files, code_digest, import_closure


@pytest.fixture
def scripts(tmp_path):
    package = tmp_path / "taceflow"
    (package / "figures").mkdir(parents=True)
    for name, text in {
        "taceflow/__init__.py": "",
        "taceflow/tables.py": "X = 1\n",
        "taceflow/cox.py": "from taceflow.tables import X\n",
        "taceflow/figures/__init__.py": "",
        "taceflow/figures/forest.py": "from taceflow import cox\n",
        "taceflow/figures/roc.py": "import numpy\n",
        "forest.py": "from taceflow.figures.forest import draw\n",
        "roc.py": "from taceflow.figures.roc import draw\n",
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_closure_holds_direct_and_indirect_imports(scripts):
    closure = import_closure(scripts / "forest.py", scripts)
    assert {str(path.relative_to(scripts)) for path in closure} == {
        "taceflow/__init__.py",
        "taceflow/figures/__init__.py",
        "taceflow/figures/forest.py",
        "taceflow/cox.py",
        "taceflow/tables.py",
    }


def test_an_edit_changes_the_digest_of_its_users_only(scripts):
    before = {name: code_digest(name, scripts) for name in ("forest", "roc")}
    (scripts / "taceflow" / "tables.py").write_text("X = 2\n")
    _imported_files.cache_clear()
    after = {name: code_digest(name, scripts) for name in ("forest", "roc")}
    assert after["forest"] != before["forest"]
    assert after["roc"] == before["roc"]


@pytest.mark.parametrize("script", ["survival_models", "performance", "optimism", "model_curves"])
def test_the_list_of_a_runs_files_reruns_no_model(script):
    closure = import_closure(SCRIPTS / f"{script}.py")
    assert SCRIPTS / "taceflow" / "survival" / "models" / "names.py" in closure
    assert SCRIPTS / "taceflow" / "targets.py" not in closure
