"""The configuration: an unknown key, a wrong kind, a missing key."""

import copy

import pytest
import yaml

from taceflow.configuration import validate_configuration
from taceflow.errors import ConfigurationError


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


def test_the_demo_configuration_is_valid(config):
    validate_configuration(config)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("radscore", "fold"), 5, ["unknown key", "radscore.fold", "folds"]),
        (("radscore", "horizon_months"), 36, ["radscore.family", "'binomial' was expected"]),
        (("radscore", "bootstraps"), 1, ["radscore.bootstraps"]),
        (("typo",), 1, ["unknown key", "'typo'"]),
        (("dlopctr", "epochs"), "many", ["dlopctr.epochs", "many"]),
        (("radscore", "family"), "ridge", ["radscore.family", "ridge"]),
        (("imaging", "spacing_mm"), [1.0, 1.0], ["imaging.spacing_mm"]),
        (("dlopctr", "pre_experiment", "epoch"), 1, ["dlopctr.pre_experiment.epoch"]),
        (("tables",), {"scans": "a.tsv"}, ["tables"]),
        (("patch", "window_hu"), [240, -160], ["patch.window_hu", "240 is not below -160"]),
        (("patch", "window_hu"), [0, 0], ["patch.window_hu"]),
        (("dlopctr", "learning_rate"), "1e-4", ["dlopctr.learning_rate", "write 0.0001"]),
        (("dlopctr", "weight_decay"), "1e-4", ["dlopctr.weight_decay", "write 0.0001"]),
        (("imaging", "phase_patterns", "arterial"), "art(", ["phase_patterns.arterial", "regex"]),
        (("survival", "horizons_months"), [12, 24, 12.0], ["horizons_months", "non-unique"]),
        (("run",), "demo\n", ["'run'", "does not match"]),
        (("tables",), {"patients": "a.tsv", "scan": "b"}, ["unknown key 'tables.scan'", "scans"]),
        (("tables",), {"patients": 3}, ["'tables.patients'", "3 is not of type"]),
        (("tables",), "a.tsv", ["'tables'", "fits none"]),
        (("archive",), {"root": ""}, ["'archive.root'"]),
        (("dlopctr", "dropout"), 1.5, ["'dlopctr.dropout'", "1.5 is greater than"]),
        (("tables",), {"patients": "a{b.tsv"}, ["'tables.patients'", "a{b.tsv", "rename"]),
        (("archive",), {"root": "ct}", "ids": "{x}.tsv"}, ["'archive.root'", "'archive.ids'"]),
        (("dlopctr", "backbone"), "{net}.pth", ["'dlopctr.backbone'", "{net}.pth", "rename"]),
        (("radiomics", "panel"), "{p}.yaml", ["'radiomics.panel'", "{p}.yaml", "rename"]),
    ],
)
def test_a_bad_key_is_named(config, path, value, words):
    changed = copy.deepcopy(config)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ConfigurationError) as raised:
        validate_configuration(changed)
    assert all(word in str(raised.value) for word in words)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("age_years", "column 'age_years' stands twice"),
        *((name, f"column '{name}' is no variable") for name in ("patient_id", "cohort")),
        *((name, f"column '{name}' is no variable") for name in ("time_months", "event")),
    ],
)
def test_a_variable_that_can_be_none_is_named(config, column, words):
    config["survival"]["variables"].append({"column": column, "label": "More"})
    with pytest.raises(ConfigurationError, match=rf"'survival\.variables': {words}"):
        validate_configuration(config)


def test_a_truth_value_may_be_a_reference(config):
    config["survival"]["variables"][0]["reference"] = False
    validate_configuration(config)


def test_a_missing_key_is_named(config):
    del config["radscore"]["seed"]
    with pytest.raises(ConfigurationError, match=r"'radscore'.*'seed'"):
        validate_configuration(config)


def test_every_object_of_the_schema_is_closed(root):
    schema = yaml.safe_load((root / "workflow/schemas/config.schema.yaml").read_text())

    def objects(node, name):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield name, node
            for key, child in node.items():
                yield from objects(child, f"{name}.{key}")
        elif isinstance(node, list):
            for child in node:
                yield from objects(child, name)

    found = list(objects(schema, "config"))
    assert len(found) > 8
    assert [name for name, node in found if node.get("additionalProperties") is not False] == []
