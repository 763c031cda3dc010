"""What the documentation of the results promises is made again if it is gone."""

import re
from pathlib import PurePosixPath
from types import SimpleNamespace

import pytest
import yaml

from taceflow.study import targets
from taceflow.study.patient_jobs import PATIENT_FILES

READINGS = ("reader1-1", "reader1-2", "reader2-1")


def promised(root):
    """Return the paths in the first column of the first table, as they stand there."""
    for line in (root / "docs" / "results.md").read_text().split("\nModels:")[0].splitlines():
        column = line.split("|")[1] if line.startswith("| `") else ""
        folder = stem = ""
        for name in re.findall(r"`([^`]+)`", column):
            if name.startswith("."):  # another kind of the file before
                yield f"{stem}{name}"
            elif name != "figures/" and not name.startswith(("logs/", "benchmarks/")):
                name = name if "/" in name else f"{folder}{name}"
                folder = f"{name.split('/')[0]}/" if "/" in name else ""
                stem = str(PurePosixPath(name).with_suffix(""))
                yield name


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


@pytest.fixture
def made(config):
    """Everything of a run that has all there is."""
    columns = frozenset({"albi_score", "bclc_b_substage"})
    config["radiomics"]["harmonise"]["by"] = "centre"
    names = targets.study_files(config, columns, READINGS)
    of_patients = [
        file for stage in targets.patient_stages(config) for file in PATIENT_FILES[stage]
    ]
    return [*names, *of_patients]


def test_what_is_promised_is_made_again(root, made):
    names = list(promised(root))
    assert len(names) > 60
    left_out = []
    for name in names:
        if name == "radiomics/perturbed/{patient}.tsv.gz":  # in `all` by its input function
            continue
        pattern = re.escape(name.rstrip("/"))
        pattern = pattern.replace(re.escape("{r}-{k}"), r"\d-\d")
        pattern = pattern.replace("/page_01\\.png", "")
        if not any(re.fullmatch(rf"{pattern}(\.\w+)?", one) for one in made):
            left_out.append(name)
    assert left_out == []


@pytest.mark.parametrize("is_validated", [False, True])
def test_what_an_applied_bundle_promises_is_made(root, config, is_validated):
    study = SimpleNamespace(
        is_fitted=False,
        is_validated=is_validated,
        has_images=True,
        model=SimpleNamespace(names=("manifest.json", "ranges.tsv")),
        unserved={"radscore": "", "clinical": "no value of age_years", "albi": ""},
    )
    names = set(targets.run_files(config, study))
    text = (root / "docs" / "model.md").read_text().partition("## Applied to new patients")[2]
    promised = re.findall(r"^\| `([^`{]+\.tsv)`", text, flags=re.M)
    assert len(promised) >= 4
    assert set(promised) <= names
    assert "model/opened/ranges.tsv" in names
    of_validation = {"report.html", "survival/recalibration.tsv", "figures/km_radscore.svg"}
    assert of_validation <= names if is_validated else not of_validation & names
    assert "figures/km_clinical.svg" not in names
    assert not [name for name in names if "clinical_variables" in name or "folds" in name]


def test_a_run_without_images_or_lasso_promises_neither(config):
    config["tables"] |= {"patients": "a.tsv", "features": "b.tsv"}
    config["radscore"]["family"] = "published"
    names = targets.study_files(config, frozenset(), ("reader1-1",))
    assert {"radscore/model.json", "survival/models.json", "cohort/series.tsv"} <= set(names)
    assert not [name for name in names if name.startswith(("dlopctr/", "qc/", "radscore/path"))]
    assert targets.patient_stages(config) == ()
    drawn = {name for name in names if name.endswith(".svg")}
    assert {"figures/km_clinical.svg", "figures/figure_s2d.svg"} <= drawn
    assert not [name for name in drawn if "dlop" in name or name.endswith(("s2b.svg", "s3.svg"))]
