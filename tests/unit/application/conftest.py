"""A made-up bundle, and the configuration that applies it."""

import copy
import json

import pytest
import yaml

from taceflow.bundle.assemble import SETTINGS
from taceflow.bundle.manifest import FORMAT
from taceflow.bundle.opened import open_model
from taceflow.files.archive import write_bundle
from taceflow.files.configuration import default_configuration
from taceflow.files.yaml_files import load_yaml

COX = {
    "kind": "cox",
    "baseline": {
        "times_months": [12.0, 36.0],
        "log_cumulative_hazard": [-1.0, 0.0],
        "last_follow_up_months": 36.0,
    },
    "n": 50,
    "events": 30,
    "cut_off": 0.1,
    "high_risk": "above",
    "cut_off_method": "median",
}


def cox(*terms, **coefficients):
    """A Cox model as a bundle stores it."""
    return COX | {
        "terms": list(terms),
        "variables": list(coefficients),
        "coefficients": coefficients,
        "centre": dict.fromkeys(coefficients, 0.0),
    }


def number(column):
    return {"column": column, "reference": None, "levels": []}


SEX = {"column": "sex", "reference": "female", "levels": ["male"]}


@pytest.fixture
def contents(root):
    """What a bundle of Cox models holds, to be changed by a test."""
    config = default_configuration()
    return {
        "manifest.json": {
            "format": FORMAT,
            "name": "demo",
            "title": None,
            "taceflow": "0.1.0",
            "code": {},
            "libraries": {},
            "needs_images": False,
            "models": {},
            "citations": [],
            "convolutions": None,
            "settings": copy.deepcopy(
                {section: {key: config[section][key] for key in keys}
                 for section, keys in SETTINGS.items()}
            ),
        },
        "radscore.json": {
            "family": "cox",
            "coefficients": {"original_firstorder_Mean": 2.0},
            "intercept": None,
        },
        "models.json": {
            "clinical": cox(SEX, number("afp_ng_ml"), **{"sex=male": 0.5, "afp_ng_ml": 0.001}),
            "radscore": cox(number("radscore"), radscore=1.0),
        },
        "panel.yaml": load_yaml(root / "config" / "radiomics.yaml"),
    }  # fmt: skip


@pytest.fixture
def opened(contents, tmp_path):
    """Write and open a bundle, its contents changed by a function."""

    def make(change=lambda contents: None, weights=()):
        change(contents)
        files = {
            name: (yaml.safe_dump if name.endswith(".yaml") else json.dumps)(content).encode()
            for name, content in contents.items()
        }
        files |= dict.fromkeys(weights, b"weights")
        write_bundle(files, str(tmp_path / "bundle"), str(tmp_path / "bundle.zip"))
        return open_model(str(tmp_path / "bundle.zip"), whole=True)

    return make
