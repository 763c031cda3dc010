"""An installed copy reads a run's files and draws, without the project beside it."""

import subprocess
import sys

from taceflow.code_digest import code_digest
from taceflow.report.provenance import workflow_digest

NOTEBOOK = """
import pandas as pd
import taceflow.survival.kaplan_meier
from taceflow.code_digest import code_digest
from taceflow.errors import OwnFaultError
from taceflow.figures.kaplan_meier import Panel, kaplan_meier_figure
from taceflow.files.folders import PACKAGE
from taceflow.files.tables import read_table, write_table
from taceflow.report.provenance import workflow_digest

table = pd.DataFrame({"patient_id": ["001", "002"], "stage": "imaging"})
table = table.assign(reason="no arterial scan", remedy="look for it")
write_table(table, "exclusions.tsv", "exclusions")
assert read_table("exclusions.tsv", "exclusions").equals(table)
try:
    write_table(table, "wrong.tsv", "performance")
except OwnFaultError as error:
    assert "estimate" in str(error), error
patients = pd.DataFrame({"time_months": [3.0, 9.0, 12.0], "event": [1, 0, 1], "group": "all"})
panel = Panel("Demo", patients, {"all": "All"})
kaplan_meier_figure([[panel]], title="Demo").savefig("curves.svg")
print(PACKAGE.parent, code_digest("survival/table_1"), workflow_digest())
"""


def test_an_installed_copy_reads_and_draws_alone(installed, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    here = f"{code_digest('survival/table_1')} {workflow_digest()}"
    assert done.stdout == f"{installed} {here}\n"
    assert "svg" in (tmp_path / "curves.svg").read_text()


def test_it_holds_every_file_of_the_workflow(root, installed):
    files = [file for file in (root / "workflow").rglob("*") if file.is_file()]
    files = [file for file in files if "__pycache__" not in file.parts]
    assert len(files) > 150
    for file in (*files, *root.glob("envs/*.yaml"), *root.glob("config/*.yaml")):
        copy = installed / "taceflow" / file.relative_to(root)
        assert copy.read_bytes() == file.read_bytes(), file
