"""Provenance: what decides the numbers, and nothing about machine or user."""

import getpass
import json
import platform
import re

import scipy

from taceflow.code_digest import library_versions
from taceflow.report.provenance import (
    configuration_digest,
    workflow_digest,
    write_provenance,
)
from taceflow.version import VERSION


def make(tmp_path, finished, root, **config):
    finished.patients.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    (tmp_path / "model.json").write_text(json.dumps(finished.network))
    write_provenance(
        patients=str(tmp_path / "patients.tsv"),
        descriptions=[str(tmp_path / "model.json")],
        libraries=library_versions(),
        config={"run": "made", "tables": {"patients": "/home/somebody/x.tsv"}, **config},
        workflow="d" * 64,
        provenance=str(tmp_path / "provenance.json"),
    )
    return (tmp_path / "provenance.json").read_text()


def test_counts_and_versions(tmp_path, finished, root):
    content = json.loads(make(tmp_path, finished, root))
    assert content["n"] == 60
    assert content["events"] == int(finished.patients["event"].sum())
    assert content["cohorts"]["training"]["n"] == 40
    assert content["packages_of_the_networks"] == {"torch": "2.15.0"}
    assert content["packages"]["scipy"] == scipy.__version__
    assert content["packages"]["snakemake"]


def test_two_runs_are_the_same_and_name_nobody(tmp_path, finished, root):
    first = make(tmp_path, finished, root)
    assert make(tmp_path, finished, root) == first
    assert "somebody" not in first
    assert str(tmp_path) not in first
    assert f'"{platform.node()}"' not in first
    assert f'"{getpass.getuser()}"' not in first


def test_configuration_digest_follows_values_not_order():
    assert configuration_digest({"a": 1, "b": [2]}) == configuration_digest({"b": [2], "a": 1})
    assert configuration_digest({"a": 1}) != configuration_digest({"a": 2})


def test_workflow_digest_follows_code_and_nothing_else(tmp_path):
    rule, module = tmp_path / "workflow" / "rules" / "a.smk", tmp_path / "study" / "a.py"
    for file in (rule, module):
        file.parent.mkdir(parents=True)
        file.write_text("one")
    digests = [workflow_digest(tmp_path)]
    (tmp_path / "workflow" / "__pycache__").mkdir()
    (tmp_path / "workflow" / "__pycache__" / "a.py").write_text("x")
    (tmp_path / "workflow" / "picture.png").write_text("x")
    assert workflow_digest(tmp_path) == digests[0]
    for file in (rule, module):
        file.write_text("two")
        digests.append(workflow_digest(tmp_path))
    assert len(set(digests)) == 3


def test_taceflows_own_version_is_one_and_is_printed(tmp_path, finished, root, page):
    assert json.loads(make(tmp_path, finished, root))["taceflow"] == VERSION
    said = (root / "CITATION.cff").read_text()
    assert re.search(r"^version: (.+)$", said, re.MULTILINE)[1] == VERSION
    assert f"## {VERSION} " in (root / "CHANGELOG.md").read_text()
    rows = dict(re.findall(r"<tr><th scope=\"row\">([\w.-]+)</th><td>([^<]*)</td></tr>", page))
    assert (rows["taceflow"], rows["numpy"]) == (VERSION, "2.4.6")
