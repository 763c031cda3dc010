"""A run with images, and the items that the checklists ask."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from taceflow.report.checklist.finished_run import Run

PANEL = {
    "setting": {"binWidth": 25},
    "imageType": {"Original": {}, "LoG": {"sigma": [2.0]}},
    "featureClass": {"shape": None, "glcm": None},
}

_DEMO = yaml.safe_load(
    (Path(__file__).parents[4] / "config" / "config.yaml").read_text(encoding="utf-8")
)

CONFIG = _DEMO | {
    "tables": _DEMO["tables"] | {"patients": "/home/somebody/patients.tsv"},
    "radiomics": _DEMO["radiomics"] | {"panel": "/home/somebody/panel.yaml"},
    "survival": _DEMO["survival"]
    | {"variables": [{"column": "albi_score", "label": "ALBI score"}]},
}


@pytest.fixture
def items(root):
    """The items as the project keeps them."""
    path = root / "workflow" / "resources" / "checklists.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


@pytest.fixture
def run(finished):
    """A run with images."""
    tables = {name: finished.tables[name] for name in ("icc", "table_1", "performance")}
    tables |= {"patients": finished.patients, "exclusions": finished.exclusions}
    tables["acquisition"] = pd.DataFrame(
        {"patient_id": ["P001", "P002"], "deviations": ["x", None]}
    )
    model = {"n": 40, "events": 28, "cut_off": 0.1}
    described = {
        "radscore": finished.described["radscore"] | {"candidates": 30, "lambda": 0.1, "note": ""},
        "clinical_variables": {
            "variables": [],
            "candidates": 7,
            "selection": "univariate p < 0.05",
        },
        "models": {"clinical": model, "dlopctr": model},
        "network": {"settings": {"epochs": 500, "seeds": 5}},
        "backbone": {"source": "random"},
    }
    versions = {"pyradiomics-bhklab": "3.1.4"}
    return Run(
        CONFIG,
        PANEL,
        total=63,
        screening=(),
        is_synthetic=False,
        tables=tables,
        described=described,
        versions=versions,
    )


@pytest.fixture
def changed():
    """Return the run with other keys in a section of its configuration."""

    def change(run, section, **keys):
        return replace(run, config=run.config | {section: run.config[section] | keys})

    return change
